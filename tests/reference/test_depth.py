"""Ten thousand binds, maps and resources, in either nesting."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from funcpipe_streams import (
    AsyncGen,
    Ok,
    async_gen_and_then,
    async_gen_from_iterable,
    async_gen_map,
    async_gen_return,
    async_gen_using,
    closing_stream,
    collect,
)

from .recording import Manager, source

pytestmark = pytest.mark.asyncio
DEPTH = 10_000


def increment(x: int) -> AsyncGen[int]:
    return async_gen_return(x + 1)


def increment_opaquely(x: int) -> AsyncGen[int]:
    return source(x + 1)


@pytest.mark.parametrize("step", [increment, increment_opaquely])
async def test_left_nested_binds(step: Callable[[int], AsyncGen[int]]) -> None:
    """Chained calls of and_then, each around the one before."""
    gen = source(0, 1)
    for _ in range(DEPTH):
        gen = async_gen_and_then(gen, step)
    assert await collect(gen) == [Ok(DEPTH), Ok(DEPTH + 1)]


@pytest.mark.parametrize("step", [increment, increment_opaquely])
async def test_right_nested_binds(step: Callable[[int], AsyncGen[int]]) -> None:
    """Each bind within the function of the one before."""

    def level(x: int) -> AsyncGen[int]:
        if x == DEPTH:
            return async_gen_from_iterable([x, x])
        return async_gen_and_then(step(x), level)

    assert await collect(level(0)) == [Ok(DEPTH)] * 2


async def test_chained_maps() -> None:
    """One after the other."""
    gen = source(0)
    for _ in range(DEPTH):
        gen = async_gen_map(gen, lambda x: x + 1)
    assert await collect(gen) == [Ok(DEPTH)]


@pytest.mark.parametrize("early", [False, True])
async def test_nested_resources(early: bool) -> None:
    """Each within the stream of the one before; all released, at the end or at an early close."""
    log: list[object] = []

    def level(depth: int) -> AsyncGen[int]:
        if depth == DEPTH:
            return source(1, 2)
        return async_gen_using(lambda: Manager(log), lambda _: level(depth + 1))

    async with closing_stream(level(0)()) as stream:
        async for _ in stream:
            if early:
                break
    assert log == [GeneratorExit if early else None] * DEPTH


async def test_deep_descriptions_can_be_dropped() -> None:
    """Their destruction does not recurse either."""
    gen: AsyncGen[int] = source(0)
    for _ in range(50 * DEPTH):
        gen = async_gen_map(gen, lambda x: x)
    del gen


async def test_work_grows_linearly_with_depth() -> None:
    """Counted in calls of the user's functions, for both nestings at two depths."""

    def calls(depth: int) -> tuple[AsyncGen[int], list[int]]:
        seen: list[int] = []

        def f(x: int) -> AsyncGen[int]:
            seen.append(x)
            return async_gen_return(x + 1)

        gen: AsyncGen[int] = async_gen_return(0)
        for _ in range(depth):
            gen = async_gen_and_then(gen, f)
        return gen, seen

    for depth in (100, 1000):
        gen, seen = calls(depth)
        await collect(gen)
        assert len(seen) == depth
