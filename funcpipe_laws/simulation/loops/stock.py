"""The stock event loop, unmodified, with a scripted world where its file descriptors would be.

A selector is asyncio's public way to supply external events. Here `select` does what
`SimLoop` does between two iterations: it lets events of the world land, or moves the clock. The
loop around it is CPython's, so a failure that shows here is a failure of the program.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Mapping
from typing import Any

from funcpipe_laws.simulation.loops.environment import Deadlock, Environment, Livelock, Quiet
from funcpipe_laws.simulation.loops.sim import MANY_TIMERS, Context, Ts
from funcpipe_laws.simulation.loops.tasks import TaskMaker


class _ScriptedSelector(selectors.BaseSelector):
    """Answers "no descriptor is ready" after the environment had its turn."""

    def __init__(self, environment: Environment, limit: int) -> None:
        self.environment = environment
        self.limit = limit
        self.iterations = 0
        self.now = 0.0
        self._keys: dict[Any, selectors.SelectorKey] = {}

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        environment = self.environment
        waiting = environment.waiting()
        if timeout == 0:
            environment.poll(idle=False)
        elif waiting and not (
            timeout is not None
            and not environment.holds_clock(self.now + timeout)
            and environment.choose(2, "event or clock")
        ):
            environment.poll(idle=True)
        elif timeout is not None:
            self.now += timeout
            environment.poll(idle=False)
        else:
            raise Deadlock(f"nothing can run any more, at iteration {self.iterations}")
        self.iterations += 1
        if self.iterations > self.limit:
            raise Livelock(f"still running after {self.limit} iterations of the loop")
        return []

    # The loop registers the pipe by which other threads wake it.

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        descriptor = fileobj if isinstance(fileobj, int) else fileobj.fileno()
        key = selectors.SelectorKey(fileobj, descriptor, events, data)
        self._keys[fileobj] = key
        return key

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        return self._keys.pop(fileobj)

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        return self._keys


class StockLoop(TaskMaker, asyncio.SelectorEventLoop):
    """`asyncio.SelectorEventLoop` on virtual time; takes what `SimLoop` takes."""

    def __init__(self, environment: Environment | None = None, *, limit: int = 20_000) -> None:
        TaskMaker.__init__(self)
        self._scripted = _ScriptedSelector(environment or Quiet(), limit)
        asyncio.SelectorEventLoop.__init__(self, self._scripted)
        self.unhandled: list[dict[str, Any]] = []
        self._timers_set: list[asyncio.TimerHandle] = []
        self._most_timers = MANY_TIMERS

    def time(self) -> float:
        """Virtual seconds since the loop was made."""
        return self._scripted.now

    @property
    def iterations(self) -> int:
        """How often the loop has gone round."""
        return self._scripted.iterations

    def allow(self, iterations: int) -> None:
        """Let it run for so many more iterations before it is a `Livelock`."""
        self._scripted.limit = self.iterations + iterations

    def call_at(
        self,
        when: float,
        callback: Callable[[*Ts], object],
        *args: *Ts,
        context: Context | None = None,
    ) -> Any:
        """As on any loop; noted, so that timers left behind can be counted."""
        handle = super().call_at(when, callback, *args, context=context)
        if len(self._timers_set) > self._most_timers:
            self._timers_set = [timer for timer in self._timers_set if not timer.cancelled()]
            self._most_timers = MANY_TIMERS + 2 * len(self._timers_set)
        self._timers_set.append(handle)
        return handle

    def pending_timers(self) -> int:
        """How many timers are set and not cancelled."""
        now = self.time()
        return sum(not t.cancelled() and t.when() > now for t in self._timers_set)

    def is_at_rest(self) -> bool:
        """Whether no callback is queued: that is CPython's own business."""
        return False

    def default_exception_handler(self, context: dict[str, Any]) -> None:
        """Keep the context in `unhandled` rather than log it."""
        self.unhandled.append(context)
