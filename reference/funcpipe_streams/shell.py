"""Driving streams, at the edge of a program: here effects happen."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from funcpipe_streams.result import Err, ErrInfo, Ok, Result
from funcpipe_streams.running.description import AsyncGen, open_stream
from funcpipe_streams.running.fuse import not_a_result
from funcpipe_streams.running.release import closing_stream

__all__ = ["async_gen_fold", "collect", "for_each", "partition"]

T = TypeVar("T")
A = TypeVar("A")


async def async_gen_fold(
    gen: AsyncGen[T], initial: A, f: Callable[[A, Result[T, ErrInfo]], A]
) -> A:
    """Run the stream to its end, and return what `f` makes of `initial` and each item in turn.

    `f` gets the item, `Ok` or `Err`, and decides itself what an error means. The stream has been
    closed when this returns or raises. O(1) memory besides what `f` keeps.
    """
    result = initial
    async with closing_stream(open_stream(gen)) as stream:
        async for item in stream:
            result = f(result, item)
    return result


async def collect(gen: AsyncGen[T]) -> list[Result[T, ErrInfo]]:
    """Run the stream to its end and return all items, errors included, in a list.

    For tests and for streams known to be small; the list is what a stream avoids.
    """
    async with closing_stream(open_stream(gen)) as stream:
        return [item async for item in stream]


async def for_each(
    gen: AsyncGen[T],
    on_ok: Callable[[T], Awaitable[object]],
    *,
    on_err: Callable[[ErrInfo], Awaitable[object]],
) -> None:
    """Run the stream to its end, awaiting `on_ok` with each value and `on_err` with each error.

    The next item is pulled when the call has returned. What either raises ends the run: the stream
    has been closed when it surfaces.
    """
    async with closing_stream(open_stream(gen)) as stream:
        async for item in stream:
            if type(item) is Ok:
                await on_ok(item.value)
            elif type(item) is Err:
                await on_err(item.error)
            else:
                raise not_a_result(item)


async def partition(gen: AsyncGen[T]) -> tuple[list[T], list[ErrInfo]]:
    """Run the stream to its end; return all values and all errors, each in order."""
    values: list[T] = []
    errors: list[ErrInfo] = []
    async with closing_stream(open_stream(gen)) as stream:
        async for item in stream:
            if type(item) is Ok:
                values.append(item.value)
            elif type(item) is Err:
                errors.append(item.error)
            else:
                raise not_a_result(item)
    return values, errors
