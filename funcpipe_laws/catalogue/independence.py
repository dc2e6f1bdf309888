"""Laws of independence: runs of one description that are alive at the same time."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from funcpipe_laws.declared.instance import Stream
from funcpipe_laws.declared.law import law
from funcpipe_laws.experiments.bench import Bench
from funcpipe_laws.experiments.comparing import in_order, received
from funcpipe_laws.experiments.consumer import End, Plan, Run, Shell
from funcpipe_laws.experiments.scripts import Script
from funcpipe_laws.experiments.subjects import build
from funcpipe_laws.simulation.trace import Trace


async def _drain(run: Run) -> None:
    while await run.pull() is not End:
        pass


def _each_is_whole(bench: Bench, subject: str, trace: Trace, names: Sequence[str]) -> None:
    """The consumer drained one run called "out" before anything else."""
    alone = in_order(bench, subject, received(trace, "out"))
    for name in names:
        got = in_order(bench, subject, received(trace, name))
        lone_run_raised = trace.exception is not None and trace.count("raise", "out")
        bench.expect(
            not lone_run_raised, f"the run without another beside it {trace.outcome}", trace
        )
        bench.expect(
            got == alone and trace.exception is None,
            f"alone: {alone}; {name}, beside another: {trace.exception or got!r}",
            trace,
        )


@law(
    "X1",
    "independence.interleaved",
    words="Two iterators of one description, pulled in any order, both deliver the whole stream.",
    symbols="interleave(t(), t()) = (run(t), run(t))",
    takes=(),
    observes=("interleaved", "emit"),
)
def interleaved(bench: Bench, subject: str, source: Script, interleaving: Sequence[bool]) -> None:
    """Pull from one or the other as drawn, then drain both."""
    stream = build(bench, subject, source)

    async def consumer(shell: Shell) -> None:
        await shell.follow(Plan(), stream)
        runs = (shell.open(stream, "one"), shell.open(stream, "other"))
        for which in interleaving:
            await runs[which].pull()
        for run in runs:
            await _drain(run)

    trace = bench.drive(consumer)
    if {True, False} <= set(interleaving):
        bench.saw("interleaved")
    _each_is_whole(bench, subject, trace, ("one", "other"))


@law(
    "X2",
    "independence.close_one",
    words="Closing one iterator leaves the other alive, with its own resource still held.",
    symbols="aclose(t1) does not touch t2",
    takes=("using",),
    observes=("both open",),
    shows_log=True,
)
def close_one(bench: Bench, long: Script) -> None:
    """Pull once from both, close the first, drain the second."""
    stream: Stream = bench.op.using(bench.resource(), lambda _: bench.source(long))
    bench.needs_close(stream)

    async def consumer(shell: Shell) -> None:
        await shell.follow(Plan(), stream)
        one, other = shell.open(stream, "one"), shell.open(stream, "other")
        await one.pull()
        if await other.pull() is not End:
            bench.saw("both open")
        await one.close()
        await _drain(other)

    trace = bench.drive(consumer)
    _each_is_whole(bench, "using", trace, ("other",))
    held = 0
    for index, event in enumerate(trace.events):
        held += (event.actor, event.act) == ("r", "acquired")
        held -= (event.actor, event.act) == ("r", "release")
        if (event.actor, event.act) == ("other", "emit"):
            bench.expect(held, "an item arrived with no resource held", trace, at=index)
    acquired, released = trace.count("acquired", "r"), trace.count("released", "r")
    bench.expect(
        acquired == released == 3, f"3 runs: {acquired} acquired, {released} released", trace
    )


@law(
    "X3",
    "independence.two_tasks",
    words="Two iterators of one description, consumed by two tasks, both deliver the whole stream.",
    symbols="t() in task 1 | t() in task 2 = (run(t), run(t))",
    takes=(),
    observes=("emit",),
)
def two_tasks(bench: Bench, subject: str, source: Script) -> None:
    """The schedule decides how the two interleave."""
    stream = build(bench, subject, source)

    async def consumer(shell: Shell) -> None:
        await shell.follow(Plan(), stream)
        runs = (shell.open(stream, "one"), shell.open(stream, "other"))
        await asyncio.gather(*map(_drain, runs))

    _each_is_whole(bench, subject, bench.drive(consumer), ("one", "other"))
