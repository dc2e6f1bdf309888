# options: select = ["FP305", "FP306", "FP307", "FP504", "FP602"]
"""Names, scopes and syntax that are hard to read for the rules about resources and tasks."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager as managed
from typing import TYPE_CHECKING, Protocol, overload

from somewhere import *

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

try:
    from asyncio import timeout
except ImportError:
    from async_timeout import timeout

try:
    from asyncio import TaskGroup
except ImportError:
    from taskgroup import TaskGroup


async def a_star_import_may_mean_anything(queue):
    async with move_on_after(5):
        yield await queue.get()


async def both_imports_are_scopes(queue):
    async with timeout(5):
        yield await queue.get()  # error: FP305


async def one_import_is_a_scope(queue):
    async with TaskGroup():
        yield await queue.get()  # error: FP305


async def rebound_between(queue):
    scope = asyncio.timeout(5)
    scope = queue.reader()
    async with scope:
        yield await queue.get()


async def deleted(queue):
    scope = asyncio.timeout(5)
    del scope
    async with scope:
        yield 1


@managed
async def aliased_decorator():
    async with asyncio.timeout(5):
        yield


class Source(Protocol):
    async def items(self) -> AsyncIterator[int]:
        async with self.lock:
            yield 0  # error: FP307

    @overload
    async def pages(self, size: int) -> AsyncIterator[int]: ...
    @overload
    async def pages(self, size: None) -> AsyncIterator[str]: ...


def a_class_inside():
    class Reader:
        def __init__(self, lock):
            self.lock = lock

        async def items(self):
            async with self.lock:
                yield 1  # error: FP307

    return Reader


async def annotated(queue: asyncio.Queue[int]) -> AsyncIterator[int]:
    async with asyncio.timeout(5):
        yield await queue.get()  # error: FP305


async def a_try_in_the_loop(source):
    async for item in source:
        try:
            yield item
        finally:
            source.done(item)
    else:
        yield None


async def nested_try(source):
    try:
        try:
            yield 1
        finally:
            source.close()
    except ValueError:
        yield 2


async def an_exception_group(source):
    try:
        yield 1
    except* ValueError:
        source.close()


async def a_walrus_task(fetch):
    if task := asyncio.create_task(fetch()):  # error: FP504
        yield 1
        await task


async def in_a_branch_that_returns(fetch, ready):
    if ready:
        asyncio.create_task(fetch())
        return
    yield 1


async def in_a_comprehension_scope(fetch, names):
    tasks = [task for name in names if (task := asyncio.create_task(fetch(name)))]
    try:
        yield 1
    finally:
        for each in tasks:
            each.cancel()


async def one_statement_a_line(lock):
    async with lock: yield 1  # error: FP307


async def parenthesised(lock, source):
    async with (lock):
        yield (await source.get())  # error: FP307


async def rows():
    yield 1


def conditionally_defined(flag):
    if flag:
        async def items():
            yield 1
    else:
        def items():
            return None

    items()


async def a_default_of_an_inner_function():
    def inner(stream=rows()):
        return stream

    rows()  # error: FP602
    return inner
