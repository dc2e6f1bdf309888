# options: select = ["FP305"]
"""Timeouts, task groups and nurseries around a yield."""

import asyncio
import asyncio as aio
import contextlib
from asyncio import TaskGroup, timeout as deadline
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager, nullcontext
from typing import TYPE_CHECKING

import anyio
import async_timeout
import pytest
import trio

if TYPE_CHECKING:
    from anyio.abc import TaskGroup as AnyGroup


# ---------------------------------------------------------------- silence

async def scope_closed_before_the_yield(queue):
    async with asyncio.timeout(5):
        item = await queue.get()
    yield item


async def scope_inside_the_loop_without_yield(queue):
    while True:
        with anyio.move_on_after(1):
            item = await queue.get()
        yield item


@asynccontextmanager
async def a_context_manager(queue):
    async with anyio.create_task_group() as group:
        yield group


@contextlib.asynccontextmanager
async def a_context_manager_by_module(queue):
    with anyio.CancelScope() as scope:
        yield scope


@pytest.fixture
async def a_fixture():
    async with anyio.create_task_group() as group:
        yield group


async def aclosing_is_no_scope(source):
    async with aclosing(source) as items:
        yield await anext(items)


async def nullcontext_is_no_scope(source):
    with nullcontext():
        yield await anext(source)


async def the_yield_of_an_inner_function(queue):
    async with asyncio.timeout(5):
        async def inner():
            yield 1

        return [item async for item in inner()]


async def a_lambda_inside(queue):
    async with asyncio.timeout(5):
        make = lambda: (yield)
        await queue.put(make)
    yield 1


async def a_dead_yield(queue):
    async with asyncio.timeout(5):
        await queue.get()
        return
        yield


async def a_dead_yield_under_false(queue):
    with trio.CancelScope():
        if False:
            yield


async def a_method_called_timeout(self):
    async with self.session.timeout(5):
        yield 1


async def a_local_function_called_timeout(queue):
    def timeout(seconds):
        return aclosing(queue)

    async with timeout(5) as items:
        yield items


async def somebody_elses_task_group(self):
    async with self.registry.TaskGroup() as group:
        yield group


@asynccontextmanager
async def plain_manager(path):
    handle = await path.open()
    try:
        yield handle
    finally:
        await handle.close()


async def through_a_plain_manager(path):
    async with plain_manager(path) as handle:
        yield handle


def a_sync_function():
    with trio.CancelScope() as scope:
        return scope


class Protocolish:
    async def items(self) -> AsyncIterator[int]:
        raise NotImplementedError
        async with asyncio.timeout(1):
            yield 0


# ---------------------------------------------------------------- violations

async def timeout_around_a_yield(queue):
    async with asyncio.timeout(5):
        yield await queue.get()  # error: FP305


async def under_an_alias(queue):
    async with deadline(5):
        yield await queue.get()  # error: FP305


async def under_a_module_alias(queue):
    async with aio.timeout_at(5):
        yield await queue.get()  # error: FP305


async def a_task_group(queue):
    async with TaskGroup() as group:
        group.create_task(queue.join())
        yield 1  # error: FP305


async def an_anyio_group(queue):
    async with anyio.create_task_group() as group:
        group.start_soon(queue.join)
        while True:
            yield await queue.get()  # error: FP305


async def a_nursery(queue):
    async with trio.open_nursery() as nursery:
        nursery.start_soon(queue.join)
        async for item in queue:
            yield item  # error: FP305


async def sync_scopes(queue):
    with trio.CancelScope():
        yield 1  # error: FP305
    with anyio.move_on_after(1):
        yield 2  # error: FP305
    with trio.fail_after(1):
        yield 3  # error: FP305


async def the_old_package(queue):
    async with async_timeout.timeout(5):
        yield await queue.get()  # error: FP305


async def one_item_of_several(queue, source):
    async with aclosing(source) as items, asyncio.timeout(1):
        yield await anext(items)  # error: FP305


async def in_parentheses(queue, source):
    async with (
        aclosing(source) as items,
        asyncio.timeout(1),
    ):
        yield await anext(items)  # error: FP305


async def an_inner_with_does_not_hide_it(queue, lock):
    async with asyncio.timeout(1):
        async with lock:
            with open("log") as log:
                yield log  # error: FP305


async def a_scope_stored_first(queue):
    scope = anyio.CancelScope()
    with scope:
        yield await queue.get()  # error: FP305


async def a_scope_by_walrus(queue):
    with (scope := trio.CancelScope()):
        yield scope  # error: FP305


async def in_a_try(queue):
    async with asyncio.timeout(1):
        try:
            yield await queue.get()  # error: FP305
        finally:
            queue.task_done()


async def as_an_expression(queue):
    async with asyncio.timeout(1):
        sent = yield 1  # error: FP305
        await queue.put(sent)


@asynccontextmanager
async def workers(count):
    async with anyio.create_task_group() as group:
        for _ in range(count):
            group.start_soon(anyio.sleep, 1)
        yield group


async def through_a_manager_of_the_file(queue):
    async with workers(3):
        yield await queue.get()  # error: FP305


class Client:
    @asynccontextmanager
    async def _deadline(self):
        async with asyncio.timeout(self.seconds):
            yield

    async def items(self):
        async with self._deadline():
            yield await self.read()  # error: FP305


def nested():
    async def stream(queue):
        async with asyncio.timeout(1):
            yield await queue.get()  # error: FP305

    return stream
