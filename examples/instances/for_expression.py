"""expression: functional combinators; its async sequences are mapped and collected."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

from expression.collections import asyncseq
from expression.core import Error, Ok

from examples.instances.held_resource import held
from funcpipe_laws.instance import ResultType, StreamInstance

Thunk = Callable[[], AsyncIterator[Any]]


def mapped(gen: Thunk, f: Callable[[Any], Any]) -> Callable[[], Any]:
    """The library's map, of a function on results."""

    def on_result(item: Any) -> Any:
        return item.map(f)

    return lambda: aiter(asyncseq.map(on_result)(gen()))


def bind(gen: Thunk, f: Callable[[Any], Thunk]) -> Callable[[], Any]:
    """The library's collect."""

    def inner(item: Any) -> Any:
        return f(item.ok)() if item.is_ok() else _one(item)

    return lambda: aiter(asyncseq.collect(inner)(gen()))


async def _one(item: Any) -> AsyncIterator[Any]:
    yield item


INSTANCE = StreamInstance(
    name="expression 5.8.0",
    pure=lambda value: lambda: _one(Ok(value)),
    empty=lambda: lambda: aiter(asyncseq.empty()),
    map=mapped,
    bind=bind,
    using=held(lambda thunk: thunk, lambda gen: gen()),
    result=ResultType(
        ok=Ok,
        err=Error,
        is_ok=lambda item: item.is_ok(),
        is_err=lambda item: item.is_error(),
        value=lambda item: item.ok,
        error=lambda item: item.error,
    ),
)
