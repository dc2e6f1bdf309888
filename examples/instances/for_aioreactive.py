"""aioreactive: observables that push; here they are pulled through its own `to_async_iterable`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

import aioreactive as rx
from aioreactive.observers import AsyncIteratorObserver

from examples.instances.held_resource import held
from funcpipe_laws.instance import StreamInstance


class Source:
    """A re-iterable from a function that makes iterators."""

    def __init__(self, thunk: Callable[[], AsyncIterator[Any]]) -> None:
        self.thunk = thunk

    def __aiter__(self) -> AsyncIterator[Any]:
        return self.thunk()


class Pulls:
    """Pulls and close of a subscription: the observer's own `aclose` means "no more items"."""

    def __init__(self, observer: Any) -> None:
        self.observer = observer

    def __aiter__(self) -> Pulls:
        return self

    async def __anext__(self) -> Any:
        return await anext(self.observer)

    async def aclose(self) -> None:
        """Dispose of the subscription."""
        await self.observer.dispose_async()


def embed(thunk: Callable[[], AsyncIterator[Any]]) -> Any:
    """An observable of an async iterable."""
    return rx.from_async_iterable(Source(thunk))


def opened(observable: Any) -> Any:
    """An iterator over a subscription."""
    return Pulls(AsyncIteratorObserver(observable))


def merge(streams: Sequence[Any], max_buffer: int = 1) -> Any:
    """All of them, by merging one after the other; the library's merge takes two."""
    merged: Any = rx.empty()
    for one in streams:
        merged = rx.merge(one)(merged)
    return merged


INSTANCE = StreamInstance(
    name="aioreactive 0.20.0",
    pure=rx.single,
    empty=rx.empty,
    map=lambda source, f: rx.map(f)(source),
    using=held(embed, opened),
    merge=merge,
    embed=embed,
    open=opened,
)
