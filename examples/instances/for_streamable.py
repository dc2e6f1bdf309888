"""streamable: its fluent streams, iterated asynchronously."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from streamable import stream

from funcpipe_laws import Policy, StreamInstance

from .sources import Iterable, held


def using(acquire: Callable[[], Any], make: Callable[[Any], stream[Any]]) -> stream[Any]:
    """A stream over an async generator that holds the resource."""
    return stream(Iterable(lambda: held(acquire, make)))


def awaiting(function: Callable[[Any], Awaitable[Any]]) -> Callable[[Any], Awaitable[Any]]:
    """A coroutine function: streamable awaits no other."""

    async def call(value: Any) -> Any:
        return await function(value)

    return call


INSTANCE = StreamInstance(
    name="streamable 2.0.0",
    embed=lambda thunk: stream(Iterable(thunk)),
    open=aiter,
    pure=lambda value: stream([value]),
    empty=lambda: stream([]),
    map=lambda xs, f: xs.map(f),
    bind=lambda xs, f: xs.map(f).flatten(),
    using=using,
    lift=lambda f: lambda value: stream([value]).map(awaiting(f)),
    # Its concurrent flatten takes turns rather than what arrives first: no merge.
    par_map=lambda xs, f, concurrency: xs.map(awaiting(f), concurrency=concurrency),
    buffer=lambda xs, size: xs.buffer(size),
    # By size only: groups by time read the machine's clock, not the loop's.
    chunk=lambda xs, max_size: xs.group(max_size),
    policy=Policy(in_step=True),
)
