"""fpstreams: its asynchronous flows; what holds a resource is a source of one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fpstreams import AsyncFlow, aflow

from funcpipe_laws import Operator, Policy, StreamInstance, models

from .sources import Iterable, held


def using(acquire: Callable[[], Any], make: Callable[[Any], AsyncFlow[Any]]) -> AsyncFlow[Any]:
    """A flow of a generator that holds the resource."""
    return aflow(Iterable(lambda: held(acquire, make)))


def merge(flows: list[AsyncFlow[Any]]) -> AsyncFlow[Any]:
    """The first flow, merged with the others; it takes no bound."""
    return flows[0].merge(*flows[1:]) if flows else AsyncFlow.of()


INSTANCE = StreamInstance(
    name="fpstreams 2.4.1",
    embed=lambda thunk: aflow(Iterable(thunk)),
    open=aiter,
    pure=AsyncFlow.of,
    empty=AsyncFlow.of,
    map=lambda flow, f: flow.map(f),
    bind=lambda flow, f: flow.flat_map(f),
    using=using,
    lift=lambda f: lambda value: AsyncFlow.of(value).map(f),
    merge=merge,
    par_map=lambda flow, f, concurrency: flow.map_async(f, concurrency=concurrency),
    buffer=lambda flow, size: flow.prefetch(size),
    chunk=lambda flow, max_size: flow.chunk(max_size).map(list),
    timeout=lambda flow, seconds: flow.timeout(seconds),
    operators={
        "take": Operator(lambda flow: flow.take(2), model=models.take(2), streams=1),
        "zip": Operator(lambda one, other: one.zip(other), model=models.zipped(), streams=2),
    },
    policy=Policy(exceptions="raise", merge_exceptions="raise"),
)
