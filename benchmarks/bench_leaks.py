"""What `--stream-leaks` costs: the time of public suites with and without, and memory.

    python benchmarks/bench_leaks.py [--rounds 3] [--only NAME ...] [--page docs/stream-leaks.md]
    python benchmarks/bench_leaks.py --count            # instructions too: needs valgrind

The suites are those of docs/studies/field_study.py, run from its cache, which the first run fills,
with the Python that this is run with. One round runs a suite without the option, with it, and
without it again; the ratio of a round is of processor time, with to the mean of the two without.
The control is the second to the first. On a machine with other work these differ by far more than
the option costs; the least time of all rounds, with to without, is disturbed the least.

`--count` also runs each suite once without, with, and without, under valgrind, and compares how
many instructions the process of the tests executed: other work on the machine hardly changes that.
Such a run takes some thirteen times as long.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import platform
import re
import shutil
import statistics
import tracemalloc
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.figures import COLUMNS, Figure, line, table, write
from docs.studies.field_study import CACHE, PACKAGES, fetch, install, run_suite
from funcpipe_laws import watch_streams

SUITES = ("gql", "hypercorn", "starlette", "aiostream")
"""The last one does nothing but make streams; the cost was worked on with it in view, and not with
the others."""
STREAMS = 10_000
COUNTED = CACHE / "instructions.log"
VALGRIND = ("valgrind", "--tool=cachegrind", "--cache-sim=no", "--branch-sim=no")
COUNT = (*VALGRIND, "--cachegrind-out-file=/dev/null", f"--log-file={COUNTED}")


def cost(name: str, *, watched: bool, count: bool = False) -> float:
    """The processor seconds of one run of a suite, or its instructions, in thousand millions."""
    [package] = (one for one in PACKAGES if one.name == name)
    source = fetch(package)
    report = source.parent / "bench.json" if watched else None
    python = install(package, source)
    answer = run_suite(python, source, package, report, COUNT if count else ())
    if answer["code"] not in (0, 1):
        raise SystemExit(f"{name}: {answer['last']}")
    if not count:
        return float(answer["seconds"])
    [said] = re.findall(r"I +refs: +([\d,]+)", COUNTED.read_text("utf-8"))
    return int(said.replace(",", "")) / 1e9


class Measured(NamedTuple):
    """The ratios of a suite's rounds, and what a run without the option took."""

    option: list[float]
    control: list[float]
    least: float
    plain: float


def measure(name: str, rounds: int, *, count: bool = False) -> Measured:
    """Run a suite so many times without, with and without."""
    runs = [
        [cost(name, watched=watched, count=count) for watched in (False, True, False)]
        for _ in range(rounds)
    ]
    plain = [one for first, _, again in runs for one in (first, again)]
    return Measured(
        [2 * watched / (first + again) for first, watched, again in runs],
        [again / first for first, _, again in runs],
        min(watched for _, watched, _ in runs) / min(plain),
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


def rows(title: str, made: Measured, unit: str) -> list[Figure]:
    """The lines of one suite."""
    lines = [(title, made.option, "1.03"), (f"{title}, control", made.control, "1")]
    if len(made.option) > 1:
        lines.append((f"{title}, least to least", [made.least], "1.03"))
    took = f"{made.plain:.2f} {unit}"
    return [Figure.of(name, ratios, target, took) for name, ratios, target in lines]


def main() -> None:
    """Prints the table, and writes it into the page if asked to."""
    parser = argparse.ArgumentParser(description="What --stream-leaks costs.")
    parser.add_argument("--rounds", type=int, default=3, help="3; 0: count only")
    parser.add_argument("--only", nargs="+", default=SUITES, choices=SUITES, metavar="NAME")
    parser.add_argument("--page", type=Path, help="the page that gets the table")
    parser.add_argument("--count", action="store_true", help="count instructions too, by valgrind")
    options = parser.parse_args()
    if options.count and shutil.which("valgrind") is None:
        parser.error("--count needs valgrind, which is not here")
    os.environ["PYTHONHASHSEED"] = "0"  # Sets in the same order in each run.
    kept = bytes_kept()
    print(f"bytes kept a live stream: {kept:.0f} (limit: 1024)\n{line(COLUMNS)}")
    figures: list[Figure] = []
    for name in options.only:
        made = rows(name, measure(name, options.rounds), "s") if options.rounds else []
        if options.count:
            counted = measure(name, 1, count=True)
            made += rows(f"{name}, instructions", counted, "G")
        figures += made
        for one in made:
            print(line(one.cells), flush=True)
    if options.page is not None:
        said = f"Python {platform.python_version()}, {options.rounds} rounds"
        write(options.page, f"{said}; {kept:.0f} bytes kept a live stream.", table(figures))


if __name__ == "__main__":
    main()
