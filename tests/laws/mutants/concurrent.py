"""Wrong ways to build and to open a merge, and to map in parallel."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from typing import Any

from tests.laws.mutants.merging import Unbounded
from tests.laws.mutants.model import (
    Gen,
    Item,
    Items,
    Merge,
    Ok,
    cancel_and_wait,
    merge_by,
    mutant,
    par_map,
)


def starts_at_construction(gens: Sequence[Gen], max_buffer: int = 16) -> Gen:
    asyncio.get_running_loop()
    early = Merge(tuple(gens), max_buffer)
    early.start()
    unused = [early]

    def stream() -> Items:
        if not unused:
            return Merge(tuple(gens), max_buffer).items()
        run = unused.pop()
        run.start = lambda: None  # type: ignore[method-assign]
        return run.items()

    return stream


def starts_when_opened(gens: Sequence[Gen], max_buffer: int = 16) -> Gen:
    sources = tuple(gens)

    def stream() -> Items:
        run = Merge(sources, max_buffer)
        run.start()
        run.start = lambda: None  # type: ignore[method-assign]
        return run.items()

    return stream


def one_queue_for_all_runs(gens: Sequence[Gen], max_buffer: int = 16) -> Gen:
    sources = tuple(gens)
    shared: asyncio.Queue[Any] = asyncio.Queue()

    def stream() -> Items:
        run = Merge(sources, max_buffer)
        run.arrived = shared
        return run.items()

    return stream


def empties_its_list(gens: list[Gen], max_buffer: int = 16) -> Gen:
    sources = [gens.pop() for _ in range(len(gens))]
    return merge_by(Merge)(sources, max_buffer)


def reads_list_late(gens: Sequence[Gen], max_buffer: int = 16) -> Gen:
    return lambda: Merge(tuple(gens), max_buffer).items()


def accepts_no_buffer(gens: Sequence[Gen], max_buffer: int = 16) -> Gen:
    return merge_by(Merge if max_buffer > 0 else Unbounded)(gens, max(max_buffer, 1))


class _WaitsAfterEnd:
    """An iterator that waits for another item after the end."""

    def __init__(self, items: Items) -> None:
        self.items, self.ended = items, False

    def __aiter__(self) -> _WaitsAfterEnd:
        return self

    async def __anext__(self) -> Any:
        if self.ended:
            await asyncio.get_running_loop().create_future()
        try:
            return await anext(self.items)
        except StopAsyncIteration:
            self.ended = True
            raise

    async def aclose(self) -> None:
        await self.items.aclose()


def waits_after_end(gens: Sequence[Gen], max_buffer: int = 16) -> Callable[[], Any]:
    return lambda: _WaitsAfterEnd(merge_by(Merge)(gens, max_buffer)())


Fn = Callable[[Any], Awaitable[Item]]


def delivers_as_completed(gen: Gen, fn: Fn, concurrency: int) -> Gen:
    async def stream() -> Items:
        limit = asyncio.Semaphore(concurrency)

        async def one(item: Any) -> Any:
            async with limit:
                return await fn(item.value) if isinstance(item, Ok) else item

        async with aclosing(gen()) as items:
            tasks = [asyncio.ensure_future(one(item)) async for item in items]
        try:
            for task in asyncio.as_completed(tasks):
                yield await task
        finally:
            await cancel_and_wait(tasks)

    return stream


def limited(difference: int) -> Callable[[Gen, Fn, int], Gen]:
    """A parallel map whose limit is off by this much."""

    def misses_limit(gen: Gen, fn: Fn, concurrency: int) -> Gen:
        return par_map(gen, fn, max(concurrency + difference, 1))

    return misses_limit


def runs_ahead(gen: Gen, size: int) -> Gen:
    return merge_by(Unbounded)([gen], size)


def at_once(gen: Gen, size: int) -> Gen:
    """A buffer that raises an exception as soon as it is there: what waits is lost."""

    async def stream() -> Items:
        queue: asyncio.Queue[Item] = asyncio.Queue(size)

        async def fill() -> None:
            async with aclosing(gen()) as items:
                async for item in items:
                    await queue.put(item)

        filling = asyncio.ensure_future(fill())
        taking: asyncio.Task[Item] | None = None
        try:
            while not (filling.done() and (queue.empty() or filling.exception())):
                taking = asyncio.ensure_future(queue.get())
                await asyncio.wait({filling, taking}, return_when=asyncio.FIRST_COMPLETED)
                if taking.done():
                    yield taking.result()
                else:
                    await cancel_and_wait([taking])
            filling.result()
        finally:
            await cancel_and_wait([t for t in (filling, taking) if t is not None])

    return stream


MUTANTS = (
    mutant("merge starts tasks at construction", "P1", "Z6", merge=starts_at_construction),
    mutant("merge starts tasks when opened", "Z1", "Z6", merge=starts_when_opened),
    mutant("merge has one queue for all runs", "P4", "X3", merge=one_queue_for_all_runs),
    mutant("merge empties the list it was given", "P3", merge=empties_its_list),
    mutant("merge reads its list late", "P3", merge=reads_list_late),
    mutant("merge takes a buffer of 0 for no bound", "B3", merge=accepts_no_buffer),
    mutant("merge waits for an item after the end", "I2", merge=waits_after_end),
    mutant("parallel map delivers as completed", "G12", par_map=delivers_as_completed),
    mutant("parallel map exceeds its limit by one", "G13", par_map=limited(1)),
    mutant("parallel map stays below its limit", "G13", par_map=limited(-1)),
    mutant("buffer drops what waits for an exception", "E8", buffer=at_once),
    mutant("buffer runs ahead without bound", "B4", buffer=runs_ahead),
)
