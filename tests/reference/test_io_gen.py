"""Synchronous streams: the same algebra, the same release, without a loop."""

from __future__ import annotations

import asyncio
from collections.abc import Generator, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funcpipe_streams import (
    Err,
    ErrInfo,
    IOGen,
    Ok,
    Result,
    async_gen_from_io,
    async_gen_map,
    collect,
    io_gen_and_then,
    io_gen_empty,
    io_gen_from_iterable,
    io_gen_map,
    io_gen_return,
    io_gen_using,
    lift_io_item,
)

BOOM = Err(ErrInfo("BOOM", "it broke"))


def mixed() -> Iterator[Result[int, ErrInfo]]:
    """A user's own generator function."""
    yield Ok(1)
    yield BOOM
    yield Ok(2)


def opaque(xs: list[int]) -> IOGen[int]:
    return lambda: iter([BOOM if x == 0 else Ok(x) for x in xs])


@given(xs=st.lists(st.integers(0, 5), max_size=9))
def test_monad_laws(xs: list[int]) -> None:
    """Identities and associativity on whole lists, errors included."""

    def f(x: int) -> IOGen[int]:
        return opaque([x, 0, x + 1])

    def g(x: int) -> IOGen[int]:
        return io_gen_from_iterable(range(x))

    assert list(io_gen_and_then(opaque(xs), io_gen_return)()) == list(opaque(xs)())
    for x in xs:
        assert list(io_gen_and_then(io_gen_return(x), f)()) == list(f(x)())
    left = io_gen_and_then(io_gen_and_then(opaque(xs), f), g)
    right = io_gen_and_then(opaque(xs), lambda x: io_gen_and_then(f(x), g))
    assert list(left()) == list(right())


def test_errors_keep_their_places() -> None:
    """Through map, bind and lift; every run is a fresh one."""

    def check(x: int) -> Result[str, ErrInfo]:
        return BOOM if x == 20 else Ok(str(x))

    gen = io_gen_and_then(io_gen_map(mixed, lambda x: x * 10), lift_io_item(check))
    assert list(gen()) == list(gen()) == [Ok("10"), BOOM, BOOM]
    assert list(io_gen_empty()()) == []


def test_nothing_is_pulled_ahead() -> None:
    """Nor at construction, nor at the call."""
    log: list[int] = []

    def numbers() -> Iterator[Result[int, ErrInfo]]:
        for n in range(9):
            log.append(n)
            yield Ok(n)

    stream = io_gen_map(numbers, lambda n: n)()
    assert log == []
    next(stream)
    assert log == [0]


def managed(log: list[Any], name: str, failure: Exception | None = None) -> Any:
    @contextmanager
    def manager() -> Iterator[str]:
        log.append(f"open {name}")
        try:
            yield name
        except BaseException as error:
            log.append(type(error))
            raise
        finally:
            log.append(f"close {name}")
            if failure is not None:
                raise failure

    return manager


def nested(log: list[Any]) -> IOGen[int]:
    return io_gen_using(
        managed(log, "a"),
        lambda _: io_gen_map(io_gen_using(managed(log, "b"), lambda _: mixed), lambda x: x),
    )


def test_release_at_the_end() -> None:
    """Innermost first, when the iteration has ended."""
    log: list[Any] = []
    assert list(nested(log)()) == [Ok(1), BOOM, Ok(2)]
    assert log == ["open a", "open b", "close b", "close a"]


@pytest.mark.parametrize("how", ["break", "close"])
def test_release_of_an_unfinished_run(how: str) -> None:
    """At once; managers are told that they were closed."""
    log: list[Any] = []
    stream: Any = nested(log)()
    for _ in stream:
        if how == "close":
            stream.close()
        break
    del stream
    assert log == ["open a", "open b", GeneratorExit, "close b", GeneratorExit, "close a"]


def test_exceptions_surface_after_release() -> None:
    """Of a function within and outside of the block, of the source, of a release."""
    log: list[Any] = []
    with pytest.raises(ZeroDivisionError):
        list(io_gen_map(nested(log), lambda x: x / 0)())
    assert log[2:] == [GeneratorExit, "close b", GeneratorExit, "close a"]
    log.clear()
    inner = io_gen_map(mixed, lambda x: x / 0)
    with pytest.raises(ZeroDivisionError):
        list(io_gen_using(managed(log, "a"), lambda _: inner)())
    assert log == ["open a", ZeroDivisionError, "close a"]
    with pytest.raises(KeyError):
        list(io_gen_using(managed(log, "a", KeyError("release")), lambda _: mixed)())


def test_a_users_generator_is_closed() -> None:
    """When the run ends early."""
    log: list[str] = []

    def lines() -> Generator[Result[int, ErrInfo], None, None]:
        try:
            yield Ok(1)
            yield Ok(2)
        finally:
            log.append("closed")

    stream: Any = io_gen_map(lines, lambda x: x)()
    next(stream)
    stream.close()
    assert log == ["closed"]


def test_depth() -> None:
    """Ten thousand binds, in either nesting."""

    def level(x: int) -> IOGen[int]:
        return io_gen_return(x) if x == 10_000 else io_gen_and_then(io_gen_return(x + 1), level)

    gen: IOGen[int] = io_gen_return(0)
    for _ in range(10_000):
        gen = io_gen_and_then(gen, lambda x: io_gen_return(x + 1))
    assert list(gen()) == list(level(0)()) == [Ok(10_000)]


def test_within_a_running_loop_and_as_an_asynchronous_stream() -> None:
    """The loop takes no notice of a synchronous run; the bridge gives the same items."""

    async def main() -> None:
        assert list(io_gen_map(mixed, str)()) == [Ok("1"), BOOM, Ok("2")]
        both = async_gen_map(async_gen_from_io(io_gen_map(mixed, lambda x: x + 1)), str)
        assert await collect(both) == [Ok("2"), BOOM, Ok("3")]
        assert await collect(async_gen_from_io(mixed)) == [Ok(1), BOOM, Ok(2)]

    asyncio.run(main())


def test_wrong_arguments_are_named() -> None:
    """As for asynchronous streams."""
    with pytest.raises(TypeError, match="only once"):
        io_gen_from_iterable(iter([1]))
    not_a_stream: Any = 3
    with pytest.raises(TypeError, match="function without arguments, not 3"):
        list(io_gen_map(not_a_stream, str)())

    def no_manager() -> AbstractContextManager[int]:
        return not_a_stream  # type: ignore[no-any-return]

    with pytest.raises(TypeError, match="needs a context manager, not 3"):
        list(io_gen_using(no_manager, lambda _: mixed)())
