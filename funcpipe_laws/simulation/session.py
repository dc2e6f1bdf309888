"""One run of a program on a fresh loop, accounted for to its end."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Literal

from funcpipe_laws.simulation.loops.environment import Deadlock, Livelock
from funcpipe_laws.simulation.loops.leftovers import Accountant
from funcpipe_laws.simulation.loops.sim import SimLoop
from funcpipe_laws.simulation.loops.stock import StockLoop
from funcpipe_laws.simulation.loops.stopped import Stopped
from funcpipe_laws.simulation.loops.unwatched import unwatched
from funcpipe_laws.simulation.loops.waiting import waiting
from funcpipe_laws.simulation.trace import Ending, Trace
from funcpipe_laws.simulation.world import World

LoopKind = Literal["sim", "stock"]
Consumer = Callable[[asyncio.Task[Any]], Awaitable[Any]]
"""What is run; it is handed the task that runs it."""

_PATIENCE = 1_000
"""Iterations for what a run left behind to end by itself, before it is cancelled."""


class Session:
    """One loop's life: start it, run the consumer, take stock, shut it down."""

    def __init__(self, world: World, kind: LoopKind, limit: int, *, eager: bool = False) -> None:
        self.world = world
        make: Any = SimLoop if kind == "sim" else StockLoop
        self.loop = make(world, limit=limit)
        self.loop.eager = eager
        self.accountant = Accountant()
        self.start = len(self.world.log)
        self.first_landing = len(self.world.landings)
        self.first_expiry = len(self.world.expiries)
        self.cut = self.start
        self.steps = self.tasks_made = 0
        # The number that the consumer's first run will have in the log.
        self.consumer = world.opened.get("out", 0)
        self.leaks: Any = None

    def run(self, consumer: Consumer, cancel_at: Sequence[int]) -> Trace:
        """The trace of a consumer, cancelled at these iterations of the loop."""
        try:
            with no_collection(), unwatched(), self.accountant.watch_unraisable():
                return self._run(consumer, cancel_at)
        finally:
            self.world.end()

    def _run(self, consumer: Consumer, cancel_at: Sequence[int]) -> Trace:
        loop, world = self.loop, self.world
        world.begin(loop)
        main = loop.sim_task(self._main(consumer), name="the consumer")
        world.cancel = lambda: self._cancel(main)
        for step in cancel_at:
            world.at_step(step, world.cancel)
        ending: Ending = "returned"
        exception: BaseException | None = None
        try:
            loop.run_until_complete(main)
        except asyncio.CancelledError as exc:
            ending, exception = "cancelled", exc
        except (Deadlock, Livelock) as exc:
            ending = "deadlock" if isinstance(exc, Deadlock) else "livelock"
            exception = exc
            if ending == "deadlock":
                exception.add_note("\n".join(waiting(loop)))
        except BaseException as exc:
            ending, exception = "raised", exc
        aborted = exception if is_interrupt(exception) else world.aborted
        if isinstance(aborted, Livelock):
            ending, exception, aborted = "livelock", aborted, None
        self._take_stock(main)
        self._shut_down(main)
        if aborted is not None:
            raise aborted
        log = world.log
        return Trace(
            tuple(log[self.start : self.cut]),
            ending,
            exception,
            self.leaks,
            tuple(log[self.cut :]),
            self.steps,
            self.landings,
            self.expiries,
        )

    async def _main(self, consumer: Consumer) -> None:
        main = asyncio.current_task()
        assert main is not None
        self.accountant.watch_generators()
        try:
            await consumer(main)
        finally:
            self._take_stock(main)

    def _cancel(self, main: asyncio.Task[Any]) -> None:
        if not main.done():
            self.world.note("out", "cancel", run=self.consumer)
            main.cancel()

    def _take_stock(self, main: asyncio.Task[Any]) -> None:
        if self.leaks is not None:
            return  # A consumer that hung ends only when the loop is shut down.
        self.leaks = self.accountant.count(self.loop, main)
        self.tasks_made = self.loop.tasks_made
        self.cut = len(self.world.log)
        self.landings = tuple(self.world.landings[self.first_landing :])
        expiries = self.world.expiries[self.first_expiry :]
        self.expiries = tuple(each._replace(before=each.before - self.start) for each in expiries)
        self.steps = self.world.step

    def _left_nothing(self) -> bool:
        """Whether that is plain, as after most runs: to look for it costs as much as one."""
        loop = self.loop
        return not self.leaks and loop.tasks_made == self.tasks_made and bool(loop.is_at_rest())

    def _shut_down(self, main: asyncio.Task[Any]) -> None:
        """Let what is left run on for a while, then end it as `asyncio.run` would.

        The schedule is quiet, the events are late.
        """
        loop, world = self.loop, self.world
        world.shut()
        if main.done() and self._left_nothing():
            loop.close()
            return
        with world.replaying(()):
            for patient in (True, False, False):
                left = asyncio.all_tasks(loop)
                if not left and not self.accountant.open_generators():
                    break
                for task in () if patient else left:
                    task.cancel()
                loop.allow(_PATIENCE)
                try:
                    loop.run_until_complete(_finish(loop, left))
                except BaseException as exc:
                    # A task group raises a probe's KeyboardInterrupt once more when it is ended.
                    if is_interrupt(exc) and not isinstance(exc, Stopped):
                        raise
        loop.close()


class no_collection:  # noqa: N801 - used like contextlib.suppress
    """A block in which Python collects no garbage by itself.

    A collection may strike anywhere and close a generator there: not a schedule of ours.
    """

    def __enter__(self) -> None:
        self._collecting = gc.isenabled()
        gc.disable()

    def __exit__(self, *exc_info: object) -> None:
        if self._collecting:
            gc.enable()


def is_interrupt(exc: BaseException | None) -> bool:
    """Whether it is meant for whoever runs the laws, and not raised by the program under test.

    Ctrl-C, as opposed to a probe's KeyboardInterrupt, which has a text; what the watchdog raises,
    and what pytest and its plugins do: `pytest.fail` in the signal of a timeout.
    """
    if isinstance(exc, KeyboardInterrupt):
        return not exc.args
    bases = [f"{base.__module__}.{base.__name__}" for base in type(exc).__mro__]
    return isinstance(exc, Stopped) or "_pytest.outcomes.OutcomeException" in bases


async def _finish(loop: Any, tasks: set[asyncio.Task[Any]]) -> None:
    if tasks:
        await asyncio.wait(tasks)
    # A generator dropped by its owner is being closed by a task that the loop made for it.
    await asyncio.sleep(0)
    await loop.shutdown_asyncgens()
