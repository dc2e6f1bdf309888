"""Wrong ways to chunk, to try again, and to limit time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing, suppress
from typing import Any

from tests.laws.mutants.model import (
    Err,
    ErrInfo,
    Gen,
    Item,
    Items,
    Ok,
    chunk,
    mutant,
    retry,
    timeout,
)
from tests.laws.mutants.parallel import quiet

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


def loses_first(gen: Gen, seconds: float) -> Gen:
    async def stream() -> Items:
        async with aclosing(timeout(gen, seconds)()) as items:
            await anext(items, None)
            async for item in items:
                yield item

    return stream


def swallows_exceptions(gen: Gen, seconds: float) -> Gen:
    async def stream() -> Items:
        with suppress(Exception):
            async with aclosing(timeout(gen, seconds)()) as items:
                async for item in items:
                    yield item

    return stream


def opens_when_built(gen: Gen, seconds: float) -> Gen:
    items = gen()
    return timeout(lambda: items, seconds)


def leaves_source_open(gen: Gen, seconds: float) -> Gen:
    async def stream() -> Items:
        items = gen()
        while True:
            async with asyncio.timeout(seconds):
                item = await anext(items, None)
            if item is None:
                return
            yield item

    return stream


def sets_a_timer_for_each(gen: Gen, seconds: float) -> Gen:
    async def stream() -> Items:
        async with aclosing(gen()) as items:
            while True:
                asyncio.get_running_loop().call_later(seconds, print)  # and none is cancelled
                item = await anext(items, None)
                if item is None:
                    return
                yield item

    return stream


def ends_when_it_raises(make: Make, **options: Any) -> Gen:
    async def stream() -> Items:
        with suppress(Exception):
            async with aclosing(retry(make, **options)()) as items:
                async for item in items:
                    yield item

    return stream


def uses_up_its_source(make: Make, *, attempts: int, **options: Any) -> Gen:
    """One generator for all attempts: the second one finds it exhausted."""

    async def stream() -> Items:
        async def once() -> Items:
            yield await make()

        source = once()
        for attempt in range(attempts):
            async for item in source:
                retried = isinstance(item, Err) and item.error.code in options["retry_on"]
                if not retried or attempt == attempts - 1:
                    yield item
                    return
                await asyncio.sleep(options["delays"][attempt])

    return stream


def last_is_empty(gen: Gen, max_size: int, max_seconds: float | None = None) -> Gen:
    async def stream() -> Items:
        full = False
        async with aclosing(chunk(gen, max_size, max_seconds)()) as chunks:
            async for item in chunks:
                full = isinstance(item, Ok) and len(item.value) == max_size
                yield item
        if full:
            yield Ok([])

    return stream


def age_ends_the_source(gen: Gen, max_size: int, max_seconds: float | None = None) -> Gen:
    """The time limit is around the pull itself, and cancels it."""

    async def stream() -> Items:
        batch: list[Any] = []
        async with aclosing(gen()) as items:
            while True:
                item = None
                with suppress(TimeoutError):
                    async with asyncio.timeout(max_seconds if batch else None):
                        item = await anext(items, False)
                if isinstance(item, Ok):
                    batch.append(item.value)
                    if len(batch) < max_size:
                        continue
                if batch:
                    yield Ok(batch)
                    batch = []
                if item is False:
                    return
                if isinstance(item, Err):
                    yield item

    return stream


def ends_at_an_exception(gen: Gen, max_size: int, max_seconds: float | None = None) -> Gen:
    return chunk(lambda: quiet(gen()), max_size, max_seconds)


MUTANTS = (
    mutant("timeout sets a timer for each item", "O4", timeout=sets_a_timer_for_each),
    mutant("timeout loses the first item", "A1", timeout=loses_first),
    mutant("timeout swallows an exception of its source", "E4", timeout=swallows_exceptions),
    mutant("timeout opens its source when it is built", "P1", "R1", timeout=opens_when_built),
    mutant("timeout leaves its source open", "S14", timeout=leaves_source_open),
    mutant("retry ends when an attempt raises", "E9", retry=ends_when_it_raises),
    mutant("retry uses up its source", "T1", retry=uses_up_its_source),
    mutant("chunk ends with an empty one", "B5", "A1", chunk=last_is_empty),
    mutant("chunk that is old enough ends its source", "B7", chunk=age_ends_the_source),
    mutant("chunk ends at an exception of its source", "E4", chunk=ends_at_an_exception),
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
