"""Wrappers around methods of classes that are not ours, put in place and taken away again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from funcpipe_laws.simulation.loops import unwatched

_ABSENT = object()


class Patches:
    """What was replaced, and by what."""

    def __init__(self, broke: Callable[[Exception], None]) -> None:
        self._broke = broke
        self._made: list[tuple[Any, str, Any, Any]] = []
        self.is_on = True
        """False after `restore`: a wrapper that somebody has wrapped in turn then does nothing."""
        self.missing: list[str] = []

    def hear(self, listener: Callable[..., None], *args: Any) -> None:
        """Tell the watch, if it is on; what goes wrong there stays there."""
        if not self.is_on or unwatched.depth:
            return
        try:
            listener(*args)
        except Exception as error:
            self._broke(error)

    def wrap(self, owner: Any, name: str, make: Callable[[Any], Any]) -> None:
        """Put `make(original)` in the place of an attribute; one that is not there is noted."""
        original = getattr(owner, name, _ABSENT)
        if original is _ABSENT:
            self.missing.append(f"{getattr(owner, '__qualname__', owner)}.{name}")
            return
        own = vars(owner).get(name, _ABSENT)
        wrapper = make(original)
        setattr(owner, name, wrapper)
        self._made.append((owner, name, own, wrapper))

    def restore(self) -> None:
        """Everything as it was found, but for what others have replaced since."""
        self.is_on = False
        for owner, name, own, wrapper in reversed(self._made):
            if vars(owner).get(name) is not wrapper:
                continue
            if own is _ABSENT:
                delattr(owner, name)
            else:
                setattr(owner, name, own)
        self._made.clear()
