# options: select = ["FP302", "FP303"]
"""Streams that are reached through classes, names and helpers of the same file."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
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
        async with aclosing(super().rows()) as items:
            async for row in items:  # error: FP303
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
        async with aclosing(self.made.typed()) as items:
            async for row in items:  # error: FP302
                return row

    async def first_of_noted(self):
        async with aclosing(self.pool.typed()) as items:
            async for row in items:  # error: FP302
                return row

    async def first_of_optional(self):
        async with aclosing(self.late.typed()) as items:
            async for row in items:  # error: FP302
                return row

    async def first_of_property(self):
        async with aclosing(self.best.typed()) as items:
            async for row in items:  # error: FP302
                return row

    async def first_of_item(self, name):
        async with aclosing(self.by_name[name].typed()) as items:
            async for row in items:  # error: FP302
                return row

    async def first_of_each(self):
        for pool in self.by_name.values():
            async with aclosing(pool.typed()) as items:
                async for row in items:  # error: FP302
                    return row


async def first_of_local(driver):
    pool = Pool(driver)
    async with aclosing(pool.rows()) as items:
        async for row in items:  # error: FP302
            return row


async def first_of_call(driver):
    async with aclosing(Pool(driver).rows()) as items:
        async for row in items:  # error: FP302
            return row


async def first_of_parameter(pool: Pool):
    async with aclosing(pool.typed()) as items:
        async for row in items:  # error: FP302
            return row


async def first_of_quoted(pool: "Pool | None"):
    async with aclosing(pool.typed()) as items:
        async for row in items:  # error: FP302
            return row


async def first_of_helper(pool: Pool):
    async with aclosing(pool.helper()) as items:
        async for row in items:  # error: FP302
            return row


async def first_of_opened(pool: Pool):
    async with aclosing(await pool.opened()) as items:
        async for row in items:  # error: FP302
            return row


async def first_of_name(pool: Pool):
    rows = pool.typed()
    async with aclosing(rows):
        async for row in rows:  # error: FP302
            return row


async def first_pulled(pool: Pool):
    rows = pool.typed()
    return await anext(rows)  # error: FP302


async def first_of_aiter(pool: Pool):
    async with aclosing(aiter(pool.typed())) as items:
        async for row in items:  # error: FP302
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
    async with aclosing(reads.typed()) as items:
        async for row in items:  # error: FP302
            return row


async def ends(clock):
    try:
        while True:
            yield await clock.tick()
    except GeneratorExit:
        await clock.stop()
        raise


async def first_of_ends(clock):
    async with aclosing(ends(clock)) as items:
        async for tick in items:  # error: FP302
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
    async with aclosing(limits(limit, source)) as items:
        async for row in items:  # error: FP302
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
    async with aclosing(nests(limit, source)) as items:
        async for row in items:  # error: FP302
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
    async with aclosing(turns.lines()) as items:
        async for line in items:  # error: FP302
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
    async with aclosing(asked_for(pool, True, is_quiet)) as items:
        async for row in items:  # error: FP302
            return row
