# options: select = ["FP302", "FP303"]
"""Streams that are reached through classes, names and helpers of the same file."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol


class Pool:
    def __init__(self, driver):
        self.driver = driver

    async def rows(self):
        async with self.driver.connect() as connection:
            yield connection

    async def typed(self) -> AsyncGenerator[int, None]:
        async with self.driver.connect() as connection:
            yield connection

    def helper(self) -> AsyncIterator[int]:
        return self.rows()

    async def opened(self):
        return self.rows()


class Cached(Pool):
    async def rows(self):
        async for row in super().rows():  # error: FP303
            yield row


class Shop:
    def __init__(self, driver):
        self.pool: Pool = driver.pool
        self.made = Pool(driver)
        self.late: Pool | None = None
        self.by_name: dict[str, Pool] = {}

    @property
    def best(self) -> Pool:
        return self.made

    async def first_of_made(self):
        async for row in self.made.typed():  # error: FP302
            return row

    async def first_of_noted(self):
        async for row in self.pool.typed():  # error: FP302
            return row

    async def first_of_optional(self):
        async for row in self.late.typed():  # error: FP302
            return row

    async def first_of_property(self):
        async for row in self.best.typed():  # error: FP302
            return row

    async def first_of_item(self, name):
        async for row in self.by_name[name].typed():  # error: FP302
            return row

    async def first_of_each(self):
        for pool in self.by_name.values():
            async for row in pool.typed():  # error: FP302
                return row


async def first_of_local(driver):
    pool = Pool(driver)
    async for row in pool.rows():  # error: FP302
        return row


async def first_of_call(driver):
    async for row in Pool(driver).rows():  # error: FP302
        return row


async def first_of_parameter(pool: Pool):
    async for row in pool.typed():  # error: FP302
        return row


async def first_of_quoted(pool: "Pool | None"):
    async for row in pool.typed():  # error: FP302
        return row


async def first_of_helper(pool: Pool):
    async for row in pool.helper():  # error: FP302
        return row


async def first_of_opened(pool: Pool):
    async for row in await pool.opened():  # error: FP302
        return row


async def first_of_name(pool: Pool):
    rows = pool.typed()
    async for row in rows:  # error: FP302
        return row


async def first_pulled(pool: Pool):
    rows = pool.typed()
    return await anext(rows)  # error: FP302


async def first_of_aiter(pool: Pool):
    async for row in aiter(pool.typed()):  # error: FP302
        return row


async def first_of_generator_expression(pool: Pool):
    async for row in (row.name async for row in pool.typed()):  # error: FP302
        return row


async def forwarded(source):
    async for row in source:
        yield row


async def first_of_forwarded(pool: Pool):
    async for row in forwarded(pool.typed()):  # error: FP302
        return row


class Reads(Protocol):
    async def typed(self) -> AsyncGenerator[int, None]: ...

    def helper(self): ...


async def first_of_protocol(reads: Reads):
    async for row in reads.typed():  # error: FP302
        return row


async def ends(clock):
    try:
        while True:
            yield await clock.tick()
    except GeneratorExit:
        await clock.stop()
        raise


async def first_of_ends(clock):
    async for tick in ends(clock):  # error: FP302
        return tick


@asynccontextmanager
async def limited(limit):
    await limit.take()
    try:
        yield
    finally:
        await limit.give()


async def limits(limit, source):
    async with limited(limit):
        for row in source:
            yield row


async def first_of_limited(limit, source):
    async for row in limits(limit, source):  # error: FP302
        return row


@asynccontextmanager
async def nested(limit):
    async with limited(limit):
        yield


async def nests(limit, source):
    async with nested(limit):
        for row in source:
            yield row


async def first_of_nested(limit, source):
    async for row in nests(limit, source):  # error: FP302
        return row


class Turns:
    def __init__(self, agent, lock):
        self.agent = agent
        self.turn_lock = lock

    async def lines(self):
        async with self.turn_lock:
            for line in self.agent.lines():
                yield line


async def written(turns: Turns, response):
    async for line in turns.lines():  # error: FP302
        await response.write(line)


async def first_two(pool: Pool):
    rows = pool.rows()
    first = await anext(rows)  # error: FP302
    return first, await anext(rows)


async def asked_for(pool, streamed=False, is_quiet=True):
    if streamed and not is_quiet:
        async with pool.connect() as connection:
            async for row in connection:
                yield row
    else:
        yield await pool.all()


async def first_of_asked_for(pool, is_quiet):
    async for row in asked_for(pool, True, is_quiet):  # error: FP302
        return row
