# options: select = ["FP302", "FP303"]
"""Streams of the file that are left early, and closed, lent, shared, empty or somebody else's."""

from __future__ import annotations

import asyncio
from contextlib import aclosing, asynccontextmanager, nullcontext


class Pool:
    def __init__(self, driver):
        self.driver = driver
        self.open = self.rows()
        self.reads = None

    async def rows(self):
        async with self.driver.connect() as connection:
            yield connection

    async def first_of_attribute(self):
        async for row in self.open:
            return row

    async def replaced(self):
        async with self.driver.connect() as connection:
            yield connection

    async def first_of_replaced(self, other):
        other.replaced = None
        async for row in self.replaced():
            return row


class Plain(Pool):
    async def rows(self):
        yield 1


async def first_of_plain(driver):
    async for row in Plain(driver).rows():
        return row


async def first_of_anything(pool):
    async for row in pool.rows():
        return row


async def first_of_two(driver, other):
    pool = Pool(driver)
    pool = other
    async for row in pool.rows():
        return row


async def handed_on(driver, keep):
    rows = Pool(driver).rows()
    keep(rows)
    async for row in rows:
        return row


async def closed(driver):
    rows = Pool(driver).rows()
    try:
        async for row in rows:
            return row
    finally:
        await rows.aclose()


async def entered(driver, closing):
    rows = Pool(driver).rows()
    async with closing(rows):
        async for row in rows:
            return row


def returned(driver):
    rows = Pool(driver).rows()

    async def first():
        async for row in rows:
            return row

    return first, rows


async def driven_to_its_end(driver):
    rows = Pool(driver).rows()
    while True:
        try:
            print(await anext(rows))
        except StopAsyncIteration:
            break


async def of(connection):
    async with connection.cursor() as cursor:
        yield cursor


async def lent(driver):
    async with driver.connect() as connection:
        async for row in of(connection):
            return row


async def guarded(path):
    if path is None:
        return
    async with path.open() as file:
        yield file


async def first_of_nothing():
    async for line in guarded(None):
        return line


def in_a_loop_of_its_own(driver):
    loop = asyncio.new_event_loop()

    async def first():
        async for row in Pool(driver).rows():
            return row

    try:
        return loop.run_until_complete(first())
    finally:
        loop.run_until_complete(loop.shutdown_asyncgens())


@asynccontextmanager
async def mapped():
    try:
        yield
    except OSError as error:
        raise ValueError from error


@asynccontextmanager
async def nothing():
    async with nullcontext():
        yield 1


async def maps_errors(source):
    async with mapped(), nothing():
        for row in source:
            yield row


async def first_of_mapped(source):
    async for row in maps_errors(source):
        return row


async def looked_ahead(source):
    task = None
    try:
        async for item in source:
            task = asyncio.ensure_future(item)
            await asyncio.wait([task])
            yield task.result()
    finally:
        if task is not None and not task.done():
            task.cancel()
            await asyncio.wait([task])


async def first_of_looked_ahead(source):
    async for row in looked_ahead(source):
        return row


async def of_itself(depth):
    async for row in of_itself(depth - 1):
        yield row


async def first_of_itself():
    async for row in of_itself(3):
        return row


class Loop(Loop):  # noqa: F821
    async def rows(self):
        async for row in self.rows():
            yield row


async def first_of_loop():
    async for row in Loop().rows():
        return row


@asynccontextmanager
async def counted(counter):
    counter.now += await counter.step()
    try:
        with counter.timed():
            yield counter
    finally:
        counter.now -= 1


async def counts(counter, source):
    async with counted(counter):
        for row in source:
            yield row


async def first_of_counted(counter, source):
    async for row in counts(counter, source):
        return row


class Turns:
    def __init__(self, agent, lock):
        self.agent = agent
        self.turn_lock = lock

    async def lines(self):
        async with self.turn_lock:
            for line in self.agent.lines():
                yield line


async def printed(turns: Turns):
    async for line in turns.lines():
        print(line)


async def written(pool: Pool, response):
    async for line in pool.rows():
        await response.write(line)


async def either(source):
    if hasattr(source, "__aiter__"):
        async with aclosing(source) as stream:
            async for row in stream:
                yield row
        return
    for row in source:
        yield row


async def first_of_either(rows):
    async for row in either(sorted(rows)):
        return row


async def retried(source, wait):
    while True:
        has_begun = False
        try:
            async for row in source():
                has_begun = True
                yield row
            return
        except BaseException:
            if has_begun:
                raise
            await wait()


async def first_of_retried(source, wait):
    async for row in retried(source, wait):
        return row


async def asked_for(pool, streamed=False, is_quiet=True):
    if streamed and not is_quiet:
        async with pool.connect() as connection:
            async for row in connection:
                yield row
    else:
        yield await pool.all()


async def first_of_asked_for(pool):
    async for row in asked_for(pool):
        return row


async def first_not_streamed(pool):
    async for row in asked_for(pool, streamed=False, is_quiet=False):
        return row


async def one_or_all(pool, is_one=False):
    if is_one:
        yield await pool.one()
        return
    async with pool.connect() as connection:
        async for row in connection:
            yield row


async def first_of_one(pool):
    async for row in one_or_all(pool, is_one=True):
        return row
