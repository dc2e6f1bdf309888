"""Wrong ways to make a stream of one value, or of one awaited item."""

from __future__ import annotations

import copy
from collections.abc import Awaitable, Callable
from typing import Any

from tests.laws.mutants.model import Err, ErrInfo, Gen, Item, Items, Ok, lift, mutant, pure

Fn = Callable[[Any], Awaitable[Item]]
Lifted = Callable[[Any], Gen]


def single_use(value: Any) -> Gen:
    iterator = pure(value)()
    return lambda: iterator


def yields_twice(value: Any) -> Gen:
    async def stream() -> Items:
        yield Ok(value)
        yield Ok(value)

    return stream


def calls_value(value: Any) -> Gen:
    async def stream() -> Items:
        yield Ok(value() if callable(value) else value)

    return stream


def calls_fn_early(fn: Fn) -> Lifted:
    def lifted(value: Any) -> Gen:
        early = [fn(value)]

        async def stream() -> Items:
            yield await (early.pop() if early else fn(value))

        return stream

    return lifted


def reuses_coroutine(fn: Fn) -> Lifted:
    def lifted(value: Any) -> Gen:
        made: list[Awaitable[Item]] = []

        async def stream() -> Items:
            if not made:
                made.append(fn(value))
            yield await made[0]

        return stream

    return lifted


def ok_of_exception(fn: Fn) -> Lifted:
    async def caught(value: Any) -> Item:
        try:
            return await fn(value)
        except Exception as exc:
            return Ok(exc)

    return lift(caught)


def err_of_cancel(fn: Fn) -> Lifted:
    async def caught(value: Any) -> Item:
        try:
            return await fn(value)
        except Exception:
            raise
        except BaseException as exc:
            return Err(ErrInfo("RAISED", repr(exc)))

    return lift(caught)


def drops_err(fn: Fn) -> Lifted:
    def lifted(value: Any) -> Gen:
        async def stream() -> Items:
            item = await fn(value)
            if isinstance(item, Ok):
                yield item

        return stream

    return lifted


def retries_err(fn: Fn) -> Lifted:
    async def tried(value: Any) -> Item:
        item = await fn(value)
        return item if isinstance(item, Ok) else await fn(value)

    return lift(tried)


def calls_fn_twice(fn: Fn) -> Lifted:
    async def twice(value: Any) -> Item:
        await fn(value)
        return await fn(value)

    return lift(twice)


def yields_coroutine(fn: Fn) -> Lifted:
    def lifted(value: Any) -> Gen:
        async def stream() -> Items:
            yield Ok(fn(value))

        return stream

    return lifted


MUTANTS = (
    mutant("pure is single-use", "R1", pure=single_use),
    mutant("pure makes a string of the value", "M1", pure=lambda value: pure(str(value))),
    mutant("pure copies the value", "M1", pure=lambda value: pure(copy.copy(value))),
    mutant("pure yields twice", "M1", pure=yields_twice),
    mutant("pure calls a callable value", "M1", pure=calls_value),
    mutant("lift calls fn in lifted()", "Z5", "P2", lift=calls_fn_early),
    mutant("lift reuses one coroutine", "R1", lift=reuses_coroutine),
    mutant("lift wraps raised exception as Ok", "E5", lift=ok_of_exception),
    mutant("lift makes an Err of CancelledError", "E6", lift=err_of_cancel),
    mutant("lift drops Err result", "M8", lift=drops_err),
    mutant("lift retries on failure", "M8", lift=retries_err),
    mutant("lift calls fn twice", "M8", lift=calls_fn_twice),
    mutant("lift yields coroutine, not result", "M8", lift=yields_coroutine),
)
