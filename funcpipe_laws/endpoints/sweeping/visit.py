"""One visit: the application is called once, and what it has left is written down."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Literal

from funcpipe_laws.endpoints.sweeping.conversation import SLACK, Conversation
from funcpipe_laws.endpoints.sweeping.request import Request
from funcpipe_laws.endpoints.sweeping.steps import Step
from funcpipe_laws.endpoints.sweeping.watching import Suspended, Watch, birth, waiting_at
from funcpipe_laws.simulation.loops.tasks import shown
from funcpipe_laws.simulation.world import Event

Application = Callable[..., Awaitable[None]]
Ending = Literal["returned", "raised", "cancelled", "exited", "stuck", "endless"]

_SETTLING = 100
"""Rounds of the loop in which tasks that were cancelled can end, without time passing."""


@dataclass
class Visit:
    """What an application did in one visit, and what it left."""

    step: Step
    ending: Ending = "stuck"
    failure: str = ""
    """The exception that it ended with, and its line."""
    waits_at: str = ""
    """Where it waits, if it never ended."""
    status: int | None = None
    sends: int = 0
    receives: int = 0
    undelivered: int = 0
    is_complete: bool = False
    was_left: bool = False
    """Whether the client had left, or the task been cancelled, before the response was complete."""
    was_reached: bool = False
    """Whether the moment of the step came."""
    misuse: list[str] = field(default_factory=list)
    open: list[Suspended] = field(default_factory=list)
    """Async generators that were still open once all that could run without waiting had run."""
    dropped: list[Suspended] = field(default_factory=list)
    """Async generators that were left to the garbage collector, at any moment of the visit."""
    tasks: list[str] = field(default_factory=list)
    """Tasks that were still there then."""
    streams: int = 0
    events: tuple[Event, ...] = ()
    late: tuple[Event, ...] = ()
    """What happened only after the application had ended."""

    @property
    def pulled_in_vain(self) -> int:
        """Bodies sent to a client that had left, beyond the one that may have been under way."""
        return max(0, self.undelivered - SLACK)


def visit(
    loop: Any,
    app: Application,
    request: Request,
    step: Step,
    *,
    state: dict[str, Any],
    reads: int | None = None,
    is_first: bool = False,
) -> Visit:
    """Call the application once on a loop that is not running, and end what it left.

    With `reads`, a client that would stay leaves after that many sends: a stream may have no end.
    What the first visit leaves is not ended: an application may start something for good with its
    first request. Raises KeyboardInterrupt for Ctrl-C and nothing for what the application does.
    """
    watch, result = Watch(loop), Visit(step)
    with watch.profiling():
        server = _Server(loop, watch, app, request, step, reads)
        result.ending = server.run(state)
        _take_stock(server, result)
        cut = len(watch.events)
        _settle(server, result)
    result.events, result.late = tuple(watch.events[:cut]), tuple(watch.events[cut:])
    if not is_first:
        end_what_is_left(watch)
    return result


class _Server:
    """What a server does around one call of an application."""

    def __init__(
        self,
        loop: Any,
        watch: Watch,
        app: Application,
        request: Request,
        step: Step,
        reads: int | None,
    ) -> None:
        self.loop, self.watch, self.app = loop, watch, app
        self.request, self.step, self.reads = request, step, reads
        self.talk: Conversation | None = None
        self.failure = ""
        self.ending: Ending = "returned"
        self.task: asyncio.Task[None] | None = None

    def run(self, state: dict[str, Any]) -> Ending:
        """Run the application to its end, or to where it is clear that there is none."""
        self.task = self.loop.create_task(self._serve(state), name="the server's task")
        ending = self._advance()
        if (
            ending in ("stuck", "endless")
            and self.talk
            and self.talk.status is not None
            and self.reads
        ):
            # A stream that waits for its next event: a client that has seen enough leaves it.
            self.talk.depart()
            ending = self._advance()
        return ending

    def _advance(self) -> Ending:
        assert self.task is not None
        try:
            outcome = self.loop.advance(self.task)
        except SystemExit as exc:
            self.failure = described(exc)
            return "exited"
        return self.ending if outcome == "done" else outcome

    async def _serve(self, state: dict[str, Any]) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.watch.install()
        self.talk = talk = Conversation(
            self.request, self.step, self.watch, pause=self.loop.pause, reads=self.reads
        )
        talk.cancel = task.cancel
        try:
            talk.begin()
            await self.app(talk.scope(state), talk.receive, talk.send)
        except asyncio.CancelledError:
            self.ending = "cancelled"
        except SystemExit as exc:
            self.ending, self.failure = "exited", described(exc)
        except KeyboardInterrupt:
            raise
        except BaseException as exc:
            self.ending, self.failure = "raised", described(exc)
        kind = re.match(r"\w+", self.failure)
        self.watch.note("app", self.ending, kind and kind[0])


def _take_stock(server: _Server, result: Visit) -> None:
    talk, task = server.talk, server.task
    assert task is not None
    result.failure = server.failure
    if not task.done():
        result.waits_at = waiting_at(task)
    if talk is not None:
        result.status, result.sends, result.receives = talk.status, talk.sends, talk.receives
        result.undelivered, result.misuse = talk.undelivered, talk.misuse
        result.is_complete, result.was_left = talk.is_complete, talk.is_gone
    result.was_reached = result.was_left or not server.step.ends_early


def _settle(server: _Server, result: Visit) -> None:
    """Let run what can run without waiting, then see what is still there."""

    async def rounds() -> None:
        for _ in range(_SETTLING):
            await asyncio.sleep(0)

    # A loop that is stuck or endless stays so; what it holds is told by its ending.
    if result.ending not in ("stuck", "endless"):
        _quietly(server.loop, rounds())
        result.tasks = [birth(t) for t in server.watch.new_tasks() if t is not server.task]
        result.open = server.watch.suspended()
    result.dropped = list(server.watch.dropped)
    result.streams = server.watch.count()


def end_what_is_left(watch: Watch) -> None:
    """Cancel tasks and close generators, so that the next visit begins with a clean loop."""

    async def end() -> None:
        for _ in range(2):
            left = [t for t in watch.new_tasks() if t is not asyncio.current_task()]
            for task in left:
                task.cancel()
            if left:
                await asyncio.wait(left, timeout=watch.loop.pause)
        for generator in watch.open_streams():
            with suppress(Exception):
                await generator.aclose()

    _quietly(watch.loop, end())


def _quietly(loop: Any, work: Any) -> None:
    """Run some work to its end; what the application's leftovers do there is not looked at."""
    task = loop.create_task(work)
    for _ in range(2):
        with suppress(SystemExit):
            loop.advance(task)
        if task.done():
            return
        task.cancel()


def described(exc: BaseException) -> str:
    """An exception in one line, with the line of code that raised it."""
    if isinstance(exc, BaseExceptionGroup) and len(exc.exceptions) == 1:
        return described(exc.exceptions[0])
    text = " ".join(str(exc).split())
    trace = exc.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f" ({shown(trace.tb_frame.f_code.co_filename)}:{trace.tb_lineno})" if trace else ""
    return f"{type(exc).__name__}{': ' if text else ''}{text}{where}"
