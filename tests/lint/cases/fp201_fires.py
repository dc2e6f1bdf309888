"""Yields that are certainly no Results."""

from __future__ import annotations

import collections.abc as abc
from collections.abc import AsyncIterator, Callable, Iterator
from typing import TypeVar

from funcpipe_streams import AsyncGen, Err, ErrInfo, Result
from funcpipe_streams import Ok as Good

T = TypeVar("T")
Items = AsyncIterator[Result[T, ErrInfo]]
Thunk = Callable[[], AsyncIterator[Result[T, ErrInfo]]]


def length(x: str) -> int:
    return len(x)


async def later(x: str) -> str:
    return x


async def values(x, y: int) -> AsyncIterator[Result[int, ErrInfo]]:
    yield 1  # error: FP201
    yield "text"  # error: FP201
    yield f"{x}"  # error: FP201
    yield x + 1  # error: FP201
    yield x < 1  # error: FP201
    yield not x  # error: FP201
    yield [x]  # error: FP201
    yield x, 1  # error: FP201
    yield (x, 1)  # error: FP201
    yield [i for i in x]  # error: FP201
    yield (i for i in x)  # error: FP201
    yield lambda: x  # error: FP201
    yield str(x)  # error: FP201
    yield None  # error: FP201
    yield  # error: FP201
    yield length(x)  # error: FP201
    yield await later(x)  # error: FP201
    yield y  # error: FP201
    yield 1 if x else 2  # error: FP201
    yield Good(1) if x else 2  # error: FP201
    count = 0
    count = 1
    yield count  # error: FP201
    if (size := 3) > x:
        yield size  # error: FP201


async def quoted(x) -> "AsyncIterator[Result[int, ErrInfo]]":
    yield 1  # error: FP201


async def by_module(x) -> abc.AsyncGenerator[Result[int, ErrInfo], None]:
    yield 1  # error: FP201


async def by_alias(x) -> Items[int]:
    yield 1  # error: FP201


async def optional(x) -> AsyncIterator[Good[int] | Err[ErrInfo]]:
    yield 1  # error: FP201


async def payloads(source: AsyncGen[int]) -> AsyncIterator[Result[int, ErrInfo]]:
    async for item in source():
        if isinstance(item, Good):
            yield item.value  # error: FP201
        else:
            yield item.error  # error: FP201
        match item:
            case Good(value=value):
                yield value  # error: FP201
            case Err(error):
                yield error  # error: FP201


def described(x) -> AsyncGen[int]:
    async def stream():
        yield 1  # error: FP201

    return lambda: stream()


def by_thunk(x) -> Thunk[int]:
    async def stream():
        yield 1  # error: FP201

    return stream


def sync(x) -> Iterator[Result[int, ErrInfo]]:
    yield 1  # error: FP201
