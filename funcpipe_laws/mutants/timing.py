"""Wrong ways to chunk, to try again, and to limit time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from typing import Any

from .model import Err, ErrInfo, Gen, Item, Items, Ok, mutant, retry

Make = Callable[[], Awaitable[Item]]


def chunked(
    last: bool = True, in_order: bool = True, fresh: bool = True
) -> Callable[[Gen, int, float | None], Gen]:
    """A chunk by count alone: whose time limit only counts when the next item comes."""

    def chunk(gen: Gen, max_size: int, max_seconds: float | None = None) -> Gen:
        async def stream() -> Items:
            batch: list[Any] = []
            async with aclosing(gen()) as items:
                async for item in items:
                    if not isinstance(item, Ok):
                        if in_order and batch:
                            yield Ok(list(batch))
                            batch.clear()
                        yield item
                        continue
                    batch.append(item.value)
                    if len(batch) == max_size:
                        yield Ok(list(batch) if fresh else batch)
                        batch.clear()
            if batch and last:
                yield Ok(list(batch))

        return stream

    return chunk


def keeps_buffer(gen: Gen, max_size: int, max_seconds: float | None = None) -> Gen:
    batch: list[Any] = []

    async def stream() -> Items:
        nonlocal batch
        async with aclosing(gen()) as items:
            async for item in items:
                if isinstance(item, Ok):
                    batch.append(item.value)
                if batch and (len(batch) == max_size or not isinstance(item, Ok)):
                    full, batch = batch, []
                    yield Ok(full)
                if not isinstance(item, Ok):
                    yield item
        if batch:
            full, batch = batch, []
            yield Ok(full)

    return stream


def tried(
    make: Make, attempts: int, delays: Sequence[float], goes_on: Callable[[Item], bool]
) -> Gen:
    """Attempts as long as `goes_on` says so of an item."""

    async def stream() -> Items:
        for attempt in range(attempts):
            item = await make()
            if attempt == attempts - 1 or not goes_on(item):
                yield item
                return
            await asyncio.sleep(delays[attempt])

    return stream


def retries_everything(
    make: Make, *, attempts: int, delays: Sequence[float] = (), retry_on: Sequence[str] = ()
) -> Gen:
    return tried(make, attempts, delays, lambda item: isinstance(item, Err))


def retries_success(
    make: Make, *, attempts: int, delays: Sequence[float] = (), retry_on: Sequence[str] = ()
) -> Gen:
    return tried(make, attempts, delays, lambda item: True)


def one_attempt_too_many(make: Make, *, attempts: int, **options: Any) -> Gen:
    options["delays"] = (*options["delays"], 1.0)
    return retry(make, attempts=attempts + 1, **options)


def reuses_coroutine(make: Make, **options: Any) -> Gen:
    made: list[Awaitable[Item]] = []

    def once() -> Awaitable[Item]:
        if not made:
            made.append(make())
        return made[0]

    return retry(once, **options)


def first_error(make: Make, *, attempts: int, **options: Any) -> Gen:
    async def stream() -> Items:
        first: list[Any] = []

        async def remembered() -> Item:
            item = await make()
            if isinstance(item, Err):
                first.append(item)
            return item

        async with aclosing(retry(remembered, attempts=attempts, **options)()) as items:
            async for item in items:
                yield first[0] if isinstance(item, Err) else item

    return stream


def sleeps_after_last(
    make: Make, *, attempts: int, delays: Sequence[float] = (), retry_on: Sequence[str] = ()
) -> Gen:
    async def stream() -> Items:
        item: Item = Err(None)
        for attempt in range(attempts):
            item = await make()
            if isinstance(item, Ok) or item.error.code not in retry_on:
                break
            await asyncio.sleep(delays[attempt])
        yield item

    return stream


def retries_cancel(make: Make, *, attempts: int, **options: Any) -> Gen:
    async def caught() -> Item:
        try:
            return await make()
        except asyncio.CancelledError:
            return Err(ErrInfo("E1"))

    return retry(caught, attempts=attempts, **options)


def scope_across_items(gen: Gen, seconds: float) -> Gen:
    async def stream() -> Items:
        async with aclosing(gen()) as items, asyncio.timeout(seconds) as scope:
            async for item in items:
                yield item
                scope.reschedule(asyncio.get_running_loop().time() + seconds)

    return stream


def abandons_pull(gen: Gen, seconds: float) -> Gen:
    abandoned: set[asyncio.Future[Any]] = set()

    async def stream() -> Items:
        items = gen()
        while True:
            pulling = asyncio.ensure_future(anext(items, None))
            done, _ = await asyncio.wait({pulling}, timeout=seconds)
            if not done:
                abandoned.add(pulling)
                raise TimeoutError
            if pulling.result() is None:
                return
            yield pulling.result()

    return stream


def cancel_is_timeout(gen: Gen, seconds: float) -> Gen:
    async def stream() -> Items:
        async with aclosing(gen()) as items:
            while True:
                try:
                    async with asyncio.timeout(seconds):
                        item = await anext(items, None)
                except asyncio.CancelledError:
                    raise TimeoutError from None
                if item is None:
                    return
                yield item

    return stream


MUTANTS = (
    mutant("chunk loses the last partial chunk", "B5", chunk=chunked(last=False)),
    mutant("chunk delivers Err before buffered items", "B5", chunk=chunked(in_order=False)),
    mutant("chunk delivers one list again and again", "B5", chunk=chunked(fresh=False)),
    mutant("chunk looks at the time only at the next item", "B6", chunk=chunked()),
    mutant("chunk keeps its buffer across runs", "R3", chunk=keeps_buffer),
    mutant("retry retries fatal errors", "T2", retry=retries_everything),
    mutant("retry retries a success", "T1", "T2", retry=retries_success),
    mutant("retry makes one attempt too many", "T1", retry=one_attempt_too_many),
    mutant("retry reuses one coroutine", "T1", retry=reuses_coroutine),
    mutant("retry delivers the first error", "T2", retry=first_error),
    mutant("retry sleeps after the last attempt", "T3", retry=sleeps_after_last),
    mutant("retry retries a cancel", "T4", retry=retries_cancel),
    mutant("timeout's scope is open across items", "C6", timeout=scope_across_items),
    mutant("timeout abandons the pull", "T5", timeout=abandons_pull),
    mutant("timeout takes a cancel for a timeout", "T5", timeout=cancel_is_timeout),
)
