"""What becomes of errors, and looking on: map_err, recover, tap."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from typing import TypeVar

from funcpipe_streams.attempt import attempt
from funcpipe_streams.result import Err, ErrInfo, Ok, Result
from funcpipe_streams.running.description import AsyncGen, Generated, Step, open_stream
from funcpipe_streams.running.fuse import CHECK, MAP, not_a_result
from funcpipe_streams.running.release import closing_stream

__all__ = ["async_gen_map_err", "async_gen_recover", "async_gen_tap", "async_gen_tap_try"]

T = TypeVar("T")


def async_gen_map_err(gen: AsyncGen[T], f: Callable[[ErrInfo], ErrInfo]) -> AsyncGen[T]:
    """Apply `f` to the error of every `Err`; an `Ok` passes unchanged."""
    return Generated(_recover, gen, lambda error: Err(f(error)))


def async_gen_recover(gen: AsyncGen[T], f: Callable[[ErrInfo], Result[T, ErrInfo]]) -> AsyncGen[T]:
    """Put what `f` makes of its error in the place of every `Err`; an `Ok` passes unchanged.

    `f` returns an `Ok` to mend the item, or an `Err`, the same or another, to leave it failed.
    """
    return Generated(_recover, gen, f)


async def _recover(
    gen: AsyncGen[T], f: Callable[[ErrInfo], Result[T, ErrInfo]]
) -> AsyncGenerator[Result[T, ErrInfo], None]:
    async with closing_stream(open_stream(gen)) as stream:
        async for item in stream:
            if type(item) is Err:
                yield f(item.error)
            elif type(item) is Ok:
                yield item
            else:
                raise not_a_result(item)


def async_gen_tap(gen: AsyncGen[T], f: Callable[[T], object]) -> AsyncGen[T]:
    """Call `f` with every value for its effect, as a log line; the items stay as they are."""
    return Step(gen, MAP, _tapping(f))


def async_gen_tap_try(
    gen: AsyncGen[T], f: Callable[[T], object], *, catch: tuple[type[Exception], ...]
) -> AsyncGen[T]:
    """`async_gen_tap`, but an exception of the classes in `catch` puts an `Err` in the place."""
    return Step(gen, CHECK, attempt(_tapping(f), catch=catch))


def _tapping(f: Callable[[T], object]) -> Callable[[T], T]:
    def tapped(value: T) -> T:
        f(value)
        return value

    return tapped
