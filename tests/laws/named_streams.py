"""Right operators under the names that people give them, on bare async iterables."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from typing import Any

from tests.laws.mutants.tee import Tee

Items = AsyncGenerator[Any, None]
END = object()


async def _cancelled(tasks: list[asyncio.Task[Any]]) -> None:
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks)
    for task in tasks:
        _ = task.cancelled() or task.exception()


async def _pump(items: Any, queue: asyncio.Queue[Any], mark: Any) -> None:
    try:
        async with aclosing(items):
            async for item in items:
                await queue.put((mark, item))
    except Exception as exc:
        if asyncio.current_task().cancelling():  # type: ignore[union-attr]
            raise
        await queue.put((mark, exc))
    await queue.put((mark, END))


async def combine_latest(left: Items, right: Items) -> Items:
    """A pair of the newest items, as soon as both are there."""
    queue: asyncio.Queue[Any] = asyncio.Queue(1)
    newest: dict[int, Any] = {}
    tasks = [asyncio.create_task(_pump(s, queue, i)) for i, s in enumerate((left, right))]
    try:
        ended = 0
        while ended < 2:
            which, item = await queue.get()
            if item is END:
                ended += 1
                continue
            if isinstance(item, Exception):
                raise item
            newest[which] = item
            if len(newest) == 2:
                yield newest[0], newest[1]
    finally:
        await _cancelled(tasks)


async def switch_map(source: Items, f: Callable[[Any], AsyncIterator[Any]]) -> Items:
    """The stream of the newest item; the one before is closed."""
    queue: asyncio.Queue[Any] = asyncio.Queue(1)
    outer = asyncio.create_task(_pump(source, queue, None))
    inner: asyncio.Task[Any] | None = None
    number = ended = 0
    try:
        while not (ended and inner is None):
            mark, item = await queue.get()
            if isinstance(item, Exception):
                raise item
            if mark is None:
                if item is END:
                    ended = 1
                    continue
                if inner is not None:
                    await _cancelled([inner])
                number += 1
                inner = asyncio.create_task(_pump(f(item), queue, number))
            elif mark == number:
                if item is END:
                    inner = None
                else:
                    yield item
    finally:
        await _cancelled([task for task in (outer, inner) if task is not None])


async def flat_map_concurrent(
    source: Items, f: Callable[[Any], AsyncIterator[Any]], limit: int = 4
) -> Items:
    """All inner streams at once, up to a limit."""
    queue: asyncio.Queue[Any] = asyncio.Queue(1)
    free = asyncio.Semaphore(limit)
    inners: set[asyncio.Task[Any]] = set()
    expected = 1

    async def one(item: Any) -> None:
        try:
            await _pump(f(item), queue, 1)
        finally:
            free.release()

    async def start() -> AsyncGenerator[Any, None]:
        nonlocal expected
        async with aclosing(source):
            async for item in source:
                await free.acquire()
                expected += 1
                task = asyncio.create_task(one(item))
                inners.add(task)
                task.add_done_callback(inners.discard)
        nothing: tuple[Any, ...] = ()
        for item in nothing:
            yield item

    outer = asyncio.create_task(_pump(start(), queue, 0))
    try:
        done = 0
        while done < expected:
            _, item = await queue.get()
            if isinstance(item, Exception):
                raise item
            if item is END:
                done += 1
            else:
                yield item
    finally:
        await _cancelled([outer, *inners])


async def map_unordered(source: Items, f: Callable[[Any], Awaitable[Any]], limit: int = 2) -> Items:
    """Results as they come."""

    async def one(item: Any) -> AsyncGenerator[Any, None]:
        yield await f(item)

    async with aclosing(flat_map_concurrent(source, one, limit)) as results:
        async for result in results:
            yield result


async def group_by(source: Items, key: Callable[[Any], Any]) -> Items:
    """Runs of items with the same key."""
    group: list[Any] = []
    async with aclosing(source):
        async for item in source:
            if group and key(group[0]) != key(item):
                yield key(group[0]), group
                group = []
            group.append(item)
    if group:
        yield key(group[0]), group


def retry(make: Callable[[], Items], attempts: int = 3) -> Callable[[], Items]:
    """Runs a stream again that fails before its first item."""

    async def stream() -> Items:
        for attempt in itertools.count(1):
            begun = False
            try:
                async with aclosing(make()) as items:
                    async for item in items:
                        begun = True
                        yield item
                return
            except OSError:
                if begun or attempt == attempts:
                    raise

    return stream


async def limited(source: Items, count: int, seconds: float) -> Items:
    """At most so many items in any so many seconds."""
    loop = asyncio.get_running_loop()
    times: list[float] = []
    async with aclosing(source):
        async for item in source:
            if len(times) == count:
                due = times.pop(0) + seconds
                if due > loop.time():
                    await asyncio.sleep(due - loop.time())
            times.append(loop.time())
            yield item


def atee(source: Items, n: int = 2) -> tuple[Items, ...]:
    """Several streams of the items of one."""
    shared = Tee(lambda: source, n)
    return tuple(shared.branch(number) for number in range(n))
