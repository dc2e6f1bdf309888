"""Where clean-up is pending in a suspended generator, told from its code object alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager, nullcontext
from typing import Any

import pytest

from funcpipe_laws.pending import pending


@asynccontextmanager
async def manager() -> AsyncIterator[int]:
    yield 1


async def bare() -> AsyncGenerator[int, None]:
    yield 1


async def in_finally() -> AsyncGenerator[int, None]:
    try:
        yield 1
    finally:
        print(end="")


async def in_async_with() -> AsyncGenerator[int, None]:
    async with manager() as value:
        yield value


async def in_two() -> AsyncGenerator[int, None]:
    try:
        with nullcontext():
            for value in (1, 2):
                yield value
    finally:
        print(end="")


async def in_except_of_another() -> AsyncGenerator[int, None]:
    try:
        yield 1
    except (ValueError, asyncio.CancelledError):
        print(end="")


async def behind_an_except() -> AsyncGenerator[int, None]:
    try:
        try:
            yield 1
        except ValueError:
            print(end="")
    finally:
        print(end="")


async def in_except_of_the_exit() -> AsyncGenerator[int, None]:
    try:
        yield 1
    except (ValueError, GeneratorExit):
        raise


async def in_bare_except() -> AsyncGenerator[int, None]:
    try:
        yield 1
    except:
        raise


async def over_another() -> AsyncGenerator[int, None]:
    async for value in in_finally():
        yield value


async def after_the_block() -> AsyncGenerator[int, None]:
    with nullcontext():
        print(end="")
    yield 1


async def with_a_comprehension() -> AsyncGenerator[int, None]:
    doubled = [2 * value for value in range(2)]
    yield doubled[0]


CASES: dict[Callable[[], AsyncGenerator[int, None]], list[tuple[str, int]]] = {
    bare: [],
    in_finally: [("try", 2)],
    in_async_with: [("with", 1)],
    in_two: [("with", 2), ("try", 2)],
    in_except_of_another: [],
    behind_an_except: [("try", 3)],
    in_except_of_the_exit: [("except", 2)],
    in_bare_except: [("try", 2)],
    over_another: [],
    after_the_block: [],
    with_a_comprehension: [],
}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_pending_clean_up_is_told_from_the_code(case: Any) -> None:
    """Blocks that closing would run, innermost first; a handler of other exceptions is none."""

    async def suspended() -> list[tuple[str, int]]:
        generator = case()
        await anext(generator)
        found = pending(generator)
        await generator.aclose()
        assert pending(generator) == []
        first = case.__code__.co_firstlineno
        return [(what, line - first) for what, line in found]

    found = asyncio.run(suspended())
    assert [what for what, _ in found] == [what for what, _ in CASES[case]]
    assert [line for _, line in found][:1] == [line for _, line in CASES[case]][:1]
