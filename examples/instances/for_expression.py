"""expression: its AsyncSeq functions, over items of its own Result type."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

from expression import Error, Ok, Result, pipe
from expression.collections import asyncseq

from funcpipe_laws import Policy, ResultType, StreamInstance

from .sources import held

Thunk = Callable[[], AsyncIterator[Any]]


async def single(item: Result[Any, str]) -> AsyncIterator[Any]:
    """A sequence of one item; the library itself has `repeat`, of bare values."""
    yield item


def map_ok(xs: Thunk, f: Callable[[Any], Any]) -> Thunk:
    """The map of the sequence, with the map of the result inside."""

    def inner(item: Result[Any, str]) -> Result[Any, str]:
        return item.map(f)

    return lambda: aiter(pipe(xs(), asyncseq.map(inner)))


def bind(xs: Thunk, f: Callable[[Any], Thunk]) -> Thunk:
    """A collect, which concatenates; an error is an item of its own."""

    def inner(item: Result[Any, str]) -> AsyncIterator[Any]:
        match item:
            case Result(tag="ok", ok=value):
                return f(value)()
            case _:
                return single(item)

    return lambda: aiter(pipe(xs(), asyncseq.collect(inner)))


def using(acquire: Callable[[], Any], make: Callable[[Any], Thunk]) -> Thunk:
    """An async generator that holds the resource."""
    return lambda: held(acquire, lambda resource: make(resource)())


INSTANCE = StreamInstance(
    name="expression 5.8.0",
    result=ResultType(
        ok=Ok,
        err=Error,
        is_ok=lambda item: item.is_ok(),
        is_err=lambda item: item.is_error(),
        value=lambda item: item.ok,
        error=lambda item: item.error,
    ),
    pure=lambda value: lambda: single(Ok(value)),
    empty=lambda: lambda: aiter(asyncseq.empty()),
    map=map_ok,
    bind=bind,
    using=using,
    policy=Policy(in_step=True),
)
