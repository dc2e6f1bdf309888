"""One run again and again, with a fault at each of its call-outs in turn; and what then holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from funcpipe_laws.declared.instance import Failure, Stream
from funcpipe_laws.declared.law import Broken
from funcpipe_laws.experiments.bench import Bench
from funcpipe_laws.experiments.consumer import DRAIN, Plan
from funcpipe_laws.simulation.callouts import CLEAN_UP, Callout, Fault, Hangs, Place, Raises
from funcpipe_laws.simulation.trace import Trace

Drive: TypeAlias = Callable[[Stream], Trace]
"""Runs a description, in one way or another."""
SECOND = Raises(RuntimeError, "a second fault")

SWEEPS = 3
"""Inputs for each operation: each of them is a sweep over all points of a run."""


@dataclass(frozen=True, slots=True)
class Struck:
    """A run in which faults struck, and what the same run is without them."""

    faults: Mapping[Place, Fault]
    reached: Sequence[Place]
    trace: Trace
    undisturbed: Trace
    stream: Stream
    picks: Sequence[int]

    @property
    def callout(self) -> Callout:
        """Where the first fault struck."""
        return next(iter(self.faults))[0]

    @property
    def fault(self) -> Fault:
        """The first fault."""
        return next(iter(self.faults.values()))

    def __str__(self) -> str:
        return _told(self.faults)


def fault_sweep(
    bench: Bench,
    build: Callable[[], Stream],
    fault: Fault,
    plan: Plan = DRAIN,
    *,
    acts: Callable[[Callout], bool] = lambda callout: True,
    drive: Drive | None = None,
) -> Iterator[Struck]:
    """The same consumer with the fault at each call-out of its run, one struck run each.

    `build` makes the description for each run; the schedule of a first, undisturbed run is repeated
    in all others. A `Hangs` is ended by a cancel when nothing else can move. `acts` says of which
    call-outs; `drive` runs a description by something else than the plan.
    """
    drive = drive or (lambda stream: bench.run(stream, plan))
    stream = build()
    before = len(bench.world.recorder.picks)
    bench.world.opened.clear()
    with bench.world.callouts.striking() as reached:
        undisturbed = drive(stream)
    picks = bench.world.recorder.picks[before:]
    for place in [*reached]:
        if acts(place[0]) and _fits(fault, place[0]):
            struck = strike(bench, build, {place: fault}, drive, undisturbed, picks)
            if struck is not None:
                bench.saw("struck")
                yield struck


def strike(
    bench: Bench,
    build: Callable[[], Stream],
    faults: Mapping[Place, Fault],
    drive: Drive,
    undisturbed: Trace,
    picks: Sequence[int],
) -> Struck | None:
    """One run with these faults; None if one of them had no opportunity."""
    stream = build()
    bench.world.opened.clear()  # In what is told, the only run of a source needs no number.
    with bench.world.replaying(picks), bench.world.callouts.striking(faults) as reached:
        try:
            trace = drive(stream)
        except Broken as broken:
            told = _told({place: fault for place, fault in faults.items() if place in reached})
            raise Broken(
                f"{told}: {broken.reason}" if told else broken.reason, *broken.sides
            ) from None
    if not faults.keys() <= set(reached):
        return None
    return Struck(faults, tuple(reached), trace, undisturbed, stream, picks)


def _told(faults: Mapping[Place, Fault]) -> str:
    return ", and then ".join(f"{callout} {fault}" for (callout, _), fault in faults.items())


def with_failing_clean_ups(
    bench: Bench, struck: Struck, build: Callable[[], Stream], plan: Plan
) -> Iterator[Struck]:
    """A struck run again, with each clean-up that came after its fault failing in turn."""

    def drive(stream: Stream) -> Trace:
        return bench.run(stream, plan)

    first = struck.reached.index(next(iter(struck.faults)))
    for place in struck.reached[first + 1 :]:
        if place[0].act in CLEAN_UP:
            faults = {**struck.faults, place: SECOND}
            both = strike(bench, build, faults, drive, struck.undisturbed, struck.picks)
            if both is not None:
                bench.saw("second fault")
                yield both


def _fits(fault: Fault, callout: Callout) -> bool:
    return callout.waits or isinstance(fault, Raises)


def all_closed(bench: Bench, struck: Struck, *, ahead: bool, nested: bool) -> None:
    """Break the law unless what was opened is closed, once, innermost first, and nothing lives.

    With `ahead`, a close may strike one that is under way; with `nested`, what was opened last is
    to be closed first.
    """
    trace = struck.trace
    cut_short = ahead or any(isinstance(fault, Hangs) for fault in struck.faults.values())
    open_still = trace.unreleased(started=cut_short)
    verb = "stays" if len(open_still) == 1 else "stay"
    bench.expect(not open_still, f"{struck}, and {', '.join(open_still)} {verb} open", trace)
    begun = Counter((e.actor, e.run) for e in trace.events if e.act in ("release", "closing"))
    again = [actor for (actor, _), times in begun.items() if times > 1]
    bench.expect(not again, f"{struck}, and {', '.join(again)} is closed twice", trace)
    if nested:
        _innermost_first(bench, struck)
    tasks = [task for task in trace.leaks.tasks if "made by the loop" not in task]
    # A library's own generators, with nothing of the user's in them, may be left by a failed close.
    failed = any(callout.act in CLEAN_UP for callout, _ in struck.faults)
    left = [*tasks, *(() if failed else trace.leaks.generators)]
    bench.expect(not left, f"{struck}, and there is still: {'; '.join(left)}", trace)


def _innermost_first(bench: Bench, struck: Struck) -> None:
    held: list[tuple[str, int]] = []
    for index, event in enumerate(struck.trace.events):
        key = (event.actor, event.run)
        if event.act in ("open", "acquired"):
            held.append(key)
        elif event.act in ("close", "released") and key in held:
            held.remove(key)
        elif event.act in ("closing", "release") and key in held:
            inside = held[held.index(key) + 1 :]
            bench.expect(
                not inside,
                f"{struck}, and {event.actor} is closed before {inside[-1][0] if inside else ''}"
                " inside it",
                struck.trace,
                at=index,
            )


FIRST_ONLY = ("item", "open", "acquire", "call", "body")
"""Call-outs that a library has to be able to give up; what it may do about a clean-up that never
ends, such as waiting for it, is for it to say."""


def can_be_given_up(callout: Callout) -> bool:
    """Whether a library has to give up what hangs there."""
    return callout.act in FIRST_ONLY


def given_up(bench: Bench, struck: Struck, *, ahead: bool) -> None:
    """Break the law unless a run that hangs ends by its cancel, with all closed."""
    if not struck.trace.count("cancel", "out"):
        return  # Nobody waited for it.
    bench.saw("given up")
    bench.expect(
        struck.trace.ending == "cancelled",
        f"{struck}, its consumer is cancelled, and yet it {struck.trace.outcome}",
        struck.trace,
    )
    all_closed(bench, struck, ahead=ahead, nested=False)


def is_fault(exc: BaseException | None, fault: Raises) -> bool:
    """Whether an exception is the one that a fault raised."""
    return type(exc) is fault.kind and exc.args == (fault.text,)


def tells_of(exc: BaseException | None, fault: Raises) -> bool:
    """Whether an exception is the one that a fault raised, or has it in a group, or as a context or
    cause.

    That a clean-up fails need not tell what was under way: of a generator that is closed, its
    `GeneratorExit` has no context.
    """
    seen: list[BaseException] = []
    unread = [exc]
    while unread:
        one = unread.pop()
        if one is None or any(one is other for other in seen):
            continue
        if is_fault(one, fault):
            return True
        seen.append(one)
        unread += [one.__cause__, one.__context__]
        unread += one.exceptions if isinstance(one, BaseExceptionGroup) else ()
    return False


def became_an_item(struck: Struck) -> bool:
    """Whether an exception was delivered as a failed item in place of being raised."""
    return struck.trace.exception is None and _failures(struck.trace) > _failures(
        struck.undisturbed
    )


def _failures(trace: Trace) -> int:
    return sum(isinstance(item, Failure) for item in trace.items)


def repeat(bench: Bench, stream: Stream, picks: Sequence[int], drive: Drive | None = None) -> Trace:
    """A run without a fault, at the schedule of an earlier one; to the end, if not by `drive`."""
    with bench.world.replaying(picks), bench.world.callouts.striking():
        return (drive or bench.run)(stream)
