"""What `--stream-leaks` costs: the time of three public suites with and without, and memory.

    python benchmarks/bench_leaks.py [--rounds 5] [--only NAME ...] [--page docs/stream-leaks.md]

The suites are those of docs/studies/field_study.py, run from its cache, which the first run fills,
with the Python that this is run with. One round runs a suite without the option, with it, and
without it again; the ratio of a round is of processor time, with to the mean of the two without.
The control is the second to the first. On a machine with other work these differ by far more than
the option costs; the least time of all rounds, with to without, is disturbed the least.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import platform
import statistics
import tracemalloc
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.figures import COLUMNS, Figure, line, table, write
from docs.studies.field_study import PACKAGES, fetch, install, run_suite
from funcpipe_laws import watch_streams

SUITES = ("aiosqlite", "asgiref", "asyncstdlib")
STREAMS = 10_000


def seconds(name: str, *, watched: bool) -> float:
    """The processor time of one run of a suite."""
    [package] = (one for one in PACKAGES if one.name == name)
    source = fetch(package)
    report = source.parent / "bench.json" if watched else None
    answer = run_suite(install(package, source), source, package, report)
    if answer["code"] not in (0, 1):
        raise SystemExit(f"{name}: {answer['last']}")
    return float(answer["seconds"])


class Measured(NamedTuple):
    """The ratios of a suite's rounds, and the processor time of its runs."""

    option: list[float]
    control: list[float]
    least: float
    seconds: float


def measure(name: str, rounds: int) -> Measured:
    """Run a suite so many times without, with and without."""
    times = [
        [seconds(name, watched=watched) for watched in (False, True, False)] for _ in range(rounds)
    ]
    plain = [one for first, _, again in times for one in (first, again)]
    return Measured(
        [2 * watched / (first + again) for first, watched, again in times],
        [again / first for first, _, again in times],
        min(watched for _, watched, _ in times) / min(plain),
        statistics.median(plain),
    )


async def held() -> AsyncGenerator[int, None]:
    """A stream that stays alive, with clean-up to run."""
    try:
        yield 1
    finally:
        await asyncio.sleep(0)


async def pull(stream: AsyncGenerator[int, None], depth: int) -> int:
    """The first item, pulled from so many calls down: stacks are kept of four."""
    return await (pull(stream, depth - 1) if depth else anext(stream))


async def memory_of_live_streams(number: int) -> int:
    """Bytes that are allocated for so many streams that are suspended at once."""
    gc.collect()
    tracemalloc.start()
    streams: list[Any] = [held() for _ in range(number)]
    for stream in streams:
        await pull(stream, 5)
    gc.collect()
    size = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    for stream in streams:
        await stream.aclose()
    return size


def bytes_kept(number: int = STREAMS) -> float:
    """What the watch keeps of each live stream."""
    plain = asyncio.run(memory_of_live_streams(number))
    with watch_streams():
        watched = asyncio.run(memory_of_live_streams(number))
    return (watched - plain) / number


def main() -> None:
    """Prints the table, and writes it into the page if asked to."""
    parser = argparse.ArgumentParser(description="What --stream-leaks costs.")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", nargs="+", default=SUITES, choices=SUITES, metavar="NAME")
    parser.add_argument("--page", type=Path, help="the page that gets the table")
    options = parser.parse_args()
    kept = bytes_kept()
    print(f"bytes kept a live stream: {kept:.0f} (limit: 1024)\n{line(COLUMNS)}")
    figures = []
    for name in options.only:
        made = measure(name, options.rounds)
        for title, ratio, target in (
            (name, made.option, "1.03"),
            (f"{name}, control", made.control, "1"),
            (f"{name}, least to least", [made.least], "1.03"),
        ):
            figures.append(Figure.of(title, ratio, target, f"{made.seconds:.2f} s"))
            print(line(figures[-1].cells), flush=True)
    if options.page is not None:
        python = platform.python_version()
        said = f"Python {python}, {options.rounds} rounds; {kept:.0f} bytes kept a live stream."
        write(options.page, said, table(figures))


if __name__ == "__main__":
    main()
