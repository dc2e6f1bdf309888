"""The two loops that a visit can run on: the simulated one, and asyncio's own for threads."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Callable
from typing import Any, Literal, NoReturn, Protocol

from funcpipe_laws.simulation.loops.environment import Deadlock, Livelock
from funcpipe_laws.simulation.loops.sim import Context, SimLoop, Ts
from funcpipe_laws.simulation.loops.tasks import TaskMaker

Outcome = Literal["done", "stuck", "endless"]
"""Ended; nothing can ever wake it; still running after all that it was allowed."""

ITERATIONS = 20_000
"""Of the simulated loop, for one visit."""


class SweepLoop(Protocol):
    """What a sweep needs of a loop."""

    pause: float
    """Seconds for which a slow send lasts."""
    words: str

    def advance(self, task: asyncio.Future[Any]) -> Outcome:
        """Run until the task is done, or cannot be."""
        ...

    def needs_threads(self) -> str:
        """What the application asked for that this loop does not have; empty for nothing."""
        ...


class Simulated(SimLoop):
    """Virtual time, no threads; knows at once when nothing can run any more."""

    pause = 10.0
    words = "simulated loop"

    def __init__(self) -> None:
        super().__init__()
        self._refused: list[str] = []
        self._threads = set(threading.enumerate())
        self._threads_at_first = sys.maxsize  # they are asked for by `needs_threads`

    def refuse(self, what: str) -> NoReturn:
        """Note it: the application may catch what is raised."""
        self._refused.append(what)
        raise RuntimeError(f"{what}: the simulated loop has no threads, sockets or processes")

    def call_soon_threadsafe(
        self, callback: Callable[[*Ts], object], *args: *Ts, context: Context | None = None
    ) -> Any:
        """From another thread it is noted and nothing happens: raising would end that thread."""
        if threading.get_ident() == self._thread:
            return self.call_soon(callback, *args, context=context)
        self._refused.append("a thread that answers the loop")
        return None

    def advance(self, task: asyncio.Future[Any]) -> Outcome:
        """Run until the task is done, cannot be, or has had its iterations."""
        self.allow(ITERATIONS)
        try:
            self.run_until_complete(task)
        except Deadlock:
            return "stuck"
        except Livelock:
            return "endless"
        except asyncio.CancelledError:
            pass  # The task's own.
        return "done"

    def needs_threads(self) -> str:
        """The call that was refused, or the thread that was started."""
        started = set(threading.enumerate()) - self._threads
        if self._refused:
            return self._refused[0]
        return f"the thread {min(t.name for t in started)!r}" if started else ""


class Stock(TaskMaker, asyncio.SelectorEventLoop):
    """asyncio's own loop, with real time and threads; who takes too long is taken to be stuck."""

    pause = 0.02

    def __init__(self, patience: float) -> None:
        TaskMaker.__init__(self)
        asyncio.SelectorEventLoop.__init__(self)
        self.patience = patience
        self.words = (
            f"asyncio's own loop with threads, where {patience:g} real seconds are for ever"
        )
        self.unhandled: list[dict[str, Any]] = []

    def advance(self, task: asyncio.Future[Any]) -> Outcome:
        """Run until the task is done, or patience is at its end."""
        # Not `asyncio.wait`: that would be one more task among the application's.
        timer = self.call_later(self.patience, self.stop)
        task.add_done_callback(self._stop_for)
        try:
            if not task.done():
                self.run_forever()
        finally:
            timer.cancel()
            task.remove_done_callback(self._stop_for)
        return "done" if task.done() else "stuck"

    def _stop_for(self, _: asyncio.Future[Any]) -> None:
        self.stop()

    def needs_threads(self) -> str:
        """Nothing: it has them."""
        return ""

    def close(self) -> None:
        """Wait for its threads first."""
        if not self.is_closed():
            self.run_until_complete(self.shutdown_default_executor())
        super().close()

    def default_exception_handler(self, context: dict[str, Any]) -> None:
        """Keep the context in `unhandled` rather than log it."""
        self.unhandled.append(context)
