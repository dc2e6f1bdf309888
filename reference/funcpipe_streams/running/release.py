"""When a stream's resources are released: the one place that closes what others opened."""

from __future__ import annotations

import asyncio
import types
from collections.abc import AsyncIterator
from typing import Any, Generic, TypeVar
from weakref import WeakKeyDictionary

__all__ = [
    "BEING_CLOSED",
    "close",
    "closing_stream",
    "interrupt",
    "releasing",
]

S = TypeVar("S", bound=AsyncIterator[Any])


async def close(stream: object) -> None:
    """Close an iterator that a combinator has opened, if it can be closed at all.

    A class with nothing but `__anext__` has no `aclose`; such an iterator holds nothing to release.
    """
    if type(stream) is types.AsyncGeneratorType and stream.ag_frame is None:
        return  # it has ended
    aclose = getattr(stream, "aclose", None)
    if aclose is not None:
        with releasing():
            await aclose()


class _Release:
    __slots__ = ("depth", "interrupt_due")

    def __init__(self) -> None:
        self.depth = 0
        self.interrupt_due = False


BEING_CLOSED = "the stream is being closed"

# Weakly: a task whose loop has ended in mid-release must not be kept for ever.
_releases: WeakKeyDictionary[asyncio.Task[Any], _Release] = WeakKeyDictionary()


class releasing:  # noqa: N801 - used like contextlib.suppress
    """A block that `interrupt` does not cut: the current task is in it to release something."""

    __slots__ = ("_task",)

    def __enter__(self) -> None:
        loop = asyncio._get_running_loop()  # none for synchronous streams
        self._task = None if loop is None else asyncio.current_task(loop)
        if self._task is not None:
            _releases.setdefault(self._task, _Release()).depth += 1

    def __exit__(self, *exc_info: object) -> None:
        if self._task is None:
            return
        release = _releases[self._task]
        release.depth -= 1
        if not release.depth:
            del _releases[self._task]
            loop = self._task.get_loop()
            if release.interrupt_due and not loop.is_closed():
                # Not now: it would be delivered at the next suspension, be that the next release.
                loop.call_soon(interrupt, self._task)


def interrupt(task: asyncio.Task[Any]) -> None:
    """Cancel a task, but not within a release: then when that is complete.

    So a release that is under way when a concurrent stream is closed ends as it would in a
    sequential one, where `aclose()` cannot meet it.
    """
    release = _releases.get(task)
    if release is None:
        task.cancel(BEING_CLOSED)
    else:
        release.interrupt_due = True


class closing_stream(Generic[S]):  # noqa: N801 - used like contextlib.aclosing
    """Hold a stream open for an `async with` block, and have it closed when the block is left.

    `async with closing_stream(numbers()) as stream: async for item in stream: ...` releases what
    the run acquired before the block is left, by whatever way. Unlike `contextlib.aclosing` it
    takes any asynchronous iterator, with `aclose` or without, and keeps its type.

    Raises `TypeError` at once for a description, which has to be called first.
    """

    __slots__ = ("_stream",)

    def __init__(self, stream: S) -> None:
        if not hasattr(stream, "__anext__"):
            hint = "; call the description: closing_stream(stream())" if callable(stream) else ""
            raise TypeError(
                f"closing_stream takes a stream, an asynchronous iterator, not {stream!r}{hint}"
            )
        self._stream = stream

    async def __aenter__(self) -> S:
        return self._stream

    async def __aexit__(self, *exc_info: object) -> None:
        await close(self._stream)
