"""Concurrent streams of the reference, and what people use instead."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from importlib.util import find_spec
from typing import Any

from benchmarks.alternating import Row
from funcpipe_streams import (
    AsyncGen,
    ErrInfo,
    Ok,
    Result,
    async_gen_gather,
    async_gen_par_map,
)

__all__ = ["concurrent_rows"]

Items = AsyncIterator[Any]
BUFFER = 16
CONCURRENCY = 16


def source(n: int) -> AsyncGen[int]:
    """Items that are always ready."""

    async def stream() -> AsyncIterator[Result[int, ErrInfo]]:
        for x in range(n):
            yield Ok(x)

    return stream


async def fetch(item: Any) -> Result[int, ErrInfo]:
    """Work that waits once, on an item or on a value."""
    await asyncio.sleep(0)
    return Ok(item)


async def queue_of_pumps(gens: list[AsyncGen[int]]) -> Items:
    """A task for each source and one queue: what is commonly written. Unfair."""
    queue: asyncio.Queue[Any] = asyncio.Queue(BUFFER)
    ended = object()

    async def pump(gen: AsyncGen[int]) -> None:
        async for item in gen():
            await queue.put(item)
        await queue.put(ended)

    tasks = [asyncio.create_task(pump(gen)) for gen in gens]
    left = len(tasks)
    while left:
        item = await queue.get()
        if item is ended:
            left -= 1
        else:
            yield item


async def merged_by_aiostream(gens: list[AsyncGen[int]]) -> Items:
    from aiostream import stream

    async with stream.merge(*(gen() for gen in gens)).stream() as merged:
        async for item in merged:
            yield item


async def window_of_tasks(gen: AsyncGen[int], fn: Callable[[int], Awaitable[Any]]) -> Items:
    """A task for each item, a semaphore, results in order: what is commonly written."""
    semaphore = asyncio.Semaphore(CONCURRENCY)
    window: deque[asyncio.Task[Any]] = deque()

    async def one(value: int) -> Any:
        async with semaphore:
            return await fn(value)

    async for item in gen():
        if isinstance(item, Ok):
            window.append(asyncio.create_task(one(item.value)))
        if len(window) == CONCURRENCY:
            yield await window.popleft()
    while window:
        yield await window.popleft()


async def mapped_by_aiostream(gen: AsyncGen[int], fn: Any) -> Items:
    from aiostream import stream

    mapped: Any = stream.map(gen(), fn, ordered=True, task_limit=CONCURRENCY)
    async with mapped.stream() as results:
        async for item in results:
            yield item


async def mapped_by_streamable(gen: AsyncGen[int], fn: Callable[[Any], Any]) -> Items:
    from streamable import stream

    async for item in stream(gen()).map(fn, concurrency=CONCURRENCY):
        yield item


def concurrent_rows(size: int) -> list[Row]:
    """The table's rows for runs of `size` items; peers that are not installed are left out."""
    rows = []
    for n in (1, 10, 100, 1000):
        gens = [source(size // n)] * n
        gathered = async_gen_gather(gens, max_buffer=BUFFER)
        by_hand = partial(queue_of_pumps, gens)
        if n == 1:
            rows.append(Row("control: queue against itself", by_hand, by_hand, 1.05))
        rows.append(Row(f"gather, {n} sources / queue", gathered, by_hand, 1.0))
        if find_spec("aiostream"):
            merged = partial(merged_by_aiostream, gens)
            rows.append(Row(f"gather, {n} sources / aiostream", gathered, merged, 0.25))
    gen = source(size)
    mapped = async_gen_par_map(gen, fetch, concurrency=CONCURRENCY)
    rows.append(Row("par_map / semaphore", mapped, partial(window_of_tasks, gen, fetch), 0.8))
    if find_spec("aiostream"):
        peer = partial(mapped_by_aiostream, gen, fetch)
        rows.append(Row("par_map / aiostream", mapped, peer, 0.8))
    if find_spec("streamable"):
        peer = partial(mapped_by_streamable, gen, fetch)
        rows.append(Row("par_map / streamable", mapped, peer, 0.8))
    return rows
