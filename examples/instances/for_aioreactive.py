"""aioreactive: its observables, pulled through its own async iterator."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import aioreactive as rx
from expression import pipe

from funcpipe_laws import StreamInstance

from .sources import Iterable, held


async def run(xs: Any) -> AsyncIterator[Any]:
    """Iterate it; leaving the block disposes of the subscription."""
    items: Any = rx.AsyncIteratorObserver(xs)
    async with items:
        async for item in items:
            yield item


def using(acquire: Callable[[], Any], make: Callable[[Any], Any]) -> Any:
    """An observable of an async generator that holds the resource."""
    return rx.from_async_iterable(Iterable(lambda: held(acquire, lambda value: run(make(value)))))


INSTANCE = StreamInstance(
    name="aioreactive 0.20.0",
    embed=lambda thunk: rx.from_async_iterable(Iterable(thunk)),
    open=run,
    pure=rx.single,
    empty=rx.empty,
    map=lambda xs, f: pipe(xs, rx.map(f)),
    # No bind: its flat_map runs the inner observables all at once.
    using=using,
    lift=lambda f: lambda value: pipe(rx.single(value), rx.map_async(f)),
    # It documents back-pressure without any queue, so there is no buffer to bound.
    merge=lambda sources, max_buffer=1: rx.merge_seq(sources),
)
