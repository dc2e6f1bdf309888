"""aioitertools: its iterator tools; a description is a thunk of one of its iterators."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Callable
from typing import Any

from aioitertools import asyncio as concurrent
from aioitertools import builtins, itertools, more_itertools

from funcpipe_laws import Operator, Policy, StreamInstance, models

from .sources import Iterable, held

Thunk = Callable[[], AsyncIterator[Any]]


def bind(xs: Thunk, f: Callable[[Any], Thunk]) -> Thunk:
    """A chain over the mapped iterator."""
    return lambda: itertools.chain.from_iterable(builtins.map(lambda value: f(value)(), xs()))


def merge(sources: list[Callable[[], Any]]) -> Thunk:
    """What several generators give, as it comes; it has no buffer to bound."""
    return lambda: aiter(concurrent.as_generated([source() for source in sources]))


def first_two(items: AsyncIterator[Any]) -> AsyncIterable[Any]:
    """A slice."""
    return itertools.islice(items, 2)


def zipped(left: AsyncIterator[Any], right: AsyncIterator[Any]) -> AsyncIterator[Any]:
    """Pairs."""
    return builtins.zip(left, right)


INSTANCE = StreamInstance(
    name="aioitertools 0.13.0",
    map=lambda xs, f: lambda: builtins.map(f, xs()),
    bind=bind,
    using=lambda acquire, make: lambda: held(acquire, lambda value: Iterable(make(value))),
    merge=merge,
    chunk=lambda xs, size: lambda: more_itertools.chunked(xs(), size),
    operators={
        "islice": Operator(first_two, model=models.take(2)),
        "zip": Operator(zipped, model=models.zipped()),
    },
    policy=Policy(in_step=True),
)
