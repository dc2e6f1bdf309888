"""Laws of replay: each run of a description is fresh, whatever became of the one before."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from itertools import pairwise

from funcpipe_laws.declared.instance import Stream
from funcpipe_laws.declared.law import law
from funcpipe_laws.experiments.bench import Bench
from funcpipe_laws.experiments.comparing import alike, in_order
from funcpipe_laws.experiments.consumer import Plan, Shell
from funcpipe_laws.experiments.scripts import Script
from funcpipe_laws.experiments.subjects import build
from funcpipe_laws.simulation.trace import Trace

MARK = "law"


def in_turn(bench: Bench, *stages: Callable[[Shell], Awaitable[object]]) -> list[Trace]:
    """Run stages one after the other in one loop; the trace of each by itself.

    A stage that raises has a trace that says so, and the next one follows. The list is shorter if
    one of them was cancelled, or did not end by itself.
    """
    raised: dict[int, Exception] = {}

    async def consumer(shell: Shell) -> None:
        for number, stage in enumerate(stages):
            try:
                await stage(shell)
            except Exception as exc:
                raised[number] = exc
            bench.world.note(MARK, "mark")

    whole = bench.drive(consumer)
    marks = [i for i, event in enumerate(whole.events) if event.actor == MARK]
    bounds = [0, *(i + 1 for i in marks), len(whole.events) + 1]
    parts = [
        replace(
            whole,
            events=whole.events[a : b - 1],
            ending="raised" if number in raised else "returned",
            exception=raised.get(number),
        )
        for number, (a, b) in enumerate(pairwise(bounds))
    ]
    if len(marks) < len(stages):
        parts[-1] = replace(parts[-1], ending=whole.ending, exception=whole.exception)
    return parts[: len(stages)]


def drained(stream: Stream) -> Callable[[Shell], Awaitable[object]]:
    """A stage that runs a description to its end."""
    return lambda shell: shell.follow(Plan(), stream)


@law(
    "R1",
    "replay.twice",
    words="A description that is run again does it all again: same items, same effects.",
    symbols="run(t); run(t) = run(t) twice",
    takes=(),
    observes=("emit", "open"),
)
def twice(bench: Bench, subject: str, source: Script) -> None:
    """Two runs in one loop, one after the other."""
    stream = build(bench, subject, source)
    first, *again = in_turn(bench, drained(stream), drained(stream))
    bench.expect(again, f"the first of two runs ended: {first.exception!r}", first)
    alike(bench, subject, first, again[0])


@law(
    "R2",
    "replay.fresh_iterator",
    words="Every call of a description makes a new iterator.",
    symbols="t() is not t()",
    takes=(),
    observes=("opened",),
)
def fresh_iterator(bench: Bench, subject: str, source: Script) -> None:
    """Open twice, compare by identity."""
    stream = build(bench, subject, source)
    same: list[bool] = []

    async def consumer(shell: Shell) -> None:
        one, other = shell.open(stream), shell.open(stream)
        same.append(one.iterator is other.iterator)

    trace = bench.drive(consumer)
    bench.saw("opened")
    bench.expect(same == [False], "t() is t()", trace)


@law(
    "R3",
    "replay.after_a_partial_run",
    words="A run that was closed, cancelled or raised in leaves no trace in the next one.",
    symbols="partial(t); run(t) = run(t)",
    takes=(),
    observes=("partial", "emit"),
)
def after_a_partial_run(bench: Bench, subject: str, long: Script, stop: str) -> None:
    """Partial runs of growing length, a full run after each, against a twin's only run."""
    twin, stream = build(bench, subject, long), build(bench, subject, long)

    def partial(length: int) -> Callable[[Shell], Awaitable[object]]:
        async def stage(shell: Shell) -> None:
            await (_cancelled if stop == "cancel" else _closed)(shell, stream, length)
            await shell.settle()

        return stage

    pairs = [(partial(length), drained(stream)) for length in range(1, 4)]
    alone, *stages = in_turn(bench, drained(twin), *(stage for pair in pairs for stage in pair))
    bench.saw("partial")
    for full in stages[1::2]:
        bench.expect(
            (in_order(bench, subject, alone.items), alone.ending)
            == (in_order(bench, subject, full.items), full.ending),
            f"alone: {alone.exception or alone.items!r};"
            f" after a partial run: {full.exception or full.items!r}",
            alone,
            full,
        )
    bench.expect(
        len(stages) == 2 * len(pairs), f"a partial run raised {stages[-1].exception!r}", stages[-1]
    )


async def _cancelled(shell: Shell, stream: Stream, events: int) -> None:
    """A slow consumer in a task of its own, cancelled after so many external events."""
    task = asyncio.ensure_future(shell.follow(Plan(slow=True), stream))
    for _ in range(events):
        await shell.point("until the cancel")
    task.cancel()
    await asyncio.wait({task})


async def _closed(shell: Shell, stream: Stream, take: int) -> None:
    """Take some items, close."""
    await shell.follow(Plan(take=take), stream)


@law(
    "R4",
    "replay.acquires_anew",
    words="Every run acquires its own resource and hands that one to its stream.",
    symbols="acquisitions(n runs of using(r, k)) = n",
    takes=("using",),
    observes=("acquired",),
    shows_log=True,
)
def acquires_anew(bench: Bench, source: Script) -> None:
    """Two iterators of one description at a time, then a third run."""
    handed: list[int] = []

    def make_stream(resource: object) -> Stream:
        handed.append(getattr(resource, "run", -1))
        return bench.source(source)

    stream = bench.op.using(bench.resource(), make_stream)

    async def consumer(shell: Shell) -> None:
        one, other = shell.open(stream, "one"), shell.open(stream, "other")
        for run in (one, other):
            await run.pull()
        for run in (one, other):
            await run.close()
        await shell.follow(Plan(), stream)

    trace = bench.drive(consumer)
    bench.expect(handed == [0, 1, 2], f"three runs were handed the resources {handed}", trace)
