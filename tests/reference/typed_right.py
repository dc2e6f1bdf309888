"""Read by type checkers only: the type of every combinator's result."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from typing import Never, assert_type

from funcpipe_streams import (
    AsyncGen,
    AsyncPlan,
    Err,
    ErrInfo,
    IOGen,
    Ok,
    RateLimit,
    Result,
    RetryPolicy,
    TimeoutPolicy,
    assert_never,
    async_and_then,
    async_attempt,
    async_collect,
    async_gather,
    async_gen_and_then,
    async_gen_buffer,
    async_gen_chunk,
    async_gen_concat,
    async_gen_drop,
    async_gen_empty,
    async_gen_enumerate,
    async_gen_filter,
    async_gen_filter_try,
    async_gen_fold,
    async_gen_from_aiter,
    async_gen_from_io,
    async_gen_from_iterable,
    async_gen_from_plan,
    async_gen_gather,
    async_gen_map,
    async_gen_map_err,
    async_gen_map_try,
    async_gen_par_map,
    async_gen_rate_limit,
    async_gen_recover,
    async_gen_return,
    async_gen_scan,
    async_gen_scan_try,
    async_gen_take,
    async_gen_take_while,
    async_gen_take_while_try,
    async_gen_tap,
    async_gen_tap_try,
    async_gen_timeout,
    async_gen_using,
    async_gen_zip,
    async_map,
    async_pure,
    async_retry,
    async_timeout,
    async_using,
    attempt,
    closing_stream,
    collect,
    for_each,
    io_gen_and_then,
    io_gen_empty,
    io_gen_from_iterable,
    io_gen_map,
    io_gen_return,
    io_gen_using,
    lift_async,
    lift_async_item,
    lift_async_item_try,
    lift_async_try,
    lift_io_item,
    partition,
)


class File:
    def lines(self) -> AsyncIterator[str]:
        raise NotImplementedError


def open_file() -> AbstractAsyncContextManager[File]:
    raise NotImplementedError


def lines_of(file: File) -> AsyncGen[str]:
    return async_gen_from_aiter(file.lines)


def open_sync() -> AbstractContextManager[int]:
    raise NotImplementedError


async def fetch(x: int) -> Result[str, ErrInfo]:
    raise NotImplementedError


async def plain(x: int) -> str:
    raise NotImplementedError


async def user_stream() -> AsyncIterator[Result[int, ErrInfo]]:
    yield Ok(1)


def user_sync() -> Iterator[Result[int, ErrInfo]]:
    raise NotImplementedError


async def user_plan() -> Result[int, ErrInfo]:
    raise NotImplementedError


def text(x: int) -> str:
    raise NotImplementedError


def words(x: int) -> AsyncGen[str]:
    raise NotImplementedError


ints = async_gen_from_iterable([1, 2])
assert_type(async_gen_from_iterable(["a"]), AsyncGen[str])
assert_type(async_gen_return("a"), AsyncGen[str])
assert_type(async_gen_from_aiter(user_stream), AsyncGen[Result[int, ErrInfo]])
assert_type(async_gen_empty(), AsyncGen[Never])
assert_type(async_gen_concat([async_gen_empty(), ints]), AsyncGen[int])
assert_type(
    async_gen_and_then(ints, lambda x: async_gen_return(x) if x else async_gen_empty()),
    AsyncGen[int],
)
assert_type(async_gen_map(ints, str), AsyncGen[str])
assert_type(async_gen_map(user_stream, str), AsyncGen[str])
assert_type(async_gen_map(lambda: user_stream(), str), AsyncGen[str])
assert_type(async_gen_and_then(ints, words), AsyncGen[str])
assert_type(async_gen_and_then(ints, lift_async_item(fetch)), AsyncGen[str])
assert_type(async_gen_and_then(ints, lift_async_item_try(plain, catch=(OSError,))), AsyncGen[str])
assert_type(async_gen_using(open_file, lines_of), AsyncGen[str])
assert_type(async_gen_gather([ints, user_stream]), AsyncGen[int])
assert_type(async_gen_par_map(ints, fetch, concurrency=4), AsyncGen[str])
assert_type(async_gen_buffer(ints, 4), AsyncGen[int])
assert_type(async_gen_chunk(ints, 4), AsyncGen[list[int]])
assert_type(async_gen_concat([ints, ints]), AsyncGen[int])
assert_type(async_gen_filter(ints, bool), AsyncGen[int])
assert_type(async_gen_filter_try(ints, bool, catch=(OSError,)), AsyncGen[int])
assert_type(async_gen_take(ints, 1), AsyncGen[int])
assert_type(async_gen_take_while(ints, bool), AsyncGen[int])
assert_type(async_gen_take_while_try(ints, bool, catch=(OSError,)), AsyncGen[int])
assert_type(async_gen_drop(ints, 1), AsyncGen[int])
assert_type(async_gen_scan(ints, 0.5, lambda total, x: total + x), AsyncGen[float])
assert_type(
    async_gen_scan_try(ints, 0.5, lambda total, x: total + x, catch=(OSError,)), AsyncGen[float]
)
assert_type(async_gen_enumerate(words(1)), AsyncGen[tuple[int, str]])
assert_type(async_gen_zip(ints, words(1)), AsyncGen[tuple[int, str]])
assert_type(async_gen_map_err(ints, lambda error: ErrInfo(error.code, "")), AsyncGen[int])
assert_type(async_gen_recover(ints, Err), AsyncGen[int])
assert_type(async_gen_tap(ints, print), AsyncGen[int])
assert_type(async_gen_tap_try(ints, print, catch=(OSError,)), AsyncGen[int])
assert_type(async_gen_map_try(ints, str, catch=(ValueError,)), AsyncGen[str])
assert_type(async_gen_rate_limit(ints, RateLimit(per_second=1)), AsyncGen[int])
assert_type(async_gen_timeout(ints, TimeoutPolicy(total=1)), AsyncGen[int])

assert_type(async_pure(1), AsyncPlan[int])
assert_type(async_map(user_plan, str), AsyncPlan[str])
assert_type(async_and_then(user_plan, lift_async(fetch)), AsyncPlan[str])
assert_type(async_and_then(user_plan, lift_async_try(plain, catch=(OSError,))), AsyncPlan[str])
assert_type(async_using(open_file, lambda file: async_pure(file)), AsyncPlan[File])
assert_type(async_gather([user_plan, async_pure(2)], concurrency=2), AsyncPlan[list[int]])
assert_type(async_collect(words(1)), AsyncPlan[list[str]])
assert_type(async_gen_from_plan(user_plan), AsyncGen[int])
assert_type(async_retry(user_plan, RetryPolicy(attempts=2)), AsyncPlan[int])
assert_type(async_timeout(user_plan, TimeoutPolicy(total=1)), AsyncPlan[int])

assert_type(io_gen_map(user_sync, str), IOGen[str])
assert_type(io_gen_empty(), IOGen[Never])
nothing_sync: IOGen[int] = io_gen_empty()
assert_type(io_gen_and_then(io_gen_from_iterable([1]), io_gen_return), IOGen[int])
assert_type(io_gen_and_then(user_sync, lift_io_item(attempt(text, catch=(OSError,)))), IOGen[str])
assert_type(io_gen_using(open_sync, io_gen_return), IOGen[int])
assert_type(async_gen_from_io(user_sync), AsyncGen[int])


assert_type(attempt(text, catch=(OSError,)), Callable[[int], Result[str, ErrInfo]])
assert_type(
    async_attempt(plain, catch=(OSError,)), Callable[[int], Awaitable[Result[str, ErrInfo]]]
)
assert_type(RetryPolicy.exponential(attempts=3, first=0.1), RetryPolicy)
assert_type(Ok(1).map(str), Ok[str])
assert_type(Err(ErrInfo("A", "b")).map(str), Err[ErrInfo])
assert_type(ErrInfo.of(OSError()), ErrInfo)


async def note(x: object) -> None:
    raise NotImplementedError


def show(item: Result[int, ErrInfo]) -> str:
    """An exhaustive match; the binding of each case is typed."""
    match item:
        case Ok(value):
            assert_type(value, int)
            shown = str(value)
        case Err(error=error):
            assert_type(error, ErrInfo)
            shown = error.code
        case _:
            assert_never(item)
    return shown


async def main() -> None:
    """The shell."""
    assert_type(await collect(words(1)), list[Result[str, ErrInfo]])
    assert_type(await async_gen_fold(ints, 0.5, lambda total, item: total), float)
    await for_each(ints, note, on_err=note)
    assert_type(await partition(ints), tuple[list[int], list[ErrInfo]])
    async with closing_stream(ints()) as stream:
        async for item in stream:
            assert_type(item, Result[int, ErrInfo])


# A stream of a subclass is a stream of its base.
booleans: AsyncGen[bool] = async_gen_return(True)
numbers: AsyncGen[int] = booleans
asyncio.run(main())
