"""aioreactive: its observables, pulled through its own async iterator."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import aioreactive as rx
from expression import pipe

from funcpipe_laws import StreamInstance

from .sources import Iterable, held


class Pulls:
    """A subscription as an iterator; the observer's own `aclose` is how a source tells its end."""

    def __init__(self, xs: Any) -> None:
        self.xs = xs
        self.observer: Any = None

    def __aiter__(self) -> Pulls:
        return self

    async def __anext__(self) -> Any:
        # Not before: an observer can be made only while a loop runs.
        self.observer = self.observer or rx.AsyncIteratorObserver(self.xs)
        return await anext(self.observer)

    async def aclose(self) -> None:
        """Dispose of the subscription, as the end of `async with` does."""
        if self.observer is not None:
            await self.observer.dispose_async()


def using(acquire: Callable[[], Any], make: Callable[[Any], Any]) -> Any:
    """An observable of an async generator that holds the resource."""
    return rx.from_async_iterable(Iterable(lambda: held(acquire, lambda value: Pulls(make(value)))))


INSTANCE = StreamInstance(
    name="aioreactive 0.20.0",
    embed=lambda thunk: rx.from_async_iterable(Iterable(thunk)),
    open=Pulls,
    pure=rx.single,
    empty=rx.empty,
    map=lambda xs, f: pipe(xs, rx.map(f)),
    # No bind: its flat_map runs the inner observables all at once.
    using=using,
    lift=lambda f: lambda value: pipe(rx.single(value), rx.map_async(f)),
    # It documents back-pressure without any queue, so there is no buffer to bound.
    merge=lambda sources: rx.merge_seq(sources),
)
