"""How fast the law engine is: `python benchmarks/bench_laws.py [--rounds N] [--ci]`.

Ratios come from alternating runs in one process, as medians of pairs; a row that compares a thing
with itself shows what the machine adds.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, Callable
from typing import Any

from benchmarks.other_loops import compare
from funcpipe_laws.catalogue import laws
from funcpipe_laws.checking.check import check, check_law
from funcpipe_laws.declared.instance import Value
from funcpipe_laws.declared.law import CUT_SHORT
from funcpipe_laws.declared.profile import Profile
from funcpipe_laws.experiments.bench import Bench
from funcpipe_laws.experiments.scripts import Script
from funcpipe_laws.finding.discover import resolve
from funcpipe_laws.simulation.loops import sim
from funcpipe_laws.simulation.schedule import STRATEGIES, Live
from tests.laws.mutants import MODEL, MUTANTS

Source = Callable[[], AsyncGenerator[int, None]]
# asyncio's type declares methods abstract that the simulated loop refuses at run time.
SimLoop: Any = sim.SimLoop


def merge(sources: list[Source]) -> Source:
    """A plain merge through a queue of one."""

    async def stream() -> AsyncGenerator[int, None]:
        queue: asyncio.Queue[int | None] = asyncio.Queue(1)

        async def pump(source: Source) -> None:
            async for item in source():
                await queue.put(item)
            await queue.put(None)

        tasks = [asyncio.create_task(pump(source)) for source in sources]
        left = len(tasks)
        try:
            while left:
                item = await queue.get()
                if item is None:
                    left -= 1
                else:
                    yield item
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    return stream


async def two_items() -> AsyncGenerator[int, None]:
    """A source that suspends before each item."""
    for item in range(2):
        await asyncio.sleep(0)
        yield item


async def merged() -> list[int]:
    """The program that is timed: a merge of two sources of two items."""
    return [item async for item in merge([two_items, two_items])()]


def on_asyncio() -> None:
    """One run as users have it."""
    asyncio.run(merged())


def on_simulated() -> None:
    """The same program on the simulated loop."""
    loop = SimLoop()
    loop.run_until_complete(merged())
    loop.close()


RANDOM = random.Random(1)
SCRIPT = Script((Value(1), Value(2)))


def experiment() -> None:
    """One run as a law makes it: logging sources, a drawn schedule, leaks counted."""
    bench = Bench(MODEL, Live(RANDOM.randrange))
    bench.run(merge([bench.source(SCRIPT, "s"), bench.source(SCRIPT, "t")]))


def seconds(program: Callable[[], object], runs: int) -> float:
    """Processor time of some runs."""
    start = time.process_time()
    for _ in range(runs):
        program()
    return time.process_time() - start


def ratio(
    one: Callable[[], object], other: Callable[[], object], rounds: int, runs: int = 200
) -> float:
    """How many times faster `one` is than `other`: the median over alternating pairs."""
    pairs = []
    for turn in range(rounds):
        if turn % 2:
            mine, theirs = seconds(one, runs), seconds(other, runs)
        else:
            theirs, mine = seconds(other, runs), seconds(one, runs)
        pairs.append(theirs / mine)
    return statistics.median(pairs)


def loops(rounds: int) -> None:
    """The simulated loop against the stock one."""
    print("a merge of 2 x 2 items, buffer 1                      runs/s   ratio   target")
    for name, program, target in (
        ("asyncio.run (A/A control)", on_asyncio, ""),
        ("the same program, simulated", on_simulated, ">= 1.5"),
        ("a law's run: logged, scheduled, accounted for", experiment, ">= 2,500 runs/s"),
    ):
        rate = 1_000 / seconds(program, 1_000)
        print(f"  {name:<48} {rate:>9,.0f}  {ratio(program, on_asyncio, rounds):>6.2f}   {target}")

    start = time.perf_counter()
    loop = SimLoop()
    loop.run_until_complete(asyncio.sleep(100_000))
    loop.close()
    print(f"  100,000 virtual seconds took {time.perf_counter() - start:.4f} s")


def plugin(rounds: int) -> None:
    """What the pytest plugin costs a project that does not ask for laws."""
    code = "import pytest, time; s = time.process_time(); import funcpipe_laws.pytest_plugin;"
    command = [sys.executable, "-c", code + "print(time.process_time() - s)"]
    spent = [float(subprocess.check_output(command)) for _ in range(rounds)]
    print(f"  importing the pytest plugin: {1000 * statistics.median(spent):.1f} ms; target < 10")


def suite(profile: str, target: str) -> None:
    """All suites of the reference, of streams and of single values, in processor time."""
    start = time.process_time()
    verdicts = [
        verdict
        for found in resolve("funcpipe_streams")
        for verdict in check(found.instance, profile=profile)
    ]
    spent = time.process_time() - start
    runs = sum(verdict.seen.get("runs", 0) for verdict in verdicts)
    cut = sum(CUT_SHORT in verdict.seen for verdict in verdicts)
    print(f"\nthe suites of the reference, profile {profile}: {spent:.1f} s ({target})")
    print(
        f"  {runs:,} runs; {sum(verdict.status == 'held' for verdict in verdicts)} held of"
        f" {len(verdicts)} laws; {cut} had no time for all"
    )


def mutants() -> None:
    """How soon each wrong implementation is caught by the law it names."""
    by_id = {law.id: law for law in laws()}
    spent, examples, survivors = [], [], []
    for mutant in MUTANTS:
        for ident in mutant.killed_by:
            start = time.process_time()
            verdict = check_law(by_id[ident], mutant.instance)
            spent.append(time.process_time() - start)
            examples.append(verdict.seen.get("examples until broken", 0))
            if not verdict.failed:
                survivors.append(f"{mutant.name} ({ident})")
    print(f"\n{len(spent)} pairs of a mutant and the law that must kill it, shrinking included")
    print(f"  seconds: median {statistics.median(spent):.3f}, worst {max(spent):.3f}; target < 1")
    print(f"  examples to kill: median {statistics.median(examples):.0f}, worst {max(examples)}")
    print(f"  survivors: {', '.join(survivors) or 'none'}")


def strategies() -> None:
    """How soon each way to search for schedules catches the wrong merges, the same laws for all."""
    by_id = {law.id: law for law in laws()}
    pairs = [
        (by_id[ident], mutant.instance)
        for mutant in MUTANTS
        for ident in mutant.killed_by
        if by_id[ident].family in ("merging", "bounds", "cancellation")
    ]
    print(
        f"\n{len(pairs)} pairs of a wrong merge, buffer or parallel map and a law: examples to kill"
    )
    ways = list(STRATEGIES)
    print(f"  {'':<24} {'median':>7} {'mean':>7} {'worst':>6} {'missed in 250':>14}")
    for names in (*((way,) for way in ways), tuple(ways)):
        effort = Profile(250, schedules=0, strategies=names)
        killed, missed = [], 0
        for law, instance in pairs:
            verdict = check_law(law, instance, profile=effort)
            if verdict.failed:
                killed.append(verdict.seen.get("examples until broken", 1))
            else:
                missed += 1
        row = f"{statistics.median(killed):>7.0f} {statistics.mean(killed):>7.1f} {max(killed):>6}"
        print(f"  {' + '.join(names):<24} {row} {missed:>14}")


def main() -> None:
    """Print all tables."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=11, help="pairs of runs a ratio (default 11)")
    parser.add_argument(
        "--ci",
        action="store_true",
        help="also time the profile `ci`, which takes up to five minutes",
    )
    arguments = parser.parse_args()
    loops(arguments.rounds)
    plugin(arguments.rounds)
    suite("quick", "< 10 s")
    if arguments.ci:
        suite("ci", "< 300 s")
    mutants()
    strategies()
    compare()


if __name__ == "__main__":
    main()
