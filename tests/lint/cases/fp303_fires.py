"""Loops that leave a stream open when their generator is closed."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator


async def rows(pool):
    async with pool.connect() as connection:
        async for row in connection:
            yield row


async def awaits_in_finally(clock):
    try:
        yield 1
    finally:
        await clock.stop()


async def awaits_in_finally_from_a_handler(clock):
    try:
        await clock.start()
    except OSError:
        yield 1
    finally:
        async with clock:
            pass


async def over_both(pool, clock):
    async for row in rows(pool):  # error: FP303
        yield row
    async for row in awaits_in_finally(clock):  # error: FP303
        if row:
            yield row
    async for row in awaits_in_finally_from_a_handler(clock):  # error: FP303
        print((yield row))


async def passes_on(pool):
    async for row in rows(pool):  # error: FP303
        yield row


async def over_one_that_passes_on(pool):
    async for row in passes_on(pool):  # error: FP303
        yield row


def hands_on(pool):
    return rows(pool)


async def over_one_that_hands_on(pool) -> None:
    async for row in hands_on(pool):  # error: FP303
        yield row


def hands_on_typed(pool) -> AsyncIterator[int]:
    return rows(pool)


async def over_one_that_hands_on_typed(pool):
    async for row in hands_on_typed(pool):  # error: FP303
        yield row


async def typed(pool) -> AsyncGenerator[int, None]:
    async with pool.connect() as connection:
        yield connection


async def over_typed(pool):
    async for row in typed(pool):  # error: FP303
        yield row
    else:
        yield None


alias = rows


async def over_an_alias(pool):
    async for row in alias(pool):  # error: FP303
        yield row


class Table:
    async def rows(self):
        async with self.pool.connect() as connection:
            yield connection

    async def names(self):
        async for row in self.rows():  # error: FP303
            yield row.name

    def nested(self):
        async def inner():
            async for row in self.rows():  # error: FP303
                yield row

        return inner

    @classmethod
    async def opened(cls):
        async with cls.pool.connect() as connection:
            yield connection

    @classmethod
    async def over_opened(cls):
        async for row in cls.opened():  # error: FP303
            yield row


class SubTable(Table):
    async def upper(self):
        async for row in self.rows():  # error: FP303
            yield row.upper()


async def over_a_class(pool):
    async for row in Table.opened():  # error: FP303
        yield row


async def loops_in_loops(pool):
    async for outer in rows(pool):  # error: FP303
        async for inner in rows(outer):  # error: FP303
            yield inner


async def in_a_try_that_closes_nothing(pool):
    try:
        async for row in rows(pool):  # error: FP303
            yield row
    finally:
        print("done")


async def multi_line(pool):
    # a comment above
    async for row in rows(  # error: FP303
        pool,
    ):
        # a comment inside
        text = """
not indented: part of the string
"""
        yield row, text  # a comment behind
    # a comment below


async def one_line(pool):
    async for row in rows(pool): yield row  # error: FP303


async def with_a_timeout(pool):
    async with asyncio.timeout(1):
        async for row in rows(pool):  # error: FP303
            await pool.use(row)
            yield row


if True:

    async def in_a_block(pool):
        match pool:
            case _:
                async for row in rows(pool):  # error: FP303
                    yield row


async def says_at_its_end_what_failed(pool):
    failed = None
    try:
        async for row in pool:
            yield row
    except ValueError as error:
        failed = error
    finally:
        await pool.close()
        if failed is not None:
            yield failed


async def over_what_says_so(pool):
    async for row in says_at_its_end_what_failed(pool):  # error: FP303
        yield row
