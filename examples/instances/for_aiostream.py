"""aiostream: pipe-style operators; a stream is run inside `async with stream.stream()`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

from aiostream import operator, stream

from examples.instances.held_resource import held
from funcpipe_laws.instance import StreamInstance


class Entered:
    """A streamer in its context, which is entered at the first item and left by `aclose`."""

    def __init__(self, description: Any) -> None:
        self.streamer = description.stream()
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


class Source:
    """A re-iterable from a function that makes iterators."""

    def __init__(self, thunk: Callable[[], AsyncIterator[Any]]) -> None:
        self.thunk = thunk

    def __aiter__(self) -> AsyncIterator[Any]:
        return self.thunk()


def embed(thunk: Callable[[], AsyncIterator[Any]]) -> Any:
    """A stream over a source that is opened when the stream is iterated."""
    return _iterate(Source(thunk))


@operator
async def _iterate(source: Source) -> AsyncIterator[Any]:
    async with stream.iterate(source).stream() as items:
        async for item in items:
            yield item


def merge(streams: Sequence[Any], max_buffer: int = 1) -> Any:
    """aiostream's merge has no buffer to set."""
    return stream.merge(*streams)


INSTANCE = StreamInstance(
    name="aiostream 0.8.1",
    pure=stream.just,
    empty=stream.empty,
    map=stream.map,
    bind=lambda source, f: stream.concatmap(source, f, task_limit=1),
    using=held(embed, Entered),
    merge=merge,
    par_map=lambda source, fn, concurrency: stream.map(source, fn, task_limit=concurrency),
    chunk=lambda source, size: stream.chunks(source, size),
    timeout=stream.timeout,
    embed=embed,
    open=Entered,
)
