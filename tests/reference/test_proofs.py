"""The proofs that the stream algebra was founded on, held on the reference."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funcpipe_streams import (
    AsyncGen,
    Err,
    ErrInfo,
    Ok,
    Result,
    async_gen_and_then,
    async_gen_return,
    async_gen_using,
)


def opaque(xs: list[int]) -> AsyncGen[int]:
    """A user's own generator function as source."""

    async def stream() -> AsyncIterator[Result[int, ErrInfo]]:
        for x in xs:
            yield Ok(x)

    return stream


@given(x=st.integers())
@pytest.mark.asyncio
async def test_left_identity(x: int) -> None:
    """Binding one value is calling the function."""

    def f(y: int) -> AsyncGen[int]:
        return async_gen_return(y + 1)

    left = [item async for item in async_gen_and_then(async_gen_return(x), f)()]
    right = [item async for item in f(x)()]
    assert left == right


@given(xs=st.lists(st.integers(), max_size=100))
@pytest.mark.asyncio
async def test_right_identity(xs: list[int]) -> None:
    """Binding `async_gen_return` changes nothing."""
    left = [item async for item in async_gen_and_then(opaque(xs), async_gen_return)()]
    right = [item async for item in opaque(xs)()]
    assert left == right


@given(xs=st.lists(st.integers(), max_size=100))
@pytest.mark.asyncio
async def test_associativity(xs: list[int]) -> None:
    """Binds may be nested to the left or to the right."""

    def f(y: int) -> AsyncGen[int]:
        return async_gen_return(y + 1)

    def g(z: int) -> AsyncGen[int]:
        return async_gen_return(z * 2)

    left = async_gen_and_then(async_gen_and_then(opaque(xs), f), g)
    right = async_gen_and_then(opaque(xs), lambda y: async_gen_and_then(f(y), g))
    assert [item async for item in left()] == [item async for item in right()]


@pytest.mark.asyncio
async def test_per_item_error_propagation() -> None:
    """An Err passes at its place, and the stream goes on."""

    async def source() -> AsyncIterator[Result[int, ErrInfo]]:
        yield Ok(1)
        yield Err(ErrInfo(code="BOOM", msg="test"))
        yield Ok(2)

    out = [item async for item in async_gen_and_then(source, lambda x: async_gen_return(x * 10))()]
    assert out == [Ok(10), Err(ErrInfo(code="BOOM", msg="test")), Ok(20)]
    assert isinstance(out[0], Ok) and out[0].value == 10
    assert isinstance(out[1], Err) and out[1].error.code == "BOOM"
    assert isinstance(out[2], Ok) and out[2].value == 20


@pytest.mark.asyncio
async def test_replayable() -> None:
    """Two runs of one description give the same."""
    gen = async_gen_return(1)
    first = [item async for item in gen()]
    second = [item async for item in gen()]
    assert first == second == [Ok(1)]


@pytest.mark.asyncio
async def test_clean_up_on_early_break() -> None:
    """After a bare `break` the resource is released by the next statement."""
    called = False

    @asynccontextmanager
    async def fake_resource() -> AsyncIterator[None]:
        nonlocal called
        try:
            yield None
        finally:
            called = True

    stream = async_gen_using(fake_resource, lambda _: async_gen_return(42))

    async for _ in stream():
        break

    assert called
