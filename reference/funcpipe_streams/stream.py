"""The sequential builders: sources and combinators. None of them runs anything."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable, Iterator
from typing import Never, TypeVar

from funcpipe_streams.attempt import async_attempt, attempt, exception_classes
from funcpipe_streams.result import Err, ErrInfo, Ok, Result
from funcpipe_streams.running.description import (
    AsyncGen,
    Foreign,
    Generated,
    Lifted,
    Return,
    Step,
    Values,
    open_iterator,
)
from funcpipe_streams.running.fuse import BIND, CHECK, MAP
from funcpipe_streams.running.release import close

__all__ = [
    "async_gen_and_then",
    "async_gen_empty",
    "async_gen_from_aiter",
    "async_gen_from_iterable",
    "async_gen_map",
    "async_gen_map_try",
    "async_gen_return",
    "lift_async_item",
    "lift_async_item_try",
]

T = TypeVar("T")
U = TypeVar("U")


def async_gen_return(value: T) -> AsyncGen[T]:
    """The stream of one item, `Ok(value)`: the unit of `async_gen_and_then`. O(1)."""
    return Return(value)


def async_gen_empty() -> AsyncGen[Never]:
    """The stream without items, and so a stream of any type. O(1)."""
    return Values(())


def async_gen_from_iterable(values: Iterable[T]) -> AsyncGen[T]:
    """Yield `Ok` of each value, in order; every run iterates `values` anew, on demand.

    Nothing is copied: a list that changes between two runs gives two different runs. Exceptions
    of the iterable surface unchanged. Raises `TypeError` for an iterator, generators and open files
    included: a second run would silently be empty.
    """
    if isinstance(values, Iterator):
        raise TypeError(
            f"{values!r} can be iterated only once, and a description runs again and again: "
            "give async_gen_from_iterable a list or tuple, or an object whose __iter__ starts anew"
        )
    return Values(values)


def async_gen_from_aiter(
    make_aiter: Callable[[], AsyncIterator[T]], *, catch: tuple[type[Exception], ...] = ()
) -> AsyncGen[T]:
    """Yield `Ok` of each value of any asynchronous iterator, made anew for every run.

    Parameters: `make_aiter` is called at the first pull; what it returns is closed at the end of
    the run, if it has `aclose`. An exception of the classes in `catch`, raised by it or by what it
    made, ends the stream with one `Err`, its code the class's name; by then the iterator is closed.
    Every other exception surfaces unchanged.

    Raises `TypeError` if `catch` names a class that is no `Exception`: cancellation and exit
    requests are never items.
    """
    if not exception_classes(catch):
        return Foreign(make_aiter)
    return Generated(_from_aiter, make_aiter, catch)


async def _from_aiter(
    make_aiter: Callable[[], AsyncIterator[T]], catch: tuple[type[Exception], ...]
) -> AsyncGenerator[Result[T, ErrInfo], None]:
    failure: Err[ErrInfo]
    try:
        iterator = open_iterator(make_aiter)
    except catch as error:
        failure = Err(ErrInfo.of(error))
    else:
        try:
            while True:
                try:
                    value = await iterator.__anext__()
                except StopAsyncIteration:
                    return
                except catch as error:
                    failure = Err(ErrInfo.of(error))
                    break
                yield Ok(value)
        finally:
            await close(iterator)
    yield failure


def async_gen_map(gen: AsyncGen[T], f: Callable[[T], U]) -> AsyncGen[U]:
    """Apply `f` to the value of every `Ok`; an `Err` passes unchanged, at its place.

    `f` is called once for each `Ok`, in order, when that item is pulled. What it raises surfaces
    unchanged, after `gen`'s run was closed. O(1) for each item, however many maps are chained.
    Laws: functor identity and composition, on whole traces.
    """
    return Step(gen, MAP, f)


def async_gen_map_try(
    gen: AsyncGen[T], f: Callable[[T], U], *, catch: tuple[type[Exception], ...]
) -> AsyncGen[U]:
    """`async_gen_map`, but an exception of the classes in `catch` becomes an `Err` at its place.

    The stream goes on behind it. Raises `TypeError` for a class that is no `Exception`.
    """
    return Step(gen, CHECK, attempt(f, catch=catch))


def async_gen_and_then(gen: AsyncGen[T], f: Callable[[T], AsyncGen[U]]) -> AsyncGen[U]:
    """Run the stream that `f` makes of each `Ok` value, one after the other; the monadic bind.

    An `Err`, from `gen` or from an inner stream, passes unchanged, at its place, and the stream
    goes on. The next item of `gen` is pulled when the inner stream has ended and was closed. What
    `f` or an inner stream raises surfaces unchanged, after everything open was released, innermost
    first.

    Depth is no limit, in either nesting: 10,000 binds neither overflow nor turn quadratic, and an
    item costs O(1) for each bind that it really passes through. Laws: left and right identity with
    `async_gen_return`, associativity, on whole traces.
    """
    return Step(gen, BIND, f)


def lift_async_item(
    fn: Callable[[T], Awaitable[Result[U, ErrInfo]]],
) -> Callable[[T], AsyncGen[U]]:
    """Turn a coroutine function over single items into a function for `async_gen_and_then`.

    The stream that it makes of `x` has one item, the awaited `fn(x)`: called once a run, when it is
    pulled. What `fn` raises surfaces unchanged; a failure that is data is an `Err` that it returns.
    """
    return Lifted(fn)


def lift_async_item_try(
    fn: Callable[[T], Awaitable[U]], *, catch: tuple[type[Exception], ...]
) -> Callable[[T], AsyncGen[U]]:
    """`lift_async_item` for a coroutine function that returns bare values and raises.

    An exception of the classes in `catch` becomes an `Err`; others surface unchanged.
    """
    return Lifted(async_attempt(fn, catch=catch))
