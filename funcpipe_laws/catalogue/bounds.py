"""Laws of bounds: what is pulled and not yet delivered, and how items are chunked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Any

from funcpipe_laws.declared.instance import Failure, Item, Stream, Value
from funcpipe_laws.declared.law import Broken, NotOffered, law
from funcpipe_laws.experiments.bench import Bench
from funcpipe_laws.experiments.comparing import in_order
from funcpipe_laws.experiments.consumer import Shell, alone
from funcpipe_laws.experiments.scripts import Hang, Script
from funcpipe_laws.experiments.subjects import build, has_bound, has_time, merged

BUFFER = 1_100
"""No operator fills more than this by its own choice."""
PAUSE = 12
"""External events that a consumer lets pass, to see how far its producers run."""


def _never_too_far_ahead(bench: Bench, stream: Stream, sources: int, size: int) -> None:
    """Pull and pause in turn; after each pause, count what was given and not delivered."""
    size = size if has_bound(bench.instance) else 0
    allowed = size + sources * (bench.instance.policy.read_ahead or 0)
    gaps: list[int] = []

    async def consumer(shell: Shell) -> None:
        run = shell.open(stream)
        log = bench.world.log
        for _ in range(3):
            await run.pull()
            for _ in range(PAUSE):
                await shell.point("pause")
            await shell.settle(5)
            given = sum(event.act == "give" for event in log)
            gaps.append(given - sum(event.act == "emit" for event in log))
        await run.close()

    trace = bench.drive(consumer)
    bench.saw("ahead", max(gaps) > 0)
    bench.expect(
        max(gaps) <= allowed, f"{max(gaps)} items were pulled ahead, declared is {allowed}", trace
    )


def _needs_bound(bench: Bench) -> None:
    if not has_bound(bench.instance):
        raise NotOffered("its merge takes no max_buffer")


@law(
    "B1",
    "bounds.read_ahead",
    words="A merge never has more items pulled and not delivered than its buffer and the declared"
    " read-ahead of each source.",
    symbols="pulled - delivered <= buffer + sources x read_ahead",
    takes=("merge",),
    observes=("ahead",),
    policy="read_ahead",
)
def read_ahead(bench: Bench, size: int, flag: bool) -> None:
    """Two sources with many items, at once or one by one."""
    many = Script((Value(0),) * 20, ready=flag)
    _never_too_far_ahead(bench, merged(bench, (many, many), size), 2, size)


@law(
    "B2",
    "bounds.simultaneous",
    words="The bound holds also when several sources have waited for one free place.",
    symbols="n waiting, 1 place => 1 goes on",
    takes=("merge",),
    observes=("ahead",),
    policy="read_ahead",
)
def simultaneous(bench: Bench, size: int) -> None:
    """More sources than places, all waiting."""
    many = [Script((Value(0),) * 12, ready=True)] * (size + 3)
    _never_too_far_ahead(bench, merged(bench, many, size), len(many), size)


@law(
    "B3",
    "bounds.smallest_buffer",
    words="A buffer of one is enough to deliver everything; a bound below one is refused at"
    " construction.",
    symbols="merge(.., 1) drains; merge(.., 0) raises ValueError",
    takes=("merge",),
    observes=("emit", "refused"),
    policy="read_ahead",
)
def smallest_buffer(bench: Bench, sources: Sequence[Script]) -> None:
    """Drain with a buffer of one; build with zero and with minus one."""
    _needs_bound(bench)
    trace = bench.run(merged(bench, sources, 1))
    wanted = sum(len(script.items) for script in sources)
    bench.expect(len(trace.items) == wanted, f"{len(trace.items)} items of {wanted}", trace)
    for wrong in (0, -1):
        try:
            merged(bench, sources, wrong)
        except ValueError:
            bench.saw("refused")
        else:
            raise Broken(f"a buffer of {wrong} was accepted")


@law(
    "B8",
    "bounds.limit_below_one",
    words="A limit below one is refused, or else everything is delivered: nothing waits for ever.",
    symbols="buffer(s, 0), par_map(s, f, 0), chunk(s, 0): ValueError | TypeError | s",
    takes=(),
    observes=("tried",),
)
def limit_below_one(bench: Bench, limited: str, source: Script) -> None:
    """Zero and minus one; a stream that then hangs is a deadlock."""
    for wrong in (0, -1):
        bench.saw("tried")
        try:
            stream = build(bench, limited, source, wrong)
        except (ValueError, TypeError):
            continue
        trace = bench.run(stream)
        if isinstance(alone(trace.exception), (ValueError, TypeError)):
            continue
        got = len(in_order(bench, "timed chunk" if limited == "chunk" else limited, trace.items))
        bench.expect(
            got == len(source.items) and trace.exception is None,
            f"a limit of {wrong} was taken: {got} items of {len(source.items)}"
            f" and {trace.exception or 'a normal end'!r}",
            trace,
        )


@law(
    "B4",
    "bounds.stopped_consumer",
    words="When the consumer stops asking, pulls from the source stop.",
    symbols="no anext => after a while no pull",
    takes=(),
    observes=("stopped",),
    shows_log=True,
)
def stopped_consumer(bench: Bench, ongoing: str, endless: Script) -> None:
    """An endless source; one item, then pauses until nothing is pulled in one."""
    stream = build(bench, ongoing, replace(endless, endless=True, ready=False))
    pulls = [0]

    async def pause(shell: Shell) -> bool:
        """Whether anything was pulled meanwhile, beyond what a schedule may have kept back."""
        for _ in range(2 * PAUSE):
            await shell.point("pause")
        await shell.settle(5)
        pulls.append(sum(event.act == "pull" for event in bench.world.log))
        return pulls[-1] - pulls[-2] > 4

    async def consumer(shell: Shell) -> None:
        run = shell.open(stream)
        await run.pull()
        await pause(shell)
        if await pause(shell):
            # A large buffer takes its time to fill, in whatever order.
            with bench.world.replaying(()):
                while pulls[-1] < BUFFER and await pause(shell):
                    pass
        await run.close()

    trace = bench.drive(consumer)
    bench.saw("stopped", trace.exception is None)
    # All of them would be no diagram that one can read.
    bench.expect(pulls[-1] < BUFFER, f"{pulls[-1]} pulls after it was asked for one item")


@law(
    "B5",
    "bounds.chunks",
    words="Chunks, put together, are the input; none is empty or too long; a failed item comes"
    " after the values before it.",
    symbols="concat(chunk(s, n)) = s; 0 < len <= n",
    takes=("chunk",),
    observes=("emit", "err"),
)
def chunks(bench: Bench, source: Script, size: int) -> None:
    """Drain, put the lists together, compare."""
    trace = bench.run(bench.op.chunk(bench.source(source), size))
    together: list[Item] = []
    for item in trace.items:
        if isinstance(item, Value):
            chunk = list(item.value)
            bench.expect(0 < len(chunk) <= size, f"a chunk of {len(chunk)}, not 1 to {size}", trace)
            together += [Value(value) for value in chunk]
        else:
            together.append(item)
    wanted = bench.expected(source.items)
    bench.expect(
        together == wanted and trace.exception is None,
        f"{trace.exception or together!r}, not {wanted}",
        trace,
    )


@law(
    "B6",
    "bounds.timed_chunks",
    words="A chunk that is old enough is delivered while its source is idle.",
    symbols="chunk(s, n, t): after t seconds, a chunk of fewer than n",
    takes=("chunk",),
    observes=("emit",),
)
def timed_chunks(bench: Bench) -> None:
    """A source that gives one item and then nothing more: waiting for it is a deadlock."""
    if not has_time(bench.instance):
        raise NotOffered("its chunks are not timed")
    idle = Script((Value(0), Hang()), ready=True)
    stream = bench.op.chunk(bench.source(idle), 2, max_seconds=5.0)
    got: list[Any] = []

    async def consumer(shell: Shell) -> None:
        run = shell.open(stream)
        got.append(await run.pull())
        got.append(bench.world.loop.time())
        await run.close()

    trace = bench.drive(consumer)
    bench.expect(
        len(got) == 2 and list(got[0].value) == [0], f"{trace.exception or got!r}, not [0]", trace
    )
    # Some compute what is left of the time from a clock of their own.
    bench.expect(abs(got[1] - 5.0) < 0.01, f"delivered after {got[1]} seconds, not 5", trace)


@law(
    "B7",
    "bounds.slow_source",
    words="Nothing is lost when a chunk goes out because of its age: the source goes on.",
    symbols="concat(chunk(s, n, t)) = s, also where s pauses for longer than t",
    takes=("chunk",),
    observes=("emit", "pause"),
)
def slow_source(bench: Bench, source: Script, size: int) -> None:
    """Every item comes later than the chunk before it may wait."""
    if not has_time(bench.instance):
        raise NotOffered("its chunks are not timed")

    async def slow() -> AsyncIterator[Any]:
        for step in source.items:
            await asyncio.sleep(7.0)
            bench.saw("pause")
            assert isinstance(step, Value | Failure)
            yield bench.instance.make_item(step)

    trace = bench.run(bench.op.chunk(bench.op.embed(slow), size + 1, max_seconds=5.0))
    got, wanted = in_order(bench, "timed chunk", trace.items), bench.expected(source.items)
    bench.expect(
        got == wanted and trace.exception is None,
        f"{trace.exception or got!r}, not {wanted}",
        trace,
    )
