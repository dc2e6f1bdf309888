"""What lists have, for streams: filter, take, drop, scan, enumerate, zip, concat.

All of them look at values. An `Err` passes unchanged, at its place, and counts for nothing.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterable
from typing import Any, TypeVar

from funcpipe_streams.attempt import attempt
from funcpipe_streams.result import Err, ErrInfo, Ok, Result
from funcpipe_streams.running.description import AsyncGen, Generated, Step, open_stream
from funcpipe_streams.running.fuse import BIND, CHECK, FILTER, MAP, not_a_result
from funcpipe_streams.running.release import closing_stream
from funcpipe_streams.stream import async_gen_empty, async_gen_from_iterable

__all__ = [
    "async_gen_concat",
    "async_gen_drop",
    "async_gen_enumerate",
    "async_gen_filter",
    "async_gen_filter_try",
    "async_gen_scan",
    "async_gen_scan_try",
    "async_gen_take",
    "async_gen_take_while",
    "async_gen_take_while_try",
    "async_gen_zip",
]

T = TypeVar("T")
U = TypeVar("U")
A = TypeVar("A")
Items = AsyncGenerator[Result[T, ErrInfo], None]


def async_gen_filter(gen: AsyncGen[T], predicate: Callable[[T], bool]) -> AsyncGen[T]:
    """The values for which `predicate` is true, asked once for each. O(1) for each item."""
    return Step(gen, FILTER, predicate)


def async_gen_filter_try(
    gen: AsyncGen[T], predicate: Callable[[T], bool], *, catch: tuple[type[Exception], ...]
) -> AsyncGen[T]:
    """`async_gen_filter`, but an exception of the classes in `catch` becomes an `Err`."""

    def judged(value: T) -> tuple[bool, T]:
        return predicate(value), value

    kept = Step[Any](Step(gen, CHECK, attempt(judged, catch=catch)), FILTER, lambda pair: pair[0])
    return Step(kept, MAP, lambda pair: pair[1])


def async_gen_take(gen: AsyncGen[T], n: int) -> AsyncGen[T]:
    """The first `n` values, and the errors before the last of them.

    Nothing is pulled beyond it; the source is closed at the pull after it. With 0 the source is not
    even opened. Raises `ValueError` for a negative `n`.
    """
    return Generated(_take, gen, n) if _count(n) else async_gen_empty()


async def _take(gen: AsyncGen[T], n: int) -> Items[T]:
    async with closing_stream(open_stream(gen)) as stream:
        async for item in stream:
            if type(item) is Ok:
                n -= 1
            elif type(item) is not Err:
                raise not_a_result(item)
            yield item
            if not n:
                return


def async_gen_take_while(gen: AsyncGen[T], predicate: Callable[[T], bool]) -> AsyncGen[T]:
    """The values before the first one for which `predicate` is false; then the source is closed."""
    return Generated(_take_while, gen, lambda value: Ok(predicate(value)))


def async_gen_take_while_try(
    gen: AsyncGen[T], predicate: Callable[[T], bool], *, catch: tuple[type[Exception], ...]
) -> AsyncGen[T]:
    """`async_gen_take_while`, but an exception of the classes in `catch` becomes an `Err`.

    It stands in the place of the value, and the stream goes on behind it.
    """
    return Generated(_take_while, gen, attempt(predicate, catch=catch))


async def _take_while(gen: AsyncGen[T], judge: Callable[[T], Result[bool, ErrInfo]]) -> Items[T]:
    async with closing_stream(open_stream(gen)) as stream:
        async for item in stream:
            if type(item) is Ok:
                verdict = judge(item.value)
                if isinstance(verdict, Err):
                    yield verdict
                    continue
                if not verdict.value:
                    return
            elif type(item) is not Err:
                raise not_a_result(item)
            yield item


def async_gen_drop(gen: AsyncGen[T], n: int) -> AsyncGen[T]:
    """All but the first `n` values; errors among those pass. Raises `ValueError` for n < 0."""
    return Generated(_drop, gen, _count(n))


async def _drop(gen: AsyncGen[T], n: int) -> Items[T]:
    async with closing_stream(open_stream(gen)) as stream:
        async for item in stream:
            if type(item) is Ok and n:
                n -= 1
            elif type(item) is Ok or type(item) is Err:
                yield item
            else:
                raise not_a_result(item)


def async_gen_scan(gen: AsyncGen[T], initial: A, f: Callable[[A, T], A]) -> AsyncGen[A]:
    """Running results: `f(initial, first)`, then `f` of that and the second value, and so on.

    `initial` itself is not yielded. Every run begins with `initial`: an object that `f` changes in
    place is shared by all runs.
    """
    return Generated(_scan, gen, initial, lambda state, value: Ok(f(state, value)))


def async_gen_scan_try(
    gen: AsyncGen[T],
    initial: A,
    f: Callable[[A, T], A],
    *,
    catch: tuple[type[Exception], ...],
) -> AsyncGen[A]:
    """`async_gen_scan`, but an exception of the classes in `catch` becomes an `Err`.

    It stands in the place of the result; the next call gets the last result that there was.
    """

    step: Callable[[tuple[A, T]], Result[A, ErrInfo]] = attempt(lambda pair: f(*pair), catch=catch)
    return Generated(_scan, gen, initial, lambda state, value: step((state, value)))


async def _scan(gen: AsyncGen[T], state: A, step: Callable[[A, T], Result[A, ErrInfo]]) -> Items[A]:
    async with closing_stream(open_stream(gen)) as stream:
        async for item in stream:
            if type(item) is Ok:
                result = step(state, item.value)
                if type(result) is Ok:
                    state = result.value
                yield result
            elif type(item) is Err:
                yield item
            else:
                raise not_a_result(item)


def async_gen_enumerate(gen: AsyncGen[T], start: int = 0) -> AsyncGen[tuple[int, T]]:
    """Pairs of a running number and a value."""
    return Generated(_enumerate, gen, start)


async def _enumerate(gen: AsyncGen[T], number: int) -> Items[tuple[int, T]]:
    async with closing_stream(open_stream(gen)) as stream:
        async for item in stream:
            if type(item) is Ok:
                yield Ok((number, item.value))
                number += 1
            elif type(item) is Err:
                yield item
            else:
                raise not_a_result(item)


def async_gen_zip(left: AsyncGen[T], right: AsyncGen[U]) -> AsyncGen[tuple[T, U]]:
    """Pairs of the values at the same place; ends with the shorter stream.

    The two are pulled in turn, `left` first; errors pass when they are met. If `left` is the
    longer one, one value of it is pulled in vain, as by the built-in `zip`. Both are opened at the
    first pull; `right` is closed before `left`.
    """
    return Generated(_zip, left, right)


async def _zip(left: AsyncGen[T], right: AsyncGen[U]) -> Items[tuple[T, U]]:
    async with (
        closing_stream(open_stream(left)) as lefts,
        closing_stream(open_stream(right)) as rights,
    ):
        async for first in lefts:
            if type(first) is Err:
                yield first
                continue
            if type(first) is not Ok:
                raise not_a_result(first)
            async for second in rights:
                if type(second) is Ok:
                    yield Ok((first.value, second.value))
                    break
                if type(second) is not Err:
                    raise not_a_result(second)
                yield second
            else:
                return


def async_gen_concat(gens: Iterable[AsyncGen[T]]) -> AsyncGen[T]:
    """One stream after the other, each opened when the one before has ended and was closed.

    Raises `TypeError` for an iterator of streams, which could be run only once.
    """
    return Step(async_gen_from_iterable(gens), BIND, lambda gen: gen)


def _count(n: Any) -> int:
    if not isinstance(n, int) or isinstance(n, bool):
        raise TypeError(f"the number of values must be a whole number, not {n!r}")
    if n < 0:
        raise ValueError(f"the number of values must not be negative: {n}")
    return n
