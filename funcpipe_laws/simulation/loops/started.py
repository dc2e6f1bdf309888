"""The async generators that a run has started, held weakly."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from weakref import ref

_MANY = 100
"""Generators that are remembered before those that have died are forgotten."""


class Started:
    """Generators in the order in which they were started: a WeakSet would be ordered by address."""

    def __init__(self) -> None:
        self._references: list[tuple[ref[Any], Any]] = []
        self._many = _MANY

    def add(self, generator: Any, note: Any = None) -> None:
        """One was started; the note is kept beside it."""
        self._references.append((ref(generator), note))
        if len(self._references) > self._many:
            self._references = [each for each in self._references if each[0]() is not None]
            self._many = max(_MANY, 2 * len(self._references))

    def alive(self) -> Iterator[tuple[Any, Any]]:
        """Those that are still there, with their notes, oldest first."""
        for reference, note in self._references:
            generator = reference()
            if generator is not None:
                yield generator, note
