"""Laws of tees: several streams that have the items of one run of a source."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from typing import Any
from weakref import WeakSet

from funcpipe_laws.declared.instance import Stream, Value
from funcpipe_laws.declared.law import law
from funcpipe_laws.experiments.bench import Bench
from funcpipe_laws.experiments.comparing import received
from funcpipe_laws.experiments.consumer import Shell
from funcpipe_laws.experiments.scripts import Script
from funcpipe_laws.simulation.trace import Trace

NAMES = ("one", "other")
LONG, FEW = 400, 40
"""Items of a long source; as many may be alive where all branches are read in step."""


def _two(bench: Bench, source: Stream) -> tuple[Stream, Stream]:
    left, right = bench.op.tee(source, 2)
    bench.saw("tee")
    return left, right


def _whole(bench: Bench, trace: Trace, source: Script, names: Sequence[str]) -> None:
    wanted = bench.expected(source.items)
    for name in names:
        got = received(trace, name)
        bench.expect(
            got == wanted and trace.exception is None,
            f"{name}: {trace.exception or got!r}, not {wanted}",
            trace,
        )


@law(
    "X4",
    "independence.branches",
    words="Each branch of a tee delivers the whole stream, in whatever order they are read, and the"
    " source runs once.",
    symbols="tee(s) = (a, b): run(a) = run(b) = run(s); s runs once",
    takes=("tee",),
    observes=("tee", "interleaved", "emit"),
)
def branches(bench: Bench, source: Script, interleaving: Sequence[bool], flag: bool) -> None:
    """Pull from one or the other as drawn, then drain both: in turn, or in two tasks."""
    streams = _two(bench, bench.source(source))

    async def consumer(shell: Shell) -> None:
        runs = [shell.open(stream, name) for stream, name in zip(streams, NAMES, strict=True)]
        for which in interleaving:
            await runs[which].pull()
        if flag:
            await asyncio.gather(*map(shell.drain, runs))
        else:
            for run in runs:
                await shell.drain(run)
        for run in runs:
            await run.close()

    trace = bench.drive(consumer)
    if {True, False} <= set(interleaving):
        bench.saw("interleaved")
    _whole(bench, trace, source, NAMES)
    bench.expect(trace.count("open", "s") == 1, f"{trace.count('open', 's')} runs of it", trace)
    given = trace.count("give", "s")
    bench.expect(given == len(source.items), f"{given} items were pulled", trace)


@law(
    "X5",
    "independence.close_one_branch",
    words="Closing one branch of a tee leaves the other whole; when both are closed, so is the"
    " source.",
    symbols="tee(s) = (a, b): aclose(a); run(b) = run(s); aclose(b): s closed",
    takes=("tee",),
    observes=("tee", "closed early"),
    shows_log=True,
)
def close_one_branch(bench: Bench, long: Script, flag: bool) -> None:
    """Pull once from both, close the first; drain the second, or close it too."""
    streams = _two(bench, bench.source(long))
    bench.needs_close(_two(bench, bench.source(long, "unused"))[0])

    async def consumer(shell: Shell) -> None:
        one, other = (shell.open(s, name) for s, name in zip(streams, NAMES, strict=True))
        await one.pull()
        await other.pull()
        await one.close()
        bench.saw("closed early")
        if flag:
            await shell.drain(other)
        await other.close()

    trace = bench.drive(consumer)
    bench.expect(trace.exception is None, f"it {trace.outcome}", trace)
    if flag:
        _whole(bench, trace, long, ("other",))
    open_still = trace.unreleased()
    bench.expect(not open_still, f"both are closed, and {', '.join(open_still)} is open", trace)


@law(
    "O5",
    "memory.branches",
    words="A tee lets go of what all its branches have delivered.",
    symbols="branches read in step: max(live items) = O(1)",
    takes=("tee",),
    observes=("tee", "alive"),
    once=True,
)
def freed(bench: Bench) -> None:
    """A long source, read by both branches in step; then one of them is closed."""
    alive: WeakSet[Any] = WeakSet()
    most = 0

    class Token:
        """A value that can be watched."""

    async def tokens() -> AsyncIterator[Any]:
        for _ in range(LONG):
            token = Token()
            alive.add(token)
            yield bench.instance.make_item(Value(token))
            del token

    streams = _two(bench, bench.instance.embed(tokens))

    async def consumer(shell: Shell) -> None:
        nonlocal most
        left, right = (bench.instance.open(stream) for stream in streams)
        with suppress(StopAsyncIteration):
            for number in range(LONG):
                await anext(left)
                if number < LONG // 2:
                    await anext(right)
                elif number == LONG // 2 and hasattr(right, "aclose"):
                    await right.aclose()
                if number % 50 == 49:
                    gc.collect(0)
                    most = max(most, len(alive))
        if hasattr(left, "aclose"):
            await left.aclose()

    bench.world.silent = True
    try:
        trace = bench.drive(consumer, limit=100 * LONG)
    finally:
        bench.world.silent = False
    bench.expect(trace.exception is None, f"raised {trace.exception!r}")
    bench.saw("alive", most)
    bench.expect(most <= FEW, f"{most} of {LONG} items were alive at once")
