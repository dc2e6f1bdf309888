"""All hooks at once, for one watch."""

from __future__ import annotations

import asyncio
import sys

from funcpipe_laws.leaks.hooking.asyncio_loops import hook_loops, hook_runner
from funcpipe_laws.leaks.hooking.coroutines import Coroutines
from funcpipe_laws.leaks.hooking.monitoring import Monitor
from funcpipe_laws.leaks.hooking.patches import Patches
from funcpipe_laws.leaks.hooking.set_hooks import SetHooks
from funcpipe_laws.leaks.hooking.trio_loops import hook_trio
from funcpipe_laws.leaks.lost import Lost
from funcpipe_laws.leaks.reading.instructions import IS_READABLE
from funcpipe_laws.leaks.watch import Watch

_open: list[Hooks] = []


class Hooks:
    """In place from its making to `close`. While there are several, only the latest hears."""

    def __init__(self, watch: Watch) -> None:
        self.watch = watch
        self.patches = Patches(watch.broke)
        self.monitor = Monitor(watch)
        self._lost = Lost(watch)
        self._coroutines = Coroutines(self.patches, self._lost)
        self._hooked: set[str] = set()
        hook_runner(self.patches, watch)
        hook_loops(self.patches, watch, self._lost, self.monitor, asyncio.BaseEventLoop)
        self.look_for_loops()
        loop = asyncio._get_running_loop()
        # A loop that runs already has set its hooks: they are not looked up again.
        self._running = loop and SetHooks(self.patches, watch, self.monitor, loop)
        if _open:
            _open[-1].patches.is_on = False
        _open.append(self)

    def look_for_loops(self) -> None:
        """Hook the loops of libraries that have been imported since."""
        uvloop = sys.modules.get("uvloop")
        if uvloop is not None and "uvloop" not in self._hooked and hasattr(uvloop, "Loop"):
            self._hooked.add("uvloop")
            hook_loops(self.patches, self.watch, self._lost, self.monitor, uvloop.Loop)
        streams = sys.modules.get("trio._core._asyncgens")
        if streams is not None and "trio" not in self._hooked:
            self._hooked.add("trio")
            hook_trio(self.patches, self.watch, self.monitor, streams.AsyncGenerators)

    def close(self) -> None:
        """Everything as it was found."""
        if self._running:
            self._running.close()
        self.monitor.close()
        self._coroutines.close()
        self.patches.restore()
        if self in _open:
            _open.remove(self)
        if _open:
            _open[-1].patches.is_on = True

    def not_seen(self) -> list[str]:
        """What this Python, or what others do with it, keeps from being seen."""
        lines = []
        if self.monitor.why_not:
            lines.append(
                "who pulled a stream last, pulls and closes from other tasks, and scopes and yields"
                f" of streams that end well: {self.monitor.why_not}"
            )
        if not IS_READABLE:
            lines.append(
                f"what a stream has still to clean up, coroutines that are never awaited:"
                f" {sys.implementation.name} does not show them; and what is dropped is found late,"
                " or never"
            )
        lines += [f"{name}: it is not there in this version" for name in self.patches.missing]
        return lines + self.watch.errors
