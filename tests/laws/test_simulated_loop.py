"""The simulated loop is asyncio: a program shows the same log on it and on the stock loop."""

from __future__ import annotations

import asyncio
import random
import sys
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from typing import Any

import pytest

from funcpipe_laws.simulation.loops import sim
from funcpipe_laws.simulation.loops.environment import Deadlock, Livelock
from funcpipe_laws.simulation.loops.stock import StockLoop
from funcpipe_laws.simulation.loops.stopped import NotSimulated
from funcpipe_laws.simulation.schedule import Chooser, Live, Recorder, Schedule, every_schedule
from funcpipe_laws.simulation.world import World

# The type of asyncio's loop declares methods abstract that the simulated one refuses at run time.
SimLoop: Any = sim.SimLoop
Program = Callable[[World], Awaitable[Any]]


async def queue_and_pump(world: World) -> None:
    """A producer and a consumer at a bounded queue."""
    queue: asyncio.Queue[int] = asyncio.Queue(1)

    async def pump() -> None:
        for n in range(3):
            await world.point(f"item {n}")
            await queue.put(n)
            world.note("pump", "put", n)

    task = asyncio.create_task(pump())
    for _ in range(3):
        world.note("main", "got", await queue.get())
        await world.point("body")
    await task


async def cancelled_pumps(world: World) -> None:
    """Tasks cancelled while they wait, one of them slow to go."""

    async def pump(name: str) -> None:
        try:
            for n in range(5):
                await world.point(f"{name} {n}")
                world.note(name, "at", n)
        finally:
            world.note(name, "cleaning")
            await world.point(f"{name} clean")
            world.note(name, "gone")

    tasks = [asyncio.create_task(pump(name)) for name in "abc"]
    done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    world.note("main", "first", len(done))
    for task in pending:
        task.cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    world.note("main", "results", [type(r).__name__ for r in results])


async def timers_and_events(world: World) -> None:
    """A timeout races an external event; sleeps of different lengths."""

    async def sleeper(seconds: float) -> None:
        await asyncio.sleep(seconds)
        world.note("sleeper", "woke", seconds)

    async with asyncio.TaskGroup() as group:
        group.create_task(sleeper(3))
        group.create_task(sleeper(1.5))
        for n in range(3):
            try:
                async with asyncio.timeout(1):
                    await world.point(f"slow {n}")
                    world.note("main", "in time", n)
            except TimeoutError:
                world.note("main", "too late", n)


async def generators(world: World) -> None:
    """Async generators closed, dropped and left to the loop."""

    async def source(name: str) -> Any:
        try:
            for n in range(3):
                await world.point(f"{name} {n}")
                yield n
        finally:
            world.note(name, "closing")
            await world.point(f"{name} close")
            world.note(name, "closed")

    async with aclosing(source("kept")) as kept:
        world.note("main", "got", await anext(kept))
    dropped = source("dropped")
    await anext(dropped)
    del dropped
    for _ in range(4):
        await asyncio.sleep(0)
    world.note("main", "end")


async def locks_and_events(world: World) -> None:
    """Semaphore, condition and event, whose fairness leans on the order of the ready queue."""
    semaphore, event, condition = asyncio.Semaphore(2), asyncio.Event(), asyncio.Condition()

    async def worker(name: str) -> None:
        async with semaphore:
            await world.point(name)
            world.note(name, "inside")
        await event.wait()
        async with condition:
            world.note(name, "released")
            condition.notify()

    tasks = [asyncio.create_task(worker(name)) for name in "abcd"]
    await world.point("go")
    event.set()
    await asyncio.wait(tasks)


PROGRAMS = [queue_and_pump, cancelled_pumps, timers_and_events, generators, locks_and_events]


def run(program: Program, chooser: Chooser, make_loop: Any) -> World:
    """One run; the world holds the log and what was picked."""
    world = World(chooser)
    loop = make_loop(world)
    world.begin(loop)
    try:
        loop.run_until_complete(program(world))
    finally:
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()
    return world


def stamped(world: World) -> list[tuple[Any, ...]]:
    """The log with the times that events otherwise ignore."""
    return [(e.actor, e.act, e.detail, e.time, e.step) for e in world.log]


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.__name__)
def test_simulated_and_stock_loop_agree(program: Program) -> None:
    """Random schedules give the same log, times and iterations included, on both loops."""
    rng = random.Random(7)
    logs = set()
    for _ in range(60):
        simulated = run(program, Recorder(Live(rng.randrange)), SimLoop)
        stock = run(program, Schedule(simulated.recorder.picks), StockLoop)
        assert stamped(stock) == stamped(simulated)
        assert stock.recorder.picks == simulated.recorder.picks
        logs.add(str(simulated.log))
    assert len(logs) > 1, "the schedules never differed: nothing was compared"


@pytest.mark.parametrize("make_loop", [SimLoop, StockLoop])
def test_a_deadlock_is_found_at_once(make_loop: Any) -> None:
    """Waiting for what nobody will do raises instead of hanging."""

    async def stuck(world: World) -> None:
        await asyncio.Event().wait()

    with pytest.raises(Deadlock):
        run(stuck, Schedule(), make_loop)


@pytest.mark.parametrize("make_loop", [SimLoop, StockLoop])
def test_a_livelock_is_bounded(make_loop: Any) -> None:
    """A program that spins is stopped after the allowed number of iterations."""

    async def spin() -> None:
        while True:  # noqa: ASYNC110 - spinning is the point
            await asyncio.sleep(0)

    loop = make_loop(limit=100)
    task = loop.create_task(spin())
    with pytest.raises(Livelock, match="100 iterations"):
        loop.run_until_complete(task)
    task.cancel()
    loop.allow(100)
    with pytest.raises(asyncio.CancelledError):
        loop.run_until_complete(task)
    loop.close()


def test_virtual_time_costs_nothing() -> None:
    """A day's sleep ends with the clock a day on."""
    loop = SimLoop()
    loop.run_until_complete(asyncio.sleep(100_000))
    assert loop.time() == 100_000
    loop.close()


def test_the_real_world_is_refused_by_name() -> None:
    """A thread is not simulated, and the error says so."""

    async def main() -> None:
        await asyncio.to_thread(print)

    loop = SimLoop()
    with pytest.raises(NotSimulated, match=r"loop\.run_in_executor\(\)"):
        loop.run_until_complete(main())
    loop.close()


def test_every_schedule_is_walked_once() -> None:
    """Three events that may land in any order have six orders, and no walk repeats one."""

    async def race(world: World) -> None:
        async def wait(name: str) -> None:
            await world.point(name)
            world.note(name, "landed")

        await asyncio.gather(*(wait(name) for name in "abc"))

    orders, paths = set(), []
    for chooser in every_schedule():
        world = run(race, chooser, SimLoop)
        orders.add("".join(e.actor for e in world.log))
        paths.append(tuple(world.recorder.picks))
    assert orders == {"abc", "acb", "bac", "bca", "cab", "cba"}
    assert len(paths) == len(set(paths))


def test_tied_timers_come_in_any_order() -> None:
    """Callbacks due at the same instant are the schedule's to order."""

    async def tied(world: World) -> None:
        loop = asyncio.get_running_loop()
        for name in "ab":
            loop.call_later(1, world.note, name, "rang")
        await asyncio.sleep(2)

    orders = {"".join(e.actor for e in run(tied, c, SimLoop).log) for c in every_schedule()}
    assert orders == {"ab", "ba"}


@pytest.mark.skipif(sys.version_info < (3, 12), reason="eager tasks came with 3.12")
def test_eager_tasks_run_on_both_loops() -> None:
    """With the eager task factory a task runs up to its first suspension when it is made."""

    async def eager(world: World) -> None:
        loop: Any = asyncio.get_running_loop()
        loop.set_task_factory(asyncio.eager_task_factory)  # type: ignore[attr-defined,unused-ignore]

        async def child() -> None:
            world.note("child", "began")
            await world.point("child")
            world.note("child", "ended")

        task = loop.create_task(child())
        world.note("main", "made it")
        await task

    logs = [stamped(run(eager, Schedule(), make)) for make in (SimLoop, StockLoop)]
    assert logs[0] == logs[1]
    assert [entry[0] for entry in logs[0]] == ["child", "main", "child"]


def test_a_chooser_that_raises_ends_the_run_whatever_the_program_catches() -> None:
    """The search stops a run by raising; code under test must not swallow that."""

    class Stop(BaseException):
        pass

    def draw(n: int) -> int:
        raise Stop

    async def stubborn(world: World) -> None:
        while True:
            try:
                await asyncio.gather(world.point("a"), world.point("b"))
            except GeneratorExit:
                raise
            except BaseException:
                world.note("main", "swallowed")

    world = World(Live(draw))
    loop = SimLoop(world, limit=100)
    world.begin(loop)
    task = loop.create_task(stubborn(world))
    with pytest.raises(Stop):
        loop.run_until_complete(task)
    assert world.log == []
    loop.close()
