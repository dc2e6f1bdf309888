"""What happens on the loops of asyncio, and on uvloop's, which have the same methods."""

from __future__ import annotations

import asyncio
import functools
import sys
from typing import Any

from funcpipe_laws.leaks.hooking.monitoring import Monitor
from funcpipe_laws.leaks.hooking.patches import Patches
from funcpipe_laws.leaks.lost import Lost
from funcpipe_laws.leaks.watch import Watch

# The law suites and sweeps leave streams open on purpose, on loops of their own, and count them.
_NOT_WATCHED = "funcpipe_laws."


def _is_watched(loop: object) -> bool:
    return not type(loop).__module__.startswith(_NOT_WATCHED)


def hook_runner(patches: Patches, watch: Watch) -> None:
    """Hear of it when `asyncio.run` and its like are about to cancel what is left."""

    def close(original: Any) -> Any:
        @functools.wraps(original)
        def wrapper(self: Any) -> Any:
            loop = getattr(self, "_loop", None)
            if loop is not None and not loop.is_closed() and _is_watched(loop):
                patches.hear(watch.loop_cancels_tasks, loop)
            return original(self)

        return wrapper

    patches.wrap(asyncio.Runner, "close", close)


def hook_loops(patches: Patches, watch: Watch, lost: Lost, monitor: Monitor, loops: Any) -> None:
    """Hear of what happens on all loops of a class."""
    _hook_tasks(patches, watch, lost, loops)
    _hook_streams(patches, watch, monitor, loops)


def _hook_tasks(patches: Patches, watch: Watch, lost: Lost, loops: Any) -> None:
    def create_task(original: Any) -> Any:
        @functools.wraps(original)
        def wrapper(self: Any, *args: Any, **options: Any) -> Any:
            task = original(self, *args, **options)
            if _is_watched(self):
                patches.hear(watch.task_made, task, sys._getframe(1))
            return task

        return wrapper

    def close(original: Any) -> Any:
        @functools.wraps(original)
        def wrapper(self: Any) -> Any:
            if not self.is_closed() and not self.is_running() and _is_watched(self):
                patches.hear(watch.loop_cancels_tasks, self)
                patches.hear(watch.loop_shuts_streams, self)
                patches.hear(watch.loop_ended, self)
            return original(self)

        return wrapper

    def call_exception_handler(original: Any) -> Any:
        @functools.wraps(original)
        def wrapper(self: Any, context: dict[str, Any]) -> Any:
            if _is_watched(self):
                patches.hear(lost.loop_error, self, context)
            return original(self, context)

        return wrapper

    patches.wrap(loops, "create_task", create_task)
    patches.wrap(loops, "close", close)
    patches.wrap(loops, "call_exception_handler", call_exception_handler)


def _hook_streams(patches: Patches, watch: Watch, monitor: Monitor, loops: Any) -> None:
    def first(original: Any) -> Any:
        @functools.wraps(original)
        def wrapper(self: Any, stream: Any) -> Any:
            if _is_watched(self):
                patches.hear(monitor.first_pull, self, stream, sys._getframe(1))
            return original(self, stream)

        return wrapper

    def final(original: Any) -> Any:
        @functools.wraps(original)
        def wrapper(self: Any, stream: Any) -> Any:
            if _is_watched(self):
                patches.hear(watch.dropped, stream)
            return original(self, stream)

        return wrapper

    def shutdown(original: Any) -> Any:
        @functools.wraps(original)
        def wrapper(self: Any) -> Any:
            if _is_watched(self):
                patches.hear(watch.loop_shuts_streams, self)
            return original(self)

        return wrapper

    # Private names, the same since Python 3.6: `sys.set_asyncgen_hooks` is called anew by each run.
    patches.wrap(loops, "_asyncgen_firstiter_hook", first)
    patches.wrap(loops, "_asyncgen_finalizer_hook", final)
    patches.wrap(loops, "shutdown_asyncgens", shutdown)
