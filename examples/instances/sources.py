"""What the instances here share: a source as an iterable, and a resource held by a generator."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

OLD_WAIT_FOR = "asyncio.wait_for, which it is built on, loses such a cancel before Python 3.12"
"""A reason of a waiver: of more than one library."""


class Iterable(AsyncIterable[Any]):
    """An async iterable, each iteration of which is a fresh run of the thunk."""

    def __init__(self, thunk: Callable[[], AsyncIterator[Any]]) -> None:
        self.thunk = thunk

    def __aiter__(self) -> AsyncIterator[Any]:
        return self.thunk()


async def held(
    acquire: Callable[[], AbstractAsyncContextManager[Any]],
    make: Callable[[Any], AsyncIterable[Any]],
) -> AsyncIterator[Any]:
    """Items of a stream that needs a resource: the generator that a careful user writes.

    It closes the stream as far as the library lets it: not every iterator has an `aclose`.
    """
    async with acquire() as resource:
        items = aiter(make(resource))
        try:
            async for item in items:
                yield item
        finally:
            if hasattr(items, "aclose"):
                await items.aclose()
