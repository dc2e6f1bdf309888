"""asyncstdlib: its iterator tools; a description is a thunk of one of its iterators."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import asyncstdlib as a

from funcpipe_laws import Policy, StreamInstance

Thunk = Callable[[], AsyncIterator[Any]]


def bind(xs: Thunk, f: Callable[[Any], Thunk]) -> Thunk:
    """A chain over the mapped iterator: lazy, and it owns what it has fetched."""
    return lambda: a.chain.from_iterable(a.map(lambda value: f(value)(), xs()))


def using(acquire: Callable[[], Any], make: Callable[[Any], Thunk]) -> Thunk:
    """A resource around a `scoped_iter`, which is how asyncstdlib closes an iterator."""

    async def held() -> AsyncIterator[Any]:
        async with acquire() as resource, a.scoped_iter(make(resource)()) as items:
            async for item in items:
                yield item

    return held


INSTANCE = StreamInstance(
    name="asyncstdlib 3.14.0",
    pure=lambda value: lambda: a.iter([value]),
    empty=lambda: lambda: a.iter([]),
    map=lambda xs, f: lambda: a.map(f, xs()),
    bind=bind,
    using=using,
    lift=lambda f: lambda value: lambda: a.map(f, [value]),
    chunk=lambda xs, max_size: lambda: a.map(list, a.batched(xs(), max_size)),
    policy=Policy(in_step=True),
)
