"""Where clean-up is pending in a suspended generator, told from its code object alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager, nullcontext
from io import StringIO
from typing import Any

import pytest

from funcpipe_laws.leaks.reading.managers import pending


@asynccontextmanager
async def manager() -> AsyncIterator[int]:
    with StringIO():
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
        with StringIO():
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
        print(end="")
        raise


async def in_bare_except() -> AsyncGenerator[int, None]:
    try:
        yield 1
    except:
        print(end="")
        raise


async def over_another() -> AsyncGenerator[int, None]:
    async for value in bare():
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
    in_finally: [("finally", 4)],
    in_async_with: [("with", 1)],
    in_two: [("with", 2), ("finally", 6)],
    in_except_of_another: [],
    behind_an_except: [("finally", 7)],
    in_except_of_the_exit: [("except", 3)],
    in_bare_except: [("except", 3)],
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
        return [(handler.what, handler.line - first) for handler, _ in found]

    found = asyncio.run(suspended())
    assert found == CASES[case]
