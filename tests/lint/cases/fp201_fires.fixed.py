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
    yield Good(1)  # error: FP201
    yield Good("text")  # error: FP201
    yield Good(f"{x}")  # error: FP201
    yield Good(x + 1)  # error: FP201
    yield Good(x < 1)  # error: FP201
    yield Good(not x)  # error: FP201
    yield Good([x])  # error: FP201
    yield Good((x, 1))  # error: FP201
    yield Good((x, 1))  # error: FP201
    yield Good([i for i in x])  # error: FP201
    yield Good(i for i in x)  # error: FP201
    yield Good(lambda: x)  # error: FP201
    yield Good(str(x))  # error: FP201
    yield Good(None)  # error: FP201
    yield Good(None)  # error: FP201
    yield Good(length(x))  # error: FP201
    yield Good(await later(x))  # error: FP201
    yield Good(y)  # error: FP201
    yield Good(1) if x else Good(2)  # error: FP201
    yield Good(1) if x else Good(2)  # error: FP201
    count = 0
    count = 1
    yield Good(count)  # error: FP201
    if (size := 3) > x:
        yield Good(size)  # error: FP201


async def quoted(x) -> "AsyncIterator[Result[int, ErrInfo]]":
    yield Good(1)  # error: FP201


async def by_module(x) -> abc.AsyncGenerator[Result[int, ErrInfo], None]:
    yield Good(1)  # error: FP201


async def by_alias(x) -> Items[int]:
    yield Good(1)  # error: FP201


async def optional(x) -> AsyncIterator[Good[int] | Err[ErrInfo]]:
    yield Good(1)  # error: FP201


async def payloads(source: AsyncGen[int]) -> AsyncIterator[Result[int, ErrInfo]]:
    async for item in source():
        if isinstance(item, Good):
            yield Good(item.value)  # error: FP201
        else:
            yield item.error  # error: FP201
        match item:
            case Good(value=value):
                yield Good(value)  # error: FP201
            case Err(error):
                yield error  # error: FP201


def described(x) -> AsyncGen[int]:
    async def stream():
        yield Good(1)  # error: FP201

    return lambda: stream()


def by_thunk(x) -> Thunk[int]:
    async def stream():
        yield Good(1)  # error: FP201

    return stream


def sync(x) -> Iterator[Result[int, ErrInfo]]:
    yield Good(1)  # error: FP201
