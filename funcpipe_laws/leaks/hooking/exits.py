"""`os._exit` in a test: the run is over at once, and pytest can report nothing of it."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from funcpipe_laws.leaks.hooking.patches import Patches


def hook_exit(patches: Patches, ended: Callable[[int], int]) -> None:
    """Have `ended` called with the exit code before the process goes; it returns the code to use.

    Only calls through `os` are seen: a module that imported the function itself keeps it.
    """

    def make(original: Callable[[int], Any]) -> Callable[[int], Any]:
        def leave(status: int) -> Any:
            return original(ended(status) if patches.is_on else status)

        return leave

    patches.wrap(os, "_exit", make)
