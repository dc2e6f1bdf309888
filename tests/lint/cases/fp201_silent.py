"""Yields that may be Results, or that need not be."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING

from funcpipe_streams import AsyncGen, Err, ErrInfo, Ok, Result
from elsewhere import parse, Row

if TYPE_CHECKING:
    from elsewhere import Parsed


def checked(x: int) -> Result[int, ErrInfo]:
    return Ok(x)


async def later(x: int) -> "Result[int, ErrInfo]":
    return Ok(x)


def as_parsed(x: int) -> Parsed:
    return parse(x)


async def trusted(source: AsyncGen[int], f) -> AsyncIterator[Result[int, ErrInfo]]:
    async for item in source():
        yield item
        yield item.map(f)
        yield f(item)
        yield await f(item)
        yield checked(1)
        yield await later(1)
        yield as_parsed(1)
        yield Row(item)
        yield Ok(1) if item else Err(ErrInfo("E", "m"))
        yield item | f
        yield item or Ok(1)
        yield item.value
        known = Ok(1)
        yield known
        mixed = 1
        mixed = f(mixed)
        yield mixed


async def narrowed(source: AsyncGen[int]) -> AsyncIterator[Result[int, ErrInfo]]:
    async for item in source():
        if isinstance(item, Ok):
            item = item.value
            yield item.value
        match item:
            case Ok() as ok:
                yield ok
            case Err(error=error):
                yield Err(error)
            case other:
                yield other


async def stub() -> AsyncIterator[Result[int, ErrInfo]]:
    raise NotImplementedError
    yield 1


async def never() -> AsyncIterator[Result[int, ErrInfo]]:
    if False:
        yield 1


async def bare_items() -> AsyncIterator[int]:
    yield 1


def nested() -> AsyncGen[int]:
    async def helper():
        yield 1

    async def stream() -> AsyncIterator[Result[int, ErrInfo]]:
        async for number in helper():
            yield Ok(number)

    return stream


def sync() -> Iterator[Result[int, ErrInfo]]:
    yield Ok(1)
    yield from sync()
