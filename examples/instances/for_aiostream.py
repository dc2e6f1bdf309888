"""aiostream: its operators as they are, run in their context as its documentation asks."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from aiostream import async_, operator, stream, streamcontext

from funcpipe_laws import Policy, StreamInstance, known_failure

from .sources import OLD_WAIT_FOR, Iterable


@operator
async def held(acquire: Callable[[], Any], make: Callable[[Any], Any]) -> AsyncIterator[Any]:
    """A resource in a custom operator, of the form that aiostream documents."""
    async with acquire() as resource, streamcontext(make(resource)) as streamer:
        async for item in streamer:
            yield item


def lift(function: Callable[[Any], Awaitable[Any]]) -> Callable[[Any], Any]:
    """A call for each value; `async_` tells aiostream to await what a plain function returns."""
    call: Any = stream.call
    return lambda value: call(async_(function), value)


class Entered:
    """A streamer in its context, which is entered at the first item and left by `aclose`."""

    def __init__(self, xs: Any) -> None:
        self.streamer = streamcontext(xs)
        self.entered = False

    def __aiter__(self) -> Entered:
        return self

    async def __anext__(self) -> Any:
        if not self.entered:
            self.entered = True
            await self.streamer.__aenter__()
        return await anext(self.streamer)

    async def aclose(self) -> None:
        """Leave the context, as the end of `async with` does."""
        await self.streamer.__aexit__(None, None, None)


INSTANCE = StreamInstance(
    name="aiostream 0.8.1",
    embed=lambda thunk: stream.iterate(Iterable(thunk)),
    open=Entered,
    pure=stream.just,
    empty=stream.empty,
    map=stream.map,
    # Sequential: with no limit, aiostream runs the inner streams concurrently.
    bind=lambda xs, f: stream.concatmap(xs, f, task_limit=1),
    using=held,
    lift=lift,
    # It has no buffer to bound: each source is at most one item ahead.
    merge=lambda sources: stream.merge(*sources),
    par_map=lambda xs, f, concurrency: stream.map(xs, async_(f), task_limit=concurrency),
    chunk=lambda xs, max_size: stream.chunks(xs, max_size),
    timeout=stream.timeout,
    waivers={
        law: known_failure(OLD_WAIT_FOR, when=sys.version_info < (3, 12)) for law in ("C1", "T5")
    },
    policy=Policy(in_step=True),
)
