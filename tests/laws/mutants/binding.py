"""Wrong ways to bind a stream to a function that makes streams."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AsyncExitStack, aclosing
from typing import Any

from tests.laws.mutants.model import Gen, Items, Ok, bound, mutant

Kleisli = Callable[[Any], Gen]


def stops_after_err(gen: Gen, f: Kleisli) -> Gen:
    async def stream() -> Items:
        async with aclosing(gen()) as items:
            async for item in items:
                if not isinstance(item, Ok):
                    yield item
                    return
                async with aclosing(f(item.value)()) as inner:
                    async for result in inner:
                        yield result

    return stream


def stops_inner_at_err(gen: Gen, f: Kleisli) -> Gen:
    async def stream() -> Items:
        async with aclosing(gen()) as items:
            async for item in items:
                if not isinstance(item, Ok):
                    yield item
                    continue
                async with aclosing(f(item.value)()) as inner:
                    async for result in inner:
                        yield result
                        if not isinstance(result, Ok):
                            break

    return stream


def inner_err_ends_all(gen: Gen, f: Kleisli) -> Gen:
    async def stream() -> Items:
        async with aclosing(gen()) as items:
            async for item in items:
                if not isinstance(item, Ok):
                    yield item
                    continue
                async with aclosing(f(item.value)()) as inner:
                    async for result in inner:
                        yield result
                        if not isinstance(result, Ok):
                            return

    return stream


def first_inner_item_only(gen: Gen, f: Kleisli) -> Gen:
    async def stream() -> Items:
        async with aclosing(gen()) as items:
            async for item in items:
                if not isinstance(item, Ok):
                    yield item
                    continue
                async with aclosing(f(item.value)()) as inner:
                    async for result in inner:
                        yield result
                        break

    return stream


def leaves_inner_open(gen: Gen, f: Kleisli) -> Gen:
    async def stream() -> Items:
        async with aclosing(gen()) as items:
            async for item in items:
                if not isinstance(item, Ok):
                    yield item
                    continue
                async for result in f(item.value)():
                    yield result

    return stream


def pulls_outer_early(gen: Gen, f: Kleisli) -> Gen:
    async def stream() -> Items:
        async with aclosing(gen()) as items:
            item = await anext(items, None)
            while item is not None:
                following = await anext(items, None)
                if isinstance(item, Ok):
                    async with aclosing(f(item.value)()) as inner:
                        async for result in inner:
                            yield result
                else:
                    yield item
                item = following

    return stream


def caches_by_value(gen: Gen, f: Kleisli) -> Gen:
    known: list[tuple[Any, Gen]] = []

    def cached(value: Any) -> Gen:
        for argument, made in known:
            if argument == value:
                return made
        known.append((value, f(value)))
        return known[-1][1]

    return bound(gen, cached)


def opens_all_inners(gen: Gen, f: Kleisli) -> Gen:
    async def stream() -> Items:
        started: list[tuple[Any, Items | None]] = []
        async with aclosing(gen()) as items:
            async for item in items:
                inner = f(item.value)() if isinstance(item, Ok) else None
                first = item if inner is None else await anext(inner, None)
                started.append((first, inner))
        for first, inner in started:
            if first is not None:
                yield first
            if inner is not None:
                async with aclosing(inner):
                    async for result in inner:
                        yield result

    return stream


def calls_f_at_construction(gen: Gen, f: Kleisli) -> Gen:
    f(0)
    return bound(gen, f)


def ends_after_empty_inner(gen: Gen, f: Kleisli) -> Gen:
    async def stream() -> Items:
        async with aclosing(gen()) as items:
            async for item in items:
                if not isinstance(item, Ok):
                    yield item
                    continue
                nothing = True
                async with aclosing(f(item.value)()) as inner:
                    async for result in inner:
                        nothing = False
                        yield result
                if nothing:
                    return

    return stream


def collects_inner(gen: Gen, f: Kleisli) -> Gen:
    async def stream() -> Items:
        async with aclosing(gen()) as items:
            async for item in items:
                results = [item]
                if isinstance(item, Ok):
                    async with aclosing(f(item.value)()) as inner:
                        results = [result async for result in inner]
                for result in results:
                    yield result

    return stream


def reuses_inner_iterators(gen: Gen, f: Kleisli) -> Gen:
    opened: list[Items] = []

    async def stream() -> Items:
        position = 0
        async with aclosing(gen()) as items:
            async for item in items:
                if not isinstance(item, Ok):
                    yield item
                    continue
                if position == len(opened):
                    opened.append(f(item.value)())
                async with aclosing(opened[position]) as inner:
                    async for result in inner:
                        yield result
                position += 1

    return stream


def recurs_per_item(gen: Gen, f: Kleisli) -> Gen:
    async def rest(items: Items) -> Items:
        item = await anext(items, None)
        if item is None:
            return
        if isinstance(item, Ok):
            async with aclosing(f(item.value)()) as inner:
                async for result in inner:
                    yield result
        else:
            yield item
        async with aclosing(rest(items)) as following:
            async for result in following:
                yield result

    async def stream() -> Items:
        async with aclosing(gen()) as items, aclosing(rest(items)) as results:
            async for result in results:
                yield result

    return stream


def swallows_inner_exception(gen: Gen, f: Kleisli) -> Gen:
    async def stream() -> Items:
        async with aclosing(gen()) as items:
            async for item in items:
                if not isinstance(item, Ok):
                    yield item
                    continue
                async with aclosing(f(item.value)()) as inner:
                    try:
                        async for result in inner:
                            yield result
                    except Exception:
                        continue

    return stream


def closes_outer_first(gen: Gen, f: Kleisli) -> Gen:
    async def stream() -> Items:
        items = gen()
        inner: Items | None = None
        try:
            async for item in items:
                if not isinstance(item, Ok):
                    yield item
                    continue
                inner = f(item.value)()
                async for result in inner:
                    yield result
        finally:
            await items.aclose()
            if inner is not None:
                await inner.aclose()

    return stream


def keeps_items_that_failed(gen: Gen, f: Kleisli) -> Gen:
    """Hands the streams themselves on: one level too few is flattened."""

    async def stream() -> Items:
        async with aclosing(gen()) as items:
            async for item in items:
                yield Ok(f(item.value)) if isinstance(item, Ok) else item

    return stream


def keeps_a_finalizer_each(gen: Gen, f: Kleisli) -> Gen:
    """How to close each inner stream is remembered until the whole stream ends."""

    async def stream() -> Items:
        async with aclosing(gen()) as items, AsyncExitStack() as stack:
            async for item in items:
                if not isinstance(item, Ok):
                    yield item
                    continue
                description = f(item.value)
                inner = description()
                stack.push_async_callback(closed, description, inner)
                async for result in inner:
                    yield result

    async def closed(description: Gen, inner: Items) -> None:
        await inner.aclose()

    return stream


MUTANTS = (
    mutant("bind keeps a finalizer for each inner", "O1", bind=keeps_a_finalizer_each),
    mutant("bind stops after first Err", "E2", "M2", bind=stops_after_err),
    mutant("bind stops inner at inner Err", "E3", "M3", bind=stops_inner_at_err),
    mutant("bind ends at an inner Err", "E3", "M4", bind=inner_err_ends_all),
    mutant("bind takes first inner item only", "M1", "M4", bind=first_inner_item_only),
    mutant("bind leaves inner unclosed", "S14", bind=leaves_inner_open),
    mutant("bind pulls next outer early", "Z3", bind=pulls_outer_early),
    mutant("bind caches f(x) by value", "M6", bind=caches_by_value),
    mutant("bind opens all inners at once", "M7", "O2", "S18", bind=opens_all_inners),
    mutant("bind calls f at construction with a probe value", "P1", bind=calls_f_at_construction),
    mutant("bind drops items after an empty inner", "M5", bind=ends_after_empty_inner),
    mutant("bind collects inner before yielding", "Z4", "O1", bind=collects_inner),
    mutant("bind reuses an inner iterator on rerun", "R1", bind=reuses_inner_iterators),
    mutant("bind recurs per outer item", "M9", bind=recurs_per_item),
    mutant("bind swallows inner exception", "E4", bind=swallows_inner_exception),
    mutant("bind closes outer before inner on aclose", "S10", "S11", bind=closes_outer_first),
    mutant("bind flattens one level too few", "M4", bind=keeps_items_that_failed),
)
