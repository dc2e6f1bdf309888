"""What is kept of each live stream and task: a weak reference and a few words, below 1 KiB."""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import Iterator
from types import AsyncGeneratorType, CodeType
from typing import Any, Generic, TypeVar

from funcpipe_laws.leaks.reading.stacks import Stack

R = TypeVar("R", "StreamRecord", "TaskRecord")
Stream = AsyncGeneratorType[Any, Any]


class StreamRecord(weakref.ref[Stream]):
    """A stream that was pulled at least once."""

    __slots__ = (
        "closing",
        "code",
        "first",
        "is_excused",
        "is_manager",
        "key",
        "last",
        "loop",
        "scope_at",
        "scope_task",
        "since",
        "task",
        "test",
        "told",
    )

    code: CodeType
    key: int
    loop: int
    first: Stack
    last: Stack
    since: float
    task: int
    test: str
    told: frozenset[str]
    closing: bool
    is_excused: bool
    is_manager: bool
    scope_at: int
    scope_task: weakref.ref[Any] | None


class TaskRecord(weakref.ref[asyncio.Task[Any]]):
    """A task that a loop has made."""

    __slots__ = ("first", "is_told", "key", "test")

    key: int
    first: Stack
    test: str
    is_told: bool


class Register(Generic[R]):
    """Records by the identity of what they are of.

    The collector clears the weak references of a cycle before it finalises what is in it, so a
    record must outlive its reference: for a while it stays among the dying.
    """

    _DYING = 256

    def __init__(self) -> None:
        self._living: dict[int, R] = {}
        self._dying: dict[int, R] = {}

    def add(self, record: R) -> None:
        """From now on it is found."""
        self._living[record.key] = record

    def died(self, record: R) -> None:
        """The callback of its weak reference."""
        if self._living.get(record.key) is record:
            del self._living[record.key]
            if len(self._dying) >= self._DYING:
                self._dying.clear()
            self._dying[record.key] = record

    def find(self, key: int) -> R | None:
        """The record of something that is alive or being finalised."""
        return self._living.get(key) or self._dying.get(key)

    def living(self, key: int) -> R | None:
        """The record of something that is alive."""
        return self._living.get(key)

    def __bool__(self) -> bool:
        return bool(self._living)

    def __iter__(self) -> Iterator[R]:
        return iter(list(self._living.values()))
