"""The reference against hand-written async generators that do the same inline, and against peers.

Each figure is the median of ratios over alternating pairs in one process: 1.0 is the speed of the
baseline, less is faster. The first row compares a baseline with itself and shows the noise. Peers
(aiostream, streamable) are measured where they are installed.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tracemalloc
from collections.abc import AsyncIterator, Callable
from functools import partial
from importlib.util import find_spec
from typing import Any

from benchmarks.alternating import Row, compare
from benchmarks.streams_concurrent import concurrent_rows
from benchmarks.streams_sequential import sequential_rows
from funcpipe_streams import (
    async_gen_and_then,
    async_gen_chunk,
    async_gen_filter,
    async_gen_from_iterable,
    async_gen_map,
    async_gen_return,
    async_gen_scan,
)


def drive(runner: asyncio.Runner, start: Callable[[], AsyncIterator[Any]]) -> None:
    """Run a stream to its end."""

    async def drain() -> None:
        async for _ in start():
            pass

    runner.run(drain())


def measure(runner: asyncio.Runner, row: Row, items: int, pairs: int) -> str:
    """One line of the table."""
    subject, baseline = partial(drive, runner, row.subject), partial(drive, runner, row.baseline)
    ratio = compare(subject, baseline, pairs)
    spread = f"{ratio.low:.2f}-{ratio.high:.2f}"
    nanoseconds = ratio.baseline_seconds / items * 1e9
    mark = "" if ratio.median <= row.target else " over"
    figures = f"{ratio.median:>7.2f}{spread:>14}{row.target:>8.2f}{nanoseconds:>14.0f}"
    return f"{row.name:<40}{figures}{mark}"


def peak_memory(items: int) -> int:
    """Bytes that a run through five operators holds at most, by Python's own count."""
    stream = async_gen_from_iterable(range(items))
    doubled = async_gen_map(stream, lambda x: x * 2)
    kept = async_gen_filter(doubled, lambda x: x % 3 != 0)
    bound = async_gen_and_then(kept, async_gen_return)
    summed = async_gen_scan(bound, 0, lambda total, x: (total + x) % 1000)
    with asyncio.Runner() as runner:
        tracemalloc.start()
        try:
            drive(runner, async_gen_chunk(summed, 100))
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()


def memory_line(items: int) -> str:
    """Peak memory of a long run against that of a short one."""
    megabytes = (peak_memory(items) - peak_memory(10_000)) / 2**20
    mark = "" if megabytes <= 1 else "  over"
    return f"peak memory, {items:,} items against 10,000: {megabytes:+.3f} MB (target 1){mark}"


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--items", type=int, default=100_000, help="items a run (default 100,000)")
    parser.add_argument("--pairs", type=int, default=7, help="pairs a row (default 7)")
    parser.add_argument("--only", default="", metavar="WORDS", help="rows with these words")
    parser.add_argument("--uvloop", action="store_true", help="on uvloop (must be installed)")
    parser.add_argument(
        "--memory", type=int, default=1_000_000, metavar="ITEMS", help="long memory run"
    )
    options = parser.parse_args()
    new_loop: Any = asyncio.new_event_loop
    if options.uvloop:
        import uvloop

        new_loop = uvloop.new_event_loop
    version = ".".join(map(str, sys.version_info[:3]))
    loop = "uvloop" if options.uvloop else "asyncio"
    print(f"CPython {version}, {loop}, {options.items:,} items a run, {options.pairs} pairs")
    print(f"{'pipeline':<40}{'ratio':>7}{'quartiles':>14}{'target':>8}{'baseline, ns':>14}")
    concurrent_items = options.items // 5
    with asyncio.Runner(loop_factory=new_loop) as runner:
        for items, rows in (
            (options.items, sequential_rows(options.items)),
            (concurrent_items, concurrent_rows(concurrent_items)),
        ):
            for row in rows:
                if options.only in row.name:
                    print(measure(runner, row, items, options.pairs), flush=True)
    missing = [peer for peer in ("aiostream", "streamable") if find_spec(peer) is None]
    if missing:
        print(f"not installed, so not measured: {', '.join(missing)}")
    if options.only in "peak memory":
        print(memory_line(options.memory))
    return 0


if __name__ == "__main__":
    sys.exit(main())
