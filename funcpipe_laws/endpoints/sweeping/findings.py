"""What is wrong with a visit: each fault with the place that it is told by."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from funcpipe_laws.endpoints.sweeping.conversation import ENOUGH
from funcpipe_laws.endpoints.sweeping.request import Request
from funcpipe_laws.endpoints.sweeping.steps import Step
from funcpipe_laws.endpoints.sweeping.visit import Visit
from funcpipe_laws.endpoints.sweeping.watching import Suspended
from funcpipe_laws.simulation.loops.tasks import shown

Kind = Literal[
    "open stream",
    "live task",
    "sent to nobody",
    "hangs",
    "never answers",
    "no answer",
    "answers twice",
    "raises",
    "exits",
    "wrong status",
    "lifespan",
    "threads",
    "time is up",
]

REMEDIES: dict[str, str] = {
    "open stream": "close it in every case: `async with aclosing(...)` around the loop over it,"
    " or a response class that closes its body",
    "live task": "cancel it and await it in a `finally`, or start it in a task group",
    "sent to nobody": "end the response when `receive()` gives `http.disconnect` (ASGI 2.3),"
    " and when `send` raises OSError (2.4)",
    "hangs": "wait for `http.disconnect` beside whatever else is waited for",
    "time is up": "allow more (--stream-seconds); without threads, so with `async def` endpoints"
    " and no to_thread, it is run on the simulated loop, where waiting takes no time",
}
"""What mends a fault, where that can be said."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a visit. Faults with the same kind and place are one."""

    kind: Kind
    place: str
    message: str

    @property
    def subject(self) -> str:
        """The place as a user may write it down: files as they are named in messages."""
        if self.kind != "open stream":
            return self.place
        file, _, function = self.place.rpartition(":")
        return f"{shown(file)}:{function}"


@dataclass(slots=True)
class Finding:
    """A fault, and the steps at which it was seen; `visit` is the first of them."""

    fault: Fault
    visit: Visit | None = None
    steps: list[Step] = field(default_factory=list)


def of_answer(visit: Visit, request: Request) -> Iterator[Fault]:
    """What is wrong with a visit that nobody ended: whether there is an answer to look at."""
    yield from _of_protocol(visit)
    waits = f": it waits at {visit.waits_at}" if visit.waits_at else ""
    if visit.ending in ("stuck", "endless") and visit.was_left:
        yield Fault("hangs", visit.waits_at, f"does not end when its client has left{waits}")
    elif visit.ending == "stuck":
        what = "never answers" if visit.status is None else "never ends its answer"
        yield Fault("never answers", visit.waits_at, f"{what}{waits}")
    elif visit.ending == "endless":
        yield Fault(
            "never answers", visit.waits_at, f"never comes to an end, without waiting{waits}"
        )
    elif visit.ending == "raised" and not visit.was_left and not _is_awaited(visit, request):
        yield Fault("raises", visit.failure, f"raises {visit.failure}")
    elif visit.ending == "cancelled" and not visit.was_left:
        yield Fault("raises", "cancelled", "raises CancelledError, which nobody has asked for")
    elif visit.ending == "returned" and not visit.is_complete and not visit.was_left:
        what = "without an answer" if visit.status is None else "in the middle of its answer"
        yield Fault("no answer", what, f"returns {what}")
    if visit.status is not None:
        yield from _of_status(visit.status, request)


def _is_awaited(visit: Visit, request: Request) -> bool:
    """Whether an exception adds nothing: it was told already, or the request wants its page."""
    return bool(visit.misuse) or (visit.is_complete and visit.status == request.status)


def _of_status(status: int, request: Request) -> Iterator[Fault]:
    wanted = request.status
    if status != wanted and (wanted is not None or status >= 400):
        hint = f"the request says {wanted}" if wanted else f"`status = {status}` if that is right"
        message = f"answers {status}, so that the endpoint was not looked at ({hint})"
        yield Fault("wrong status", str(status), message)


def of_visit(visit: Visit, request: Request) -> Iterator[Fault]:
    """What is wrong with any other visit."""
    yield from _of_protocol(visit)
    if visit.ending in ("stuck", "endless"):
        waits = f"it waits at {visit.waits_at}" if visit.waits_at else "it never waits"
        if not visit.step.ends_early:
            yield Fault(
                "never answers", visit.waits_at, f"does not end with a slow client: {waits}"
            )
            return
        when = "its client has left" if visit.step.act == "leaves" else "it has been cancelled"
        yield Fault("hangs", visit.waits_at, f"does not end when {when}: {waits}")
        return
    is_whole = not visit.step.ends_early and not visit.was_left
    if visit.ending == "raised" and is_whole and not _is_awaited(visit, request):
        yield Fault("raises", visit.failure, f"raises {visit.failure} with a slow client")
    yield from _of_leftovers(visit)


def _of_protocol(visit: Visit) -> Iterator[Fault]:
    for misuse in visit.misuse:
        yield Fault("answers twice", misuse, misuse)
    if visit.ending == "exited":
        yield Fault("exits", visit.failure, f"ends the process: {visit.failure}")


def _of_leftovers(visit: Visit) -> Iterator[Fault]:
    told = set()
    for stream in visit.dropped:
        if stream.pending:
            told.add(stream.name)
            message = f"{_place(stream)} is left to the garbage collector, {_state(stream)}"
            yield Fault("open stream", _key(stream), message)
    for stream in visit.open:
        if stream.name not in told and not _is_held(stream, visit):
            message = f"{_place(stream)} is left open, {_state(stream)}"
            yield Fault("open stream", _key(stream), message)
    for task in visit.tasks:
        yield Fault(
            "live task", task, f"the task {task} is still there when the response has ended"
        )
    if visit.pulled_in_vain:
        more = f"{visit.undelivered}{' or more' if visit.undelivered >= ENOUGH else ''}"
        message = f"sends {more} bodies to nobody: their items were pulled in vain"
        yield Fault("sent to nobody", "", message)


def _is_held(stream: Suspended, visit: Visit) -> bool:
    """Whether it has nothing to clean up, or is open only because of something else that is."""
    if stream.is_running:
        return bool(visit.tasks)
    holders = [(s.site[0], s.site[2]) for s in visit.open if s.pending and s is not stream]
    by = stream.iterated_by
    return not stream.pending or (by[0], by[2]) in holders


def notes(visit: Visit) -> Iterator[str]:
    """What was seen and is no fault: streams left open that have nothing to clean up."""
    for stream in (*visit.open, *visit.dropped):
        if not stream.pending and not stream.is_running:
            yield f"{_place(stream)} is left open, with nothing to clean up"


def _place(stream: Suspended) -> str:
    file, line, name = stream.site
    return f"{name} ({shown(file)}:{line})"


def _key(stream: Suspended) -> str:
    return f"{stream.site[0]}:{stream.site[2]}"


def _state(stream: Suspended) -> str:
    if stream.pending:
        blocks = ", ".join(f"`{block.what}` of line {block.line}" for block in stream.pending)
        state = f"inside {blocks}"
    else:
        state = "while somebody waits for its next item"
    return f"{state}; iterated by {stream.iterated_by}"
