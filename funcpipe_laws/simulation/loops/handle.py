"""A scheduled callback of the simulated loop."""

from __future__ import annotations

import contextvars
from collections.abc import Callable
from typing import Any

Context = contextvars.Context

_TIMERS = {
    "_set_result_unless_cancelled": "sleep",
    "Timeout._on_timeout": "timeout",
    "_release_waiter": "timeout",
}
"""A timer's callback -> what asyncio calls what sets it: `wait` and, on 3.11, `wait_for` too."""


class SimHandle:
    """A scheduled callback, as `call_soon` and `call_at` return it."""

    __slots__ = ("_args", "_callback", "_context", "_when")

    def __init__(
        self,
        callback: Callable[..., object],
        args: tuple[Any, ...],
        context: Context | None,
        when: float = 0.0,
    ) -> None:
        self._callback: Callable[..., object] | None = callback
        self._args = args
        self._context = contextvars.copy_context() if context is None else context
        self._when = when

    def cancel(self) -> None:
        """The callback will not run."""
        self._callback = None
        self._args = ()

    def cancelled(self) -> bool:
        """Whether `cancel` was called."""
        return self._callback is None

    def when(self) -> float:
        """The instant a timer is due."""
        return self._when

    def get_context(self) -> Context:
        """The context that the callback runs in."""
        return self._context

    def timer(self) -> str:
        """What has set it, in the words of who reads a diagram."""
        name = getattr(self._callback, "__qualname__", "")
        return _TIMERS.get(name, "timer")

    def run(self) -> None:
        """Call it, unless it was cancelled."""
        if self._callback is not None:
            self._context.run(self._callback, *self._args)
