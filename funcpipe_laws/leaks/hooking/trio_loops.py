"""Streams on trio, whose runs have no method for each hook."""

from __future__ import annotations

import functools
from typing import Any

from funcpipe_laws.leaks.hooking.monitoring import Monitor
from funcpipe_laws.leaks.hooking.patches import Patches
from funcpipe_laws.leaks.hooking.set_hooks import SetHooks
from funcpipe_laws.leaks.watch import Watch


def hook_trio(patches: Patches, watch: Watch, monitor: Monitor, runs: Any) -> None:
    """Hear of streams on all runs of trio; `runs` is its class for the streams of one."""

    def install_hooks(original: Any) -> Any:
        @functools.wraps(original)
        def wrapper(self: Any, runner: Any) -> Any:
            answer = original(self, runner)
            if patches.is_on:
                SetHooks(patches, watch, monitor, self)  # trio puts back what it found.
            return answer

        return wrapper

    def finalize_remaining(original: Any) -> Any:
        @functools.wraps(original)
        def wrapper(self: Any, runner: Any) -> Any:
            patches.hear(watch.loop_shuts_streams, self)
            patches.hear(watch.loop_ended, self)
            return original(self, runner)

        return wrapper

    patches.wrap(runs, "install_hooks", install_hooks)
    patches.wrap(runs, "finalize_remaining", finalize_remaining)
