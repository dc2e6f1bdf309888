"""Coroutines that are finalised without ever having run."""

from __future__ import annotations

import functools
import gc
import sys
import warnings
from typing import Any

from funcpipe_laws.leaks.hooking.patches import Patches
from funcpipe_laws.leaks.lost import Lost


class Coroutines:
    """Hears what Python is about to warn of; whether anyone sees the warning does not matter."""

    def __init__(self, patches: Patches, lost: Lost) -> None:
        self._patches, self._lost = patches, lost
        self._callbacks = getattr(gc, "callbacks", [])
        # PyPy has none: what is finalised there, its collector finalises.
        self._is_collecting = not hasattr(gc, "callbacks")
        self._callbacks.append(self._on_collection)
        patches.wrap(warnings, "_warn_unawaited_coroutine", self._make)

    def close(self) -> None:
        """As it was found."""
        if self._on_collection in self._callbacks:
            self._callbacks.remove(self._on_collection)

    def _on_collection(self, phase: str, _: dict[str, int]) -> None:
        self._is_collecting = phase == "start"

    def _make(self, original: Any) -> Any:
        def wrapper(coroutine: Any) -> Any:
            # The collector strikes anywhere: the frame would be one that has no part in it.
            frame = None if self._is_collecting else sys._getframe(1)
            self._patches.hear(self._lost.never_awaited, coroutine, frame)
            return original(coroutine)

        # The warning names the line that drops the coroutine; frames of such files are not counted.
        wrapper.__code__ = wrapper.__code__.replace(co_filename="<frozen importlib._bootstrap>")
        return functools.wraps(original)(wrapper)
