"""Laws of a `merge` that is closed, or whose sources fail: no hang, and nothing is left open."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

from funcpipe_laws.declared.instance import Stream, Value
from funcpipe_laws.declared.law import law
from funcpipe_laws.experiments.bench import Bench
from funcpipe_laws.experiments.consumer import End, Plan, Shell
from funcpipe_laws.experiments.scripts import Hang, ProbeError, Script
from funcpipe_laws.experiments.subjects import merge_of, merged


@law(
    "G9",
    "merging.close_never_hangs",
    words="Closing a merge ends, whatever the number of sources, the buffer, and the consumer's"
    " speed.",
    symbols="aclose(merge(...)) returns",
    takes=("merge",),
    observes=("closed early",),
    scope={"busy": (Script((Value(0), Value(1))),) * 2, "size": 1, "take": 1, "flag": False},
)
def close_never_hangs(
    bench: Bench, busy: Sequence[Script], size: int, take: int, flag: bool
) -> None:
    """Take some, close; a close that hangs is a deadlock."""
    stream = merged(bench, busy, size)
    bench.needs_close(stream)
    trace = bench.run(stream, Plan(take=take, slow=flag))
    if not trace.count("end", "out"):
        bench.saw("closed early")
    bench.expect(trace.exception is None, f"closing raised {trace.exception!r}", trace)


@law(
    "G10",
    "merging.close_leaves_nothing",
    words="When aclose() of a merge returns, no task of it lives, and the clean-up of every source"
    " has run.",
    symbols="after aclose(merge(...)): tasks = [], open = []",
    takes=("merge",),
    observes=("closed early", "open"),
    shows_log=True,
)
def close_leaves_nothing(
    bench: Bench, busy: Sequence[Script], size: int, take: int, flag: bool
) -> None:
    """Take some, close, take stock at that moment."""
    stream = merged(bench, busy, size)
    bench.needs_close(stream)
    trace = bench.run(stream, Plan(take=take, slow=flag))
    if not trace.count("end", "out"):
        bench.saw("closed early")
    bench.expect(not trace.leaks.tasks, f"after aclose(): {trace.leaks}", trace)
    # The close may strike a source that is closing already: that may be cut short.
    open_still = trace.unreleased(started=True)
    bench.expect(not open_still, f"still open after aclose(): {', '.join(open_still)}", trace)


@law(
    "G11",
    "merging.failing_clean_up",
    words="A source whose clean-up fails neither hangs the merge nor keeps the others from being"
    " closed.",
    symbols="close(s) raises => t closed, aclose returns or raises",
    takes=("merge",),
    observes=("failed clean-up",),
    shows_log=True,
)
def failing_clean_up(bench: Bench, sources: Sequence[Script], flag: bool, late: bool) -> None:
    """The failing source is the first or the last, and fails when closed or at its own end."""

    async def failing() -> AsyncIterator[Any]:
        try:
            yield bench.instance.make_item(Value(0))
            if not late:
                await bench.world.never()
        finally:
            bench.saw("failed clean-up")
            raise ProbeError("no clean-up")

    own = bench.op.embed(failing)
    more = () if late else (Hang(),)
    others = [bench.source(Script((*s.items, *more)), f"s{i}") for i, s in enumerate(sources)]
    stream = merge_of(bench, [own, *others] if flag else [*others, own], 2)
    bench.needs_close(stream)

    async def consumer(shell: Shell) -> None:
        run = shell.open(stream)
        try:
            while (item := await run.pull()) is not End and (late or item != Value(0)):
                pass
        finally:
            await run.close()

    trace = bench.drive(consumer)
    open_still = trace.unreleased(started=True)
    bench.expect(not open_still, f"still open after aclose(): {', '.join(open_still)}", trace)
    bench.expect(not trace.leaks.tasks, f"after aclose(): {trace.leaks}", trace)


@law(
    "G14",
    "merging.one_task_a_source",
    words="A source is pulled and closed by one and the same task.",
    symbols="task(pull(s)) = task(close(s))",
    takes=("merge",),
    observes=("closed source",),
    policy="one_task_a_source",
)
def one_task_a_source(bench: Bench, size: int, take: int) -> None:
    """Two sources that note their task; take some, close."""
    tasks: dict[int, list[Any]] = {0: [], 1: []}

    def source(number: int) -> Stream:
        async def stream() -> AsyncIterator[Any]:
            try:
                for n in range(4):
                    tasks[number].append(asyncio.current_task())
                    await bench.world.point(f"s{number} item {n}")
                    yield bench.instance.make_item(Value(n))
            finally:
                tasks[number].append(asyncio.current_task())

        return bench.op.embed(stream)

    stream = merge_of(bench, [source(0), source(1)], size)
    bench.needs_close(stream)
    trace = bench.run(stream, Plan(take=take))
    for number, seen in tasks.items():
        bench.saw("closed source", len(seen) > 1)
        bench.expect(
            len({id(task) for task in seen}) < 2,
            f"source {number} was used by {len({id(task) for task in seen})} tasks",
            trace,
        )
