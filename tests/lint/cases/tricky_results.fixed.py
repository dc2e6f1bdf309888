# options: select = ["FP2", "FP304", "FP4", "FP5", "FP601"], ignore = ["FP201", "FP405"]
"""Names, scopes and syntax that are hard to read for the rules about Results and builders."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, TypeAlias

import funcpipe_streams as fs
from funcpipe_streams import AsyncGen as Description
from funcpipe_streams import Err as Failed
from funcpipe_streams import ErrInfo
from funcpipe_streams import Ok as Done
from funcpipe_streams import Result

if TYPE_CHECKING:
    from funcpipe_streams import AsyncGen

Items: TypeAlias = AsyncIterator[Result[int, ErrInfo]]
Described: TypeAlias = Description[int]


class Err(Exception):
    """Not the error side."""


async def another_err(source) -> Items:
    async for item in source:
        if isinstance(item, Err):
            return
        yield item


async def under_an_alias(source) -> Items:
    async for item in source:
        if isinstance(item, Failed):
            return  # error: FP203
        yield item


async def by_module(source) -> AsyncIterator[fs.Result[int, fs.ErrInfo]]:
    async for item in source:
        match item:
            case fs.Ok(value=value):
                yield fs.Ok(value)
            case fs.Err():
                break  # error: FP203


async def an_or_pattern(source) -> Items:
    async for item in source:
        match item:
            case Done() | Failed():
                yield item


async def a_nested_pattern(pairs) -> Items:
    async for pair in pairs:
        match pair:
            case (Done(), _):
                yield pair[0]
            case (_, Failed()):
                yield pair[1]


async def narrowed_by_what_leaves(source) -> Items:
    async for item in source:
        if isinstance(item, Done):
            yield item
            continue
        raise ValueError(item)  # error: FP203


async def a_conjunction(source) -> Items:
    async for item in source:
        if isinstance(item, Failed) and item.error.code == "STOP":
            return  # error: FP203
        yield item


async def a_disjunction_proves_nothing(source) -> Items:
    async for item in source:
        if isinstance(item, Failed) or item.last:
            return
        yield item


async def the_walrus_rebinds(source) -> Items:
    async for item in source:
        if isinstance(item, Failed) and (item := await source.repaired()):
            return
        yield item


def of_an_alias(connect) -> Described:
    print("building")  # error: FP401

    async def stream():
        async with connect() as connection:
            yield Done(connection.row)  # error: FP304

    return stream


def imported_for_types_only(connect) -> AsyncGen[int]:
    connect.execute("select 1")  # error: FP401
    return lambda: run(connect)


async def run(connect) -> Items:
    yield Done(connect.row)


class Source:
    seen: list[int]

    def items(self) -> Description[int]:
        async def stream():
            self.count += 1  # error: FP403
            self.seen.append(1)
            yield Done(self.count)

        return stream

    @property
    def described(self) -> Description[int]:
        async def stream():
            yield Done(1)

        return stream


def several_streams(first: bool) -> Description[int]:
    letters = ["a"]

    async def one():
        numbers = iter([1])
        for number in numbers:  # error: FP402
            yield Done(number)

    async def two():
        for letter in letters:
            yield Done(len(letter))

    if first:
        return one
    return two


def a_call_of_unknown_meaning(value: int, log) -> Description[int]:
    async def stream():
        yield Done(value)

    log.append(value)
    return stream


def curried(size: int):
    def build(source: Description[int]) -> Description[int]:
        queue = asyncio.Queue()  # error: FP501

        async def stream():
            async for item in source():
                await queue.put(item)
                yield await queue.get()

        return stream

    return build


async def iterated_under_another_name(source: Description[int]) -> None:
    again = source
    async for item in again():  # error: FP601
        print(item)


async def narrowed_to_a_run(source: Description[int] | Items) -> None:
    async for item in source:
        print(item)
