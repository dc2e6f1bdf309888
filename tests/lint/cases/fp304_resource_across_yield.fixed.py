# options: select = ["FP304"]
"""Resources that stay open at the consumer's pleasure."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, aclosing, closing, nullcontext, suppress

from funcpipe_streams import AsyncGen, ErrInfo, Ok, Result, async_gen_using, closing_stream

Items = AsyncIterator[Result[int, ErrInfo]]


# ---------------------------------------------------------------- silence

async def no_results(connect) -> AsyncIterator[int]:
    async with connect() as connection:
        yield connection


async def closed_before(connect) -> Items:
    async with connect() as connection:
        rows = await connection.rows()
    for row in rows:
        yield Ok(row)


def by_the_primitive(connect, rows) -> AsyncGen[int]:
    return async_gen_using(lambda: connect(), rows)


async def closing_managers(source: AsyncGen[int], handle) -> Items:
    async with aclosing(source()) as items:
        async for item in items:
            yield item
    async with closing_stream(source()) as items:
        async for item in items:
            yield item
    with closing(handle), nullcontext(), suppress(ValueError):
        yield Ok(1)
    async with Aclosing(source()) as items:  # noqa: F821
        async for item in items:
            yield item


async def sync_managers_map_errors(mapped) -> Items:
    with mapped():
        yield Ok(1)


def only_passed_to_the_primitive(connect) -> AsyncGen[int]:
    def rows(connection) -> AsyncGen[int]:
        async def stream() -> Items:
            async with connection.cursor() as cursor:
                yield Ok(cursor)

        return stream

    return async_gen_using(connect, rows)


async def cancel_scopes_are_another_rule() -> Items:
    async with asyncio.timeout(1):
        yield Ok(1)


async def locks_are_another_rule(self) -> Items:
    async with self._lock:
        yield Ok(1)


async def in_an_inner_function(connect) -> Items:
    async with connect() as connection:
        async def inner():
            yield 1

        rows = [row async for row in inner()]
    yield Ok(rows)


# ---------------------------------------------------------------- violations

async def a_connection(connect) -> Items:
    async with connect() as connection:
        async for row in connection:
            yield Ok(row)  # error: FP304


async def a_connection_without_name(connect) -> Items:
    async with connect():
        yield Ok(1)  # error: FP304


async def a_file(path) -> Items:
    with open(path) as file:
        for line in file:
            yield Ok(len(line))  # error: FP304


async def a_stack(managers) -> Items:
    async with AsyncExitStack() as stack:
        connection = await stack.enter_async_context(managers[0])
        yield Ok(connection)  # error: FP304


def in_a_builder(connect) -> AsyncGen[int]:
    async def stream():
        async with connect() as connection:
            yield Ok(connection.row)  # error: FP304

    return stream


def ready_for_the_primitive(connect, rows) -> AsyncGen[int]:
    return async_gen_using(connect, rows)
