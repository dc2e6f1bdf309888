"""A deterministic event loop: virtual time, no file descriptors, a deadlock is seen at once.

The loop keeps asyncio's documented order: the ready queue is first in, first out. What it leaves
open is what asyncio leaves open, and it asks for those decisions: when and in which order external
events land (an `Environment` decides), clock against event, and the order of timers that are due at
the same instant. So every execution is one that the stock loop could have shown.
"""

from __future__ import annotations

import asyncio
import contextvars
import heapq
import itertools
import sys
import threading
from collections import deque
from collections.abc import Callable
from typing import Any, NoReturn, TypeVarTuple

from funcpipe_laws.simulation.loops.environment import Deadlock, Environment, Livelock, Quiet
from funcpipe_laws.simulation.loops.handle import SimHandle
from funcpipe_laws.simulation.loops.started import Started
from funcpipe_laws.simulation.loops.stopped import NotSimulated
from funcpipe_laws.simulation.loops.tasks import TaskMaker

Ts = TypeVarTuple("Ts")
Context = contextvars.Context

MANY_TIMERS = 200
"""Timers, before those that were cancelled are dropped."""


class SimLoop(TaskMaker, asyncio.AbstractEventLoop):
    """An asyncio event loop whose clock and surroundings are an `Environment`'s to decide.

    Parameters: the environment, and how many iterations a run may take before it is a `Livelock`.
    `run_until_complete` raises `Deadlock` or `Livelock` where a real loop would hang. Not thread
    safe, and nothing that needs a thread, socket, signal or process is offered: such calls raise
    `NotSimulated`, and so does the run, whatever the program does about it.
    """

    def __init__(self, environment: Environment | None = None, *, limit: int = 20_000) -> None:
        super().__init__()
        self.environment: Environment = environment or Quiet()
        self.limit = limit
        self.iterations = 0
        self._taken = 0
        self.unhandled: list[dict[str, Any]] = []
        self._now = 0.0
        self._ready: deque[SimHandle] = deque()
        self._timers: list[tuple[float, int, SimHandle]] = []
        self._most_timers = MANY_TIMERS
        self._order = itertools.count()
        self._stopping = self._running = self._closed = False
        self._thread = threading.get_ident()
        self._threads_at_first = threading.active_count()
        self._refusal: NotSimulated | None = None
        self._handler: Any = None
        self._generators = Started()

    # Time and callbacks

    def time(self) -> float:
        """Virtual seconds since the loop was made."""
        return self._now

    def call_soon(
        self, callback: Callable[[*Ts], object], *args: *Ts, context: Context | None = None
    ) -> Any:
        """Queue the callback behind all that is ready."""
        if self._closed:
            raise RuntimeError("Event loop is closed")
        handle = SimHandle(callback, args, context)
        self._ready.append(handle)
        return handle

    def call_soon_threadsafe(
        self, callback: Callable[[*Ts], object], *args: *Ts, context: Context | None = None
    ) -> Any:
        """`call_soon`, from this thread only."""
        if threading.get_ident() != self._thread:
            self.refuse("call_soon_threadsafe from another thread")
        return self.call_soon(callback, *args, context=context)

    def call_later(
        self,
        delay: float,
        callback: Callable[[*Ts], object],
        *args: *Ts,
        context: Context | None = None,
    ) -> Any:
        """Queue the callback `delay` virtual seconds from now."""
        return self.call_at(self._now + delay, callback, *args, context=context)

    def call_at(
        self,
        when: float,
        callback: Callable[[*Ts], object],
        *args: *Ts,
        context: Context | None = None,
    ) -> Any:
        """Queue the callback when the virtual clock reaches `when`."""
        if self._closed:
            raise RuntimeError("Event loop is closed")
        handle = SimHandle(callback, args, context, when)
        heapq.heappush(self._timers, (when, next(self._order), handle))
        return handle

    def position(self) -> int:
        """The place, in the order of all callbacks of the run, of the next one that is queued."""
        return self._taken + len(self._ready)

    def create_future(self) -> asyncio.Future[Any]:
        """A future of this loop."""
        return asyncio.Future(loop=self)

    def allow(self, iterations: int) -> None:
        """Let it run for so many more iterations before it is a `Livelock`."""
        self.limit = self.iterations + iterations

    def pending_timers(self) -> int:
        """How many timers are set and not cancelled."""
        return sum(not handle.cancelled() for _, _, handle in self._timers)

    def is_at_rest(self) -> bool:
        """Whether no callback is queued."""
        return not self._ready

    def refuse(self, what: str) -> NoReturn:
        """Raise `NotSimulated` for something real that the program has asked for."""
        self._refusal = NotSimulated(
            f"{what}: the simulated loop has no threads, sockets, signals or processes; "
            "give the law a source in memory"
        )
        raise self._refusal

    # State

    def is_running(self) -> bool:
        """Whether `run_forever` is under way."""
        return self._running

    def is_closed(self) -> bool:
        """Whether `close` was called."""
        return self._closed

    def stop(self) -> None:
        """End `run_forever` after this iteration."""
        self._stopping = True

    def close(self) -> None:
        """Drop all that is queued."""
        self._closed = True
        self._ready.clear()
        self._timers.clear()

    def get_debug(self) -> bool:
        """Debug mode is off: it would record a stack for every callback."""
        return False

    def set_debug(self, enabled: bool) -> None:
        """Without effect."""

    def get_exception_handler(self) -> Any:
        """As on any loop."""
        return self._handler

    def set_exception_handler(self, handler: Any) -> None:
        """As on any loop."""
        self._handler = handler

    def default_exception_handler(self, context: dict[str, Any]) -> None:
        """Keep the context in `unhandled`."""
        self.unhandled.append(context)

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """Call the handler that was set; otherwise keep the context in `unhandled`."""
        if self._handler is None:
            self.default_exception_handler(context)
        else:
            self._handler(self, context)

    # Running

    def run_forever(self) -> None:
        """Run until `stop`; raises `Deadlock`, `Livelock` and whatever the environment raises."""
        if self._closed or self._running:
            raise RuntimeError("Event loop is closed" if self._closed else "Event loop is running")
        hooks = sys.get_asyncgen_hooks()
        sys.set_asyncgen_hooks(firstiter=self._generators.add, finalizer=self._finalise)
        # The one call that is not documented; it is what every third-party loop uses.
        asyncio._set_running_loop(self)
        self._running, self._stopping = True, False
        try:
            while not self._stopping:
                self._iterate()
                if self._refusal is not None:
                    refusal, self._refusal = self._refusal, None
                    raise refusal
        finally:
            self._running = False
            asyncio._set_running_loop(None)
            sys.set_asyncgen_hooks(*hooks)

    def run_until_complete(self, future: Any) -> Any:
        """Run until the future is done; its result or exception."""
        task = asyncio.ensure_future(future, loop=self)
        task.add_done_callback(self._stop_when_done)
        try:
            self.run_forever()
        finally:
            task.remove_done_callback(self._stop_when_done)
        if not task.done():
            raise RuntimeError("Event loop stopped before Future completed.")
        return task.result()

    def _stop_when_done(self, task: asyncio.Future[Any]) -> None:
        left = None if task.cancelled() else task.exception()
        # These two have ended `run_forever` themselves; a stop would end the next one.
        if not isinstance(left, (SystemExit, KeyboardInterrupt)):
            self.stop()

    def _iterate(self) -> None:
        environment, timers, ready = self.environment, self._timers, self._ready
        while timers and timers[0][2].cancelled():
            heapq.heappop(timers)
        if len(timers) > self._most_timers:
            # As asyncio's loops, that go round with many cancelled ones.
            timers[:] = [timer for timer in timers if not timer[2].cancelled()]
            heapq.heapify(timers)
            self._most_timers = MANY_TIMERS + 2 * len(timers)
        waiting = environment.waiting()
        if ready:
            environment.poll(idle=False)
        elif waiting and not (
            timers
            and not environment.holds_clock(timers[0][0])
            and environment.choose(2, "event or clock")
        ):
            environment.poll(idle=True)
        elif timers:
            self._now = max(self._now, timers[0][0])
            environment.poll(idle=False)
        else:
            if threading.active_count() > self._threads_at_first:
                self.refuse("a thread that the program has started")
            raise Deadlock(f"nothing can run any more, at iteration {self.iterations}")
        if timers:
            self._queue_due_timers()
        self.iterations += 1
        if self.iterations > self.limit:
            raise Livelock(f"still running after {self.limit} iterations of the loop")
        self._taken += len(ready)
        for _ in range(len(ready)):
            handle = ready.popleft()
            try:
                handle.run()
            except (SystemExit, KeyboardInterrupt):
                raise
            except BaseException as exc:
                self.call_exception_handler({"message": "exception in callback", "exception": exc})

    def _queue_due_timers(self) -> None:
        timers = self._timers
        while timers and timers[0][0] <= self._now:
            when = timers[0][0]
            tied = []
            while timers and timers[0][0] == when:
                handle = heapq.heappop(timers)[2]
                if not handle.cancelled():
                    tied.append(handle)
                    self.environment.expired(handle.timer())
            while len(tied) > 1:
                self._ready.append(tied.pop(self.environment.choose(len(tied), "tied timers")))
            self._ready.extend(tied)

    # Async generators

    def _finalise(self, generator: Any) -> None:
        if not self._closed:
            self.call_soon(self.create_task, generator.aclose())

    async def shutdown_asyncgens(self) -> None:
        """Close what is still open, oldest first, as `asyncio.run` does at its end."""
        for generator, _ in list(self._generators.alive()):
            try:
                await generator.aclose()
            except Exception as exc:
                message = f"an error occurred during closing of {generator!r}"
                self.call_exception_handler({"message": message, "exception": exc})

    async def shutdown_default_executor(
        self,
        timeout: float | None = None,  # noqa: ASYNC109 - the signature is asyncio's
    ) -> None:
        """There is none."""


def _refusal(name: str) -> Callable[..., NoReturn]:
    def refuse(self: SimLoop, *args: object, **kwargs: object) -> NoReturn:
        self.refuse(f"loop.{name}()")

    return refuse


for _name, _member in vars(asyncio.AbstractEventLoop).items():
    if (
        callable(_member)
        and not _name.startswith("_")
        and _name not in {*vars(SimLoop), *vars(TaskMaker)}
    ):
        setattr(SimLoop, _name, _refusal(_name))
