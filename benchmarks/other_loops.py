"""The wrong merges under simulated loops of others: `simloom` and `simloop`, if they are there.

Their sources are found at github.com/mandipadk/simloom and github.com/dhruvl/simloop; both want
Python 3.12. With them: `PYTHONPATH=simloom/src:simloop/src:. python benchmarks/other_loops.py`.

The same wrong merges run as plain programs whose assertions say what our laws G1, G2, G4, G9, G10
and C2 say: whatever the order of events, all items arrive, each source's in its order, and after a
close nothing is left. Both of these loops draw which of the ready callbacks runs next. We draw
what the environment may decide, and leave alone what asyncio's documentation promises.
"""

from __future__ import annotations

import asyncio
import signal
import statistics
import warnings
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from funcpipe_laws.catalogue import laws
from funcpipe_laws.checking.check import check_law
from funcpipe_laws.declared.profile import Profile
from funcpipe_laws.simulation.loops import sim
from tests.laws.mutants import MODEL, MUTANTS
from tests.laws.mutants.model import Ok

Program = Callable[[], Coroutine[Any, Any, None]]
SEEDS = 100
SAID = ("G1", "G2", "G4", "G9", "G10", "C2")
"""Laws whose claims the programs make."""
ITEMS = 3
PATIENCE = 2.0
"""Seconds of a run that takes milliseconds, after which it counts as one that never ends."""
WHERE = "github.com/{}; Python 3.12 or later; put its src on PYTHONPATH"


def source(number: int, closed: list[int]) -> Callable[[], AsyncGenerator[Any, None]]:
    """A description of three items, each after a suspension."""

    async def run() -> AsyncGenerator[Any, None]:
        try:
            for item in range(ITEMS):
                await asyncio.sleep(0)
                yield Ok((number, item))
        finally:
            closed.append(number)

    return run


def drained(merge: Any) -> Program:
    """All items arrive, those of each source in order: G1, G2, G4."""

    async def program() -> None:
        got = [item.value async for item in merge([source(0, []), source(1, [])], max_buffer=1)()]
        for number in range(2):
            assert [i for n, i in got if n == number] == list(range(ITEMS)), got

    return program


def left(merge: Any) -> Program:
    """After a close, which does not hang, nothing is left: G9, G10, C2."""

    async def program() -> None:
        closed: list[int] = []
        others = asyncio.all_tasks()
        items = merge([source(0, closed), source(1, closed)], max_buffer=1)()
        await anext(items)
        await items.aclose()
        assert asyncio.all_tasks() == others, "a task is left"
        assert Counter(closed) <= Counter((0, 1)), closed

    return program


async def in_order() -> None:
    """asyncio: "Callbacks are called in the order in which they are registered."."""
    called: list[int] = []
    for number in range(3):
        asyncio.get_running_loop().call_soon(called.append, number)
    await asyncio.sleep(0.001)
    assert called == [0, 1, 2], called


class Endless(BaseException):
    """A run of milliseconds takes seconds."""


@contextmanager
def ends() -> Iterator[None]:
    """Stops a run that would go on for ever; there, nothing else does."""

    def stop(*signalled: object) -> None:
        raise Endless

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, PATIENCE, PATIENCE)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def with_simloom(program: Program) -> Iterator[bool]:
    """Whether each seed finds it broken."""
    run = import_module("simloom").run
    for seed in range(SEEDS):
        try:
            with ends():
                result = run(program, seed=seed, raise_on_error=False, world=False)
        except Endless:
            yield True
        else:
            yield result.outcome == "error"


def with_simloop(program: Program) -> Iterator[bool]:
    """Whether each seed finds it broken."""
    explore = import_module("simloop").explore
    for seed in range(SEEDS):
        try:
            with ends():
                report = explore(program, [seed])
        except Endless:
            yield True
        else:
            yield report is not None


def with_ours(program: Program) -> Iterator[bool]:
    """One run: such a program has nothing that the environment decides."""
    make: Any = sim.SimLoop
    loop = make()
    try:
        loop.run_until_complete(program())
        yield False
    except Exception:
        yield True
    finally:
        loop.close()


OTHERS = {
    "simloom": (with_simloom, WHERE.format("mandipadk/simloom")),
    "simloop": (with_simloop, WHERE.format("dhruvl/simloop")),
}


def seeds_to_kill(way: Callable[[Program], Iterator[bool]], merge: Any) -> int | None:
    """The first seed, from one on, under which one of the programs fails; None if none does."""
    found = [
        next((n for n, broken in enumerate(way(program(merge)), 1) if broken), None)
        for program in (drained, left)
    ]
    return min((n for n in found if n is not None), default=None)


def examples_to_kill(instance: Any, ids: tuple[str, ...]) -> int | None:
    """How many inputs the laws need until the first of them is broken."""
    by_id = {law.id: law for law in laws()}
    verdicts = [check_law(by_id[i], instance, profile=Profile(SEEDS, schedules=0)) for i in ids]
    counts = [v.seen.get("examples until broken", 1) for v in verdicts if v.failed]
    return min(counts, default=None)


def row(name: str, found: list[int | None]) -> str:
    """Of a way to search: what it needs, and what it misses."""
    killed = [n for n in found if n is not None]
    missed = len(found) - len(killed)
    if not killed:
        return f"  {name:<24} {'':>7} {'':>7} {'':>6} {missed:>14}"
    mean, worst = statistics.mean(killed), max(killed)
    return f"  {name:<24} {statistics.median(killed):>7.0f} {mean:>7.1f} {worst:>6} {missed:>14}"


def compare() -> None:
    """Print how soon each loop finds the wrong merges, and which right programs it calls broken."""
    pairs = [
        (mutant.instance, ids)
        for mutant in MUTANTS
        if mutant.instance.merge is not MODEL.merge
        and (ids := tuple(i for i in mutant.killed_by if i in SAID))
    ]
    print(f"\n{len(pairs)} wrong merges, by plain programs with the claims of {', '.join(SAID)}")
    print(f"  {'':<24} {'median':>7} {'mean':>7} {'worst':>6} {f'missed in {SEEDS}':>14}")
    print(row("the laws, as they draw", [examples_to_kill(*pair) for pair in pairs]))
    there = {}
    for name, (way, where) in OTHERS.items():
        try:
            import_module(name)
        except (ImportError, SyntaxError) as exc:
            print(f"  {name:<24} not compared: {exc} ({where})")
            continue
        there[name] = way
        print(row(name, [seeds_to_kill(way, instance.merge) for instance, _ in pairs]))
    right = {
        "a right merge, drained": drained(MODEL.merge),
        "a right merge, left": left(MODEL.merge),
        "call_soon, in order": in_order,
    }
    print("\nprograms that are right by asyncio's documentation: seeds under which they are broken")
    for name, way in {"ours": with_ours, **there}.items():
        counts = {told: list(way(program)) for told, program in right.items()}
        told = "; ".join(f"{told}: {sum(c)} of {len(c)}" for told, c in counts.items())
        print(f"  {name:<10} {told}")


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    compare()
