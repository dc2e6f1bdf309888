"""Async streams as they are usually published: a thunk as description, combinators of nested loops.

It reads well, and its own tests pass. `pytest --laws examples.naive_streams` finds what they miss:
closing a stream does not close the stream inside it, so a resource stays open until the garbage
collector comes by, and is then released in the wrong order.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar

T = TypeVar("T")
U = TypeVar("U")
R = TypeVar("R")


@dataclass(frozen=True)
class ErrInfo:
    """What went wrong with one item."""

    code: str
    msg: str


@dataclass(frozen=True)
class Ok(Generic[T]):
    """An item that succeeded."""

    value: T


@dataclass(frozen=True)
class Err:
    """An item that failed."""

    error: ErrInfo


Result: TypeAlias = Ok[T] | Err
AsyncGen: TypeAlias = Callable[[], AsyncIterator[Result[T]]]


def async_gen_return(value: T) -> AsyncGen[T]:
    """The stream of one item."""

    async def stream() -> AsyncIterator[Result[T]]:
        yield Ok(value)

    return stream


def async_gen_map(gen: AsyncGen[T], f: Callable[[T], U]) -> AsyncGen[U]:
    """Apply `f` to every item that succeeded."""

    async def stream() -> AsyncIterator[Result[U]]:
        async for item in gen():
            yield Ok(f(item.value)) if isinstance(item, Ok) else item

    return stream


def async_gen_and_then(gen: AsyncGen[T], f: Callable[[T], AsyncGen[U]]) -> AsyncGen[U]:
    """Replace every item that succeeded by the stream that `f` makes of it."""

    async def stream() -> AsyncIterator[Result[U]]:
        async for item in gen():
            if isinstance(item, Ok):
                async for inner in f(item.value)():
                    yield inner
            else:
                yield item

    return stream


def lift_async_item(fn: Callable[[T], Awaitable[Result[U]]]) -> Callable[[T], AsyncGen[U]]:
    """Turn a coroutine function over items into one that makes streams of one item."""

    def lifted(item: T) -> AsyncGen[U]:
        async def stream() -> AsyncIterator[Result[U]]:
            yield await fn(item)

        return stream

    return lifted


def async_gen_using(
    cm_thunk: Callable[[], AbstractAsyncContextManager[R]],
    make_stream: Callable[[R], AsyncGen[T]],
) -> AsyncGen[T]:
    """Hold a resource open while the stream made from it runs."""

    async def stream() -> AsyncIterator[Result[T]]:
        async with cm_thunk() as resource:
            async for item in make_stream(resource)():
                yield item

    return stream
