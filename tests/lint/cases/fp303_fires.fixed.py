"""Loops that leave a stream open when their generator is closed."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing


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
    async with aclosing(rows(pool)) as items:
        async for row in items:  # error: FP303
            yield row
    async with aclosing(awaits_in_finally(clock)) as items:
        async for row in items:  # error: FP303
            if row:
                yield row
    async with aclosing(awaits_in_finally_from_a_handler(clock)) as items:
        async for row in items:  # error: FP303
            print((yield row))


async def passes_on(pool):
    async with aclosing(rows(pool)) as items:
        async for row in items:  # error: FP303
            yield row


async def over_one_that_passes_on(pool):
    async with aclosing(passes_on(pool)) as items:
        async for row in items:  # error: FP303
            yield row


def hands_on(pool):
    return rows(pool)


async def over_one_that_hands_on(pool) -> None:
    async with aclosing(hands_on(pool)) as items:
        async for row in items:  # error: FP303
            yield row


def hands_on_typed(pool) -> AsyncIterator[int]:
    return rows(pool)


async def over_one_that_hands_on_typed(pool):
    async with aclosing(hands_on_typed(pool)) as items:
        async for row in items:  # error: FP303
            yield row


async def typed(pool) -> AsyncGenerator[int, None]:
    async with pool.connect() as connection:
        yield connection


async def over_typed(pool):
    async with aclosing(typed(pool)) as items:
        async for row in items:  # error: FP303
            yield row
        else:
            yield None


alias = rows


async def over_an_alias(pool):
    async with aclosing(alias(pool)) as items:
        async for row in items:  # error: FP303
            yield row


class Table:
    async def rows(self):
        async with self.pool.connect() as connection:
            yield connection

    async def names(self):
        async with aclosing(self.rows()) as items:
            async for row in items:  # error: FP303
                yield row.name

    def nested(self):
        async def inner():
            async with aclosing(self.rows()) as items:
                async for row in items:  # error: FP303
                    yield row

        return inner

    @classmethod
    async def opened(cls):
        async with cls.pool.connect() as connection:
            yield connection

    @classmethod
    async def over_opened(cls):
        async with aclosing(cls.opened()) as items:
            async for row in items:  # error: FP303
                yield row


class SubTable(Table):
    async def upper(self):
        async with aclosing(self.rows()) as items:
            async for row in items:  # error: FP303
                yield row.upper()


async def over_a_class(pool):
    async with aclosing(Table.opened()) as items:
        async for row in items:  # error: FP303
            yield row


async def loops_in_loops(pool):
    async with aclosing(rows(pool)) as items:
        async for outer in items:  # error: FP303
            async with aclosing(rows(outer)) as stream:
                async for inner in stream:  # error: FP303
                    yield inner


async def in_a_try_that_closes_nothing(pool):
    try:
        async with aclosing(rows(pool)) as items:
            async for row in items:  # error: FP303
                yield row
    finally:
        print("done")


async def multi_line(pool):
    # a comment above
    async with aclosing(rows(  # error: FP303
        pool,
    )) as items:
        async for row in items:
            # a comment inside
            text = """
not indented: part of the string
"""
            yield row, text  # a comment behind
    # a comment below


async def one_line(pool):
    async with aclosing(rows(pool)) as items:
        async for row in items: yield row  # error: FP303


async def with_a_timeout(pool):
    async with asyncio.timeout(1):
        async with aclosing(rows(pool)) as items:
            async for row in items:  # error: FP303
                await pool.use(row)
                yield row


if True:

    async def in_a_block(pool):
        match pool:
            case _:
                async with aclosing(rows(pool)) as items:
                    async for row in items:  # error: FP303
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
    async with aclosing(says_at_its_end_what_failed(pool)) as items:
        async for row in items:  # error: FP303
            yield row
