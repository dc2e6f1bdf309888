"""Values in lists: by number, and by time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import TypeVar

from funcpipe_streams.concurrent import at_least_one
from funcpipe_streams.result import Err, ErrInfo, Ok, Result
from funcpipe_streams.running.description import AsyncGen, Generated, open_stream
from funcpipe_streams.running.fuse import not_a_result
from funcpipe_streams.running.pumps import Pumps
from funcpipe_streams.running.release import closing_stream

__all__ = ["async_gen_chunk"]

T = TypeVar("T")
Chunks = AsyncGenerator[Result[list[T], ErrInfo], None]


def async_gen_chunk(
    gen: AsyncGen[T], max_size: int, max_seconds: float | None = None
) -> AsyncGen[list[T]]:
    """Gather values into lists of `max_size`; the last may be shorter, none is empty.

    Parameters: with `max_seconds` a list goes out at the latest that long after its first value,
    also while the source is idle; the source then runs in a task of its own, at most
    `max_size + 1` items ahead. Without it nothing is pulled ahead.

    An `Err` sends out what was gathered before it, then passes: the order of items is kept. So does
    an exception of the source: what was gathered comes first. Each list is the consumer's own.
    Raises `ValueError` if `max_size` is below 1 or `max_seconds` not above 0.
    """
    at_least_one("max_size", max_size)
    if max_seconds is None:
        return Generated(_chunked, gen, max_size)
    if not isinstance(max_seconds, int | float):
        raise TypeError(f"max_seconds must be a number, not {max_seconds!r}")
    if not max_seconds > 0:
        raise ValueError(f"max_seconds must be above 0, not {max_seconds}")
    return Generated(_chunked_in_time, gen, max_size, max_seconds)


async def _chunked(gen: AsyncGen[T], max_size: int) -> Chunks[T]:
    chunk: list[T] = []
    failure: Exception | None = None
    async with closing_stream(open_stream(gen)) as stream:
        while failure is None:
            try:
                item = await stream.__anext__()
            except StopAsyncIteration:
                break
            except Exception as error:
                failure = error
                break
            if type(item) is Ok:
                chunk.append(item.value)
                if len(chunk) < max_size:
                    continue
            elif type(item) is not Err:
                raise not_a_result(item)
            if chunk:
                yield Ok(chunk)
                chunk = []
            if type(item) is Err:
                yield item
    if chunk:
        yield Ok(chunk)
    if failure is not None:
        try:
            raise failure
        finally:
            del failure  # its traceback holds this frame: a cycle


async def _chunked_in_time(gen: AsyncGen[T], max_size: int, max_seconds: float) -> Chunks[T]:
    loop = asyncio.get_running_loop()
    chunk: list[T] = []
    until = 0.0
    async with Pumps([gen], max_size) as pumps:
        while pumps.items or not pumps.ended:
            if not pumps.items:
                if chunk and loop.time() >= until:
                    yield Ok(chunk)
                    chunk = []
                else:
                    await pumps.arrival(until if chunk else None)
                continue
            item = pumps.items.popleft()
            pumps.one_taken()
            if type(item) is Ok:
                if not chunk:
                    until = loop.time() + max_seconds
                chunk.append(item.value)
                if len(chunk) < max_size:
                    continue
            elif type(item) is not Err:
                raise not_a_result(item)
            if chunk:
                yield Ok(chunk)
                chunk = []
            if type(item) is Err:
                yield item
        if chunk:
            yield Ok(chunk)
