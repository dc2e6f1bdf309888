"""Laws of cancellation: it surfaces, it cleans up, and it stays with the one it was meant for."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence

from funcpipe_laws.declared.instance import Value
from funcpipe_laws.declared.law import law
from funcpipe_laws.experiments.bench import Bench
from funcpipe_laws.experiments.comparing import in_order, received
from funcpipe_laws.experiments.consumer import DRAIN, End, Plan, Run, Shell
from funcpipe_laws.experiments.scripts import Hang, Raise, Script
from funcpipe_laws.experiments.subjects import build, merged

WHILE = 5.0
"""Seconds that a consumer waits for a source that never goes on."""


@law(
    "C1",
    "cancellation.surfaces",
    words="A consumer that is cancelled while it waits for an item ends as cancelled.",
    symbols="for all k: cancel at k => CancelledError",
    takes=(),
    observes=("cancel",),
)
def surfaces(bench: Bench, subject: str, short: Script) -> None:
    """Cancel at every iteration of the loop in turn."""
    _ends_as_cancelled(bench, subject, short, DRAIN)


def _ends_as_cancelled(bench: Bench, subject: str, source: Script, plan: Plan) -> None:
    for trace in bench.cancel_sweep(lambda: build(bench, subject, source), plan):
        bench.expect(
            trace.ending == "cancelled",
            f"cancelled, and yet it {trace.outcome}",
            trace,
        )


@law(
    "C2",
    "cancellation.leaves_nothing",
    words="After a cancelled consumer has ended, no task lives, no generator is open, no source and"
    " no resource is left.",
    symbols="for all k: cancel at k => nothing open",
    takes=(),
    observes=("cancel", "open"),
    shows_log=True,
)
def leaves_nothing(bench: Bench, subject: str, short: Script) -> None:
    """Cancel at every iteration of the loop in turn, and take stock each time."""
    for trace in bench.cancel_sweep(lambda: build(bench, subject, short)):
        # The cancel may have struck during a clean-up: that may be cut short.
        open_still = trace.unreleased(started=True)
        bench.expect(not open_still, f"still open: {', '.join(open_still)}", trace)
        left = [*trace.leaks.tasks, *trace.leaks.generators]
        bench.expect(not left, f"left behind: {'; '.join(left)}", trace)


@law(
    "C3",
    "cancellation.timeout",
    words="A consumer's asyncio.timeout around a stream ends in TimeoutError, with the task's count"
    " of cancel requests back at zero.",
    symbols="timeout(d): run(c(hang)) raises TimeoutError; cancelling() = 0",
    takes=(),
    observes=("timed out",),
)
def timeout(bench: Bench, hanging: Script, over: str) -> None:
    """A source that never goes on, through any operation."""
    stream = build(bench, over, hanging)
    requests: list[int] = []

    async def consumer(shell: Shell) -> None:
        try:
            async with asyncio.timeout(WHILE):
                await shell.follow(Plan(), stream)
        finally:
            requests.append(shell.main.cancelling())

    trace = bench.drive(consumer)
    asked = {event.detail for event in trace.of("s", "pull")}
    is_early = hanging.items.index(Hang()) not in asked or trace.events[-1].time < WHILE
    if trace.exception is None and is_early:
        return  # It had what it needed before, or another source has ended it.
    bench.expect(
        isinstance(trace.exception, TimeoutError),
        f"the timeout surfaced as {trace.exception or 'a normal end'!r}",
        trace,
    )
    bench.saw("timed out")
    bench.expect(requests == [0], f"cancelling() is {requests} after the timeout", trace)


@law(
    "C4",
    "cancellation.twice",
    words="A second cancel, wherever it strikes, leads to an end, and starts no release again.",
    symbols="for all j, k: cancel at j and k => ends; releases <= 1",
    takes=("using",),
    observes=("cancel", "release"),
    shows_log=True,
)
def twice(bench: Bench, layer: Sequence[str]) -> None:
    """Every pair of iterations; a run that hangs breaks the law by itself."""
    source = Script((Value(1),))

    def make() -> object:
        held = bench.op.using(bench.resource(), lambda _: bench.source(source))
        return bench.wrap(held, layer)

    for trace in bench.cancel_sweep(make, twice=True):
        if trace.count("cancel", "out") == 2:
            bench.saw("two cancels")
        bench.expect(trace.ending == "cancelled", f"cancelled, and yet it {trace.outcome}", trace)
        begun = Counter((e.actor, e.run) for e in trace.events if e.act == "release")
        again = [actor for (actor, _), n in begun.items() if n > 1]
        bench.expect(not again, f"released more than once: {again}", trace)


@law(
    "C5",
    "cancellation.of_a_source",
    words="A source of a merge that ends by a CancelledError of its own neither hangs the merge nor"
    " cancels its consumer.",
    symbols="merge(raise CancelledError, s): ends; cancelling() = 0; items of s delivered or error",
    takes=("merge",),
    observes=("source cancelled",),
)
def of_a_source(bench: Bench, sources: Sequence[Script]) -> None:
    """Beside the drawn sources, one that raises CancelledError."""
    own = Script((Value(0), Raise(asyncio.CancelledError)))
    stream = merged(bench, [own, *sources])
    requests: list[int] = []

    async def consumer(shell: Shell) -> None:
        try:
            await shell.follow(Plan(), stream)
        finally:
            requests.append(shell.main.cancelling())

    trace = bench.drive(consumer)
    if any(e.detail == "CancelledError" for e in trace.of("s0", "close")):
        bench.saw("source cancelled")
    bench.expect(requests == [0], "the consumer's task was cancelled", trace)
    if trace.exception is None:
        rest = Counter(map(repr, (i for s in sources for i in bench.expected(s.items))))
        lost = rest - Counter(map(repr, trace.items))
        bench.expect(not lost, f"the merge ended without {list(lost)}", trace)


@law(
    "C6",
    "cancellation.no_scope_across_items",
    words="A stream's own time limit is not running while its consumer works on an item.",
    symbols="timeout(s, d): emit; consumer takes longer than d => no timeout",
    takes=("timeout",),
    observes=("emit",),
    source="PEP 789",
)
def no_scope_across_items(bench: Bench, source: Script) -> None:
    """A source that is always ready, a consumer that is slower than the limit."""
    ready = Script(source.items, ready=True)
    stream = bench.op.timeout(bench.source(ready), 5.0)

    async def consumer(shell: Shell) -> None:
        run = shell.open(stream)
        for _ in range(len(source.items) + 1):
            await run.pull()
            await asyncio.sleep(60.0)
        await run.close()

    trace = bench.drive(consumer)
    bench.expect(
        trace.exception is None, f"the consumer's own work was timed: {trace.exception!r}", trace
    )


@law(
    "C7",
    "cancellation.spares_siblings",
    words="Cancelling the consumer of one iterator does not disturb another of the same"
    " description.",
    symbols="cancel(t1) does not touch t2",
    takes=(),
    observes=("emit", "cancelled"),
)
def spares_siblings(bench: Bench, subject: str, source: Script, take: int) -> None:
    """Two tasks; the first is cancelled after as many events as drawn."""
    stream = build(bench, subject, source)

    async def drain(run: Run) -> None:
        while await run.pull() is not End:
            pass

    async def consumer(shell: Shell) -> None:
        await shell.follow(Plan(), stream)
        one, other = shell.open(stream, "one"), shell.open(stream, "other")
        tasks = [asyncio.ensure_future(drain(run)) for run in (one, other)]
        for _ in range(take):
            await shell.point("until the cancel")
        tasks[0].cancel()
        await asyncio.wait(tasks)
        tasks[1].result()

    trace = bench.drive(consumer)
    alone, other = (in_order(bench, subject, received(trace, name)) for name in ("out", "other"))
    bench.expect(
        alone == other and trace.exception is None,
        f"alone: {alone}; beside one that was cancelled: {trace.exception or other!r}",
        trace,
    )


@law(
    "C8",
    "cancellation.during_close",
    words="A consumer that is cancelled while it waits for aclose() ends as cancelled.",
    symbols="for all k: cancel at k of aclose(c(s)) => CancelledError",
    takes=(),
    observes=("cancel",),
)
def during_close(bench: Bench, subject: str, long: Script) -> None:
    """Take one item, close, and cancel at every iteration in turn."""
    _ends_as_cancelled(bench, subject, long, Plan(take=1))
