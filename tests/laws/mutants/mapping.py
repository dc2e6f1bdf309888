"""Wrong ways to map a function over a stream."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from typing import Any

from tests.laws.mutants.model import Err, ErrInfo, Gen, Items, Ok, mutant

Function = Callable[[Any], Any]


def by_item(step: Callable[[Function, Any], list[Any]]) -> Callable[[Gen, Function], Gen]:
    """A map that closes its source and puts `step(f, item)` in the place of every item."""

    def mapped(gen: Gen, f: Function) -> Gen:
        async def stream() -> Items:
            async with aclosing(gen()) as items:
                async for item in items:
                    for result in step(f, item):
                        yield result

        return stream

    return mapped


def applied(f: Function, item: Any) -> Any:
    """What a right map makes of one item."""
    return Ok(f(item.value)) if isinstance(item, Ok) else item


def runs_f_on_err(f: Function, item: Any) -> list[Any]:
    return [Ok(f(item.value)) if isinstance(item, Ok) else Err(f(item.error))]


def drops_err(f: Function, item: Any) -> list[Any]:
    return [Ok(f(item.value))] if isinstance(item, Ok) else []


def ok_for_err(f: Function, item: Any) -> list[Any]:
    return [Ok(f(item.value)) if isinstance(item, Ok) else Ok(item.error)]


def rebuilds_error(f: Function, item: Any) -> list[Any]:
    return [Ok(f(item.value)) if isinstance(item, Ok) else Err(ErrInfo(item.error.code))]


def calls_f_twice(f: Function, item: Any) -> list[Any]:
    if isinstance(item, Ok):
        f(item.value)
    return [applied(f, item)]


def skips_falsy(f: Function, item: Any) -> list[Any]:
    result = applied(f, item)
    return [] if isinstance(result, Ok) and not result.value else [result]


def captures_base_exceptions(f: Function, item: Any) -> list[Any]:
    try:
        return [applied(f, item)]
    except BaseException as exc:
        return [Err(ErrInfo("RAISED", repr(exc)))]


def remembers_last(gen: Gen, f: Function) -> Gen:
    async def stream() -> Items:
        last: Any = None
        result: Any = None
        async with aclosing(gen()) as items:
            async for item in items:
                if result is None or item != last:
                    last, result = item, applied(f, item)
                yield result

    return stream


def caches_by_value(gen: Gen, f: Function) -> Gen:
    known: list[tuple[Any, Any]] = []

    def cached(value: Any) -> Any:
        for argument, result in known:
            if argument == value:
                return result
        known.append((value, f(value)))
        return known[-1][1]

    return by_item(lambda _, item: [applied(cached, item)])(gen, f)


def prefetches(gen: Gen, f: Function) -> Gen:
    async def stream() -> Items:
        held: list[Any] = []
        async with aclosing(gen()) as items:
            async for item in items:
                held.append(item)
                if len(held) > 1:
                    yield applied(f, held.pop(0))
        for item in held:
            yield applied(f, item)

    return stream


def collects_first(gen: Gen, f: Function) -> Gen:
    async def stream() -> Items:
        async with aclosing(gen()) as items:
            collected = [item async for item in items]
        for item in collected:
            yield applied(f, item)

    return stream


def retains_items(gen: Gen, f: Function) -> Gen:
    async def stream() -> Items:
        seen = []
        async with aclosing(gen()) as items:
            async for item in items:
                seen.append(item)
                yield applied(f, item)

    return stream


def swaps_neighbours(gen: Gen, f: Function) -> Gen:
    async def stream() -> Items:
        held: list[Any] = []
        async with aclosing(gen()) as items:
            async for item in items:
                held.append(item)
                if len(held) == 2:
                    yield applied(f, held.pop())
                    yield applied(f, held.pop())
        for item in held:
            yield applied(f, item)

    return stream


def opens_at_construction(gen: Gen, f: Function) -> Gen:
    early = [gen()]

    def opened() -> Items:
        return early.pop() if early else gen()

    return by_item(lambda _, item: [applied(f, item)])(opened, f)


def returns_one_iterator(gen: Gen, f: Function) -> Gen:
    made: list[Items] = []

    def stream() -> Items:
        if not made:
            made.append(by_item(lambda _, item: [applied(f, item)])(gen, f)())
        return made[0]

    return stream


def leaves_source_open(gen: Gen, f: Function) -> Gen:
    async def stream() -> Items:
        async for item in gen():
            yield applied(f, item)

    return stream


def ends_on_cancel(gen: Gen, f: Function) -> Gen:
    async def stream() -> Items:
        async with aclosing(gen()) as items:
            try:
                async for item in items:
                    yield applied(f, item)
            except asyncio.CancelledError:
                return

    return stream


def ends_on_exception(gen: Gen, f: Function) -> Gen:
    async def stream() -> Items:
        async with aclosing(gen()) as items:
            async for item in items:
                try:
                    result = applied(f, item)
                except Exception:
                    return
                yield result

    return stream


def loses_prefix_on_exception(gen: Gen, f: Function) -> Gen:
    async def stream() -> Items:
        held: list[Any] = []
        async with aclosing(gen()) as items:
            async for item in items:
                if held:
                    yield applied(f, held.pop())
                held.append(item)
        for item in held:
            yield applied(f, item)

    return stream


def swallows_source_exception(gen: Gen, f: Function) -> Gen:
    async def stream() -> Items:
        async with aclosing(gen()) as items:
            try:
                async for item in items:
                    yield applied(f, item)
            except Exception:
                return

    return stream


class _Iterator:
    """A hand-written iterator: what `f` raises comes out of `__anext__` as it is."""

    def __init__(self, items: Items, f: Function) -> None:
        self.items, self.f = items, f

    def __aiter__(self) -> _Iterator:
        return self

    async def __anext__(self) -> Any:
        return applied(self.f, await anext(self.items))

    async def aclose(self) -> None:
        await self.items.aclose()


def lets_stop_iteration_through(gen: Gen, f: Function) -> Callable[[], Any]:
    return lambda: _Iterator(gen(), f)


MUTANTS = (
    mutant("map runs f on Err", "E1", map=by_item(runs_f_on_err)),
    mutant("map drops Err", "F1", map=by_item(drops_err)),
    mutant("map yields Ok for Err", "E1", map=by_item(ok_for_err)),
    mutant("map rebuilds the error and loses a field", "E1", map=by_item(rebuilds_error)),
    mutant("map calls f twice", "F3", map=by_item(calls_f_twice)),
    mutant("map skips falsy results", "F4", "F5", map=by_item(skips_falsy)),
    mutant("map captures BaseException as Err", "E6", map=by_item(captures_base_exceptions)),
    mutant("map remembers the last value", "F2", map=remembers_last),
    mutant("map caches by value", "F3", map=caches_by_value),
    mutant("map prefetches one", "Z2", map=prefetches),
    mutant("map collects all first", "Z2", "Z4", "O1", map=collects_first),
    mutant("map reorders", "F1", "F6", map=swaps_neighbours),
    mutant("map calls gen() at construction", "P1", map=opens_at_construction),
    mutant("map thunk returns same iterator", "R2", "X1", map=returns_one_iterator),
    mutant("map leaves source unclosed on aclose", "S14", map=leaves_source_open),
    mutant("map swallows CancelledError", "C1", map=ends_on_cancel),
    mutant("map turns f's exception into end of stream", "E5", map=ends_on_exception),
    mutant("map loses the item before an exception", "E8", map=loses_prefix_on_exception),
    mutant("map swallows an exception of its source", "E4", map=swallows_source_exception),
    mutant(
        "class-based map lets StopAsyncIteration through", "E7", map=lets_stop_iteration_through
    ),
    mutant("map retains items", "O1", map=retains_items),
)
