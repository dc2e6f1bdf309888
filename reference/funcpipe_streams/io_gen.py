"""Synchronous streams, with the same algebra as the asynchronous ones.

They are run by the same machine, driven without a loop: the depth of binds has no limit, resources
are released innermost first, and managers learn how the stream ended.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Iterable, Iterator
from contextlib import AbstractContextManager
from typing import Any, Generic, Never, TypeAlias, TypeVar

from funcpipe_streams.result import ErrInfo, Result
from funcpipe_streams.running.description import (
    AsyncGen,
    Generated,
    Return,
    Step,
    Using,
    open_stream,
)
from funcpipe_streams.running.fuse import BIND, CHECK, MAP
from funcpipe_streams.running.release import close
from funcpipe_streams.stream import async_gen_from_iterable

__all__ = [
    "IOGen",
    "async_gen_from_io",
    "io_gen_and_then",
    "io_gen_empty",
    "io_gen_from_iterable",
    "io_gen_map",
    "io_gen_return",
    "io_gen_using",
    "lift_io_item",
]

T = TypeVar("T")
U = TypeVar("U")
R = TypeVar("R")

IOGen: TypeAlias = Callable[[], Iterator[Result[T, ErrInfo]]]
"""A replayable description of a synchronous stream."""


class _IO(Generic[T]):
    __slots__ = ("stream",)

    def __init__(self, stream: AsyncGen[T]) -> None:
        self.stream = stream

    def __call__(self) -> Generator[Result[T, ErrInfo], None, None]:
        run = open_stream(self.stream)
        try:
            while True:
                try:
                    item = _without_loop(run.__anext__())
                except StopAsyncIteration:
                    return
                yield item
        finally:
            _without_loop(close(run))


def _without_loop(awaitable: Awaitable[Any]) -> Any:
    """The result of something that never suspends, because all that it calls is synchronous."""
    steps = awaitable.__await__()
    try:
        next(steps)
    except StopIteration as done:
        return done.value
    raise AssertionError("a synchronous stream was suspended")


def _stream(gen: IOGen[T]) -> AsyncGen[T]:
    if isinstance(gen, _IO):
        stream: AsyncGen[T] = gen.stream
        return stream
    return Generated(_items, gen)


async def _items(gen: IOGen[T]) -> AsyncGenerator[Result[T, ErrInfo], None]:
    if not callable(gen):
        raise TypeError(f"a stream description is a function without arguments, not {gen!r}")
    iterator = iter(gen())
    try:
        for item in iterator:
            yield item
    finally:
        if isinstance(iterator, Generator):
            iterator.close()


def async_gen_from_io(gen: IOGen[T]) -> AsyncGen[T]:
    """The same stream for asynchronous consumers. Each pull runs on the loop's thread, blocking
    it."""
    return _stream(gen)


def io_gen_return(value: T) -> IOGen[T]:
    """The stream of one item, `Ok(value)`: the unit of `io_gen_and_then`."""
    return _IO(Return(value))


def io_gen_empty() -> IOGen[Never]:
    """The stream without items, and so a stream of any type."""
    return io_gen_from_iterable(())


def io_gen_from_iterable(values: Iterable[T]) -> IOGen[T]:
    """`Ok` of each value, iterated anew, on demand, for every run; iterators are refused."""
    return _IO(async_gen_from_iterable(values))


def io_gen_map(gen: IOGen[T], f: Callable[[T], U]) -> IOGen[U]:
    """Apply `f` to the value of every `Ok`; an `Err` passes unchanged, at its place."""
    return _IO(Step(_stream(gen), MAP, f))


def io_gen_and_then(gen: IOGen[T], f: Callable[[T], IOGen[U]]) -> IOGen[U]:
    """Run the stream that `f` makes of each `Ok` value, one after the other; `Err` passes."""
    return _IO(Step(_stream(gen), BIND, lambda value: _stream(f(value))))


def lift_io_item(fn: Callable[[T], Result[U, ErrInfo]]) -> Callable[[T], IOGen[U]]:
    """Turn a function over single items into one for `io_gen_and_then`."""
    return lambda value: _IO(Step(Return(value), CHECK, fn))


def io_gen_using(
    cm_thunk: Callable[[], AbstractContextManager[R, Any]], make_stream: Callable[[R], IOGen[T]]
) -> IOGen[T]:
    """Hold a resource while the stream made from it runs, as `async_gen_using` does.

    A run that is not driven to its end is released by its `close()`, or when it is dropped.
    """
    return _IO(
        Using(lambda: _AsyncForm(cm_thunk()), lambda resource: _stream(make_stream(resource)))
    )


class _AsyncForm:
    """A synchronous context manager in the form that the machine takes."""

    __slots__ = ("_manager",)

    def __init__(self, manager: AbstractContextManager[Any, Any]) -> None:
        if not (hasattr(type(manager), "__enter__") and hasattr(type(manager), "__exit__")):
            raise TypeError(f"io_gen_using needs a context manager, not {manager!r}")
        self._manager = manager

    async def __aenter__(self) -> Any:
        return type(self._manager).__enter__(self._manager)

    async def __aexit__(self, *exc_info: Any) -> Any:
        return type(self._manager).__exit__(self._manager, *exc_info)
