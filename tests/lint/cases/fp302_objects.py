# options: select = ["FP302", "FP303"]
"""Objects whose `__aiter__` makes a stream that owns clean-up."""

from __future__ import annotations

from contextlib import aclosing


class Idle:
    async def __aiter__(self):
        yield 1


class Cursor:
    """Its iterator is itself: whoever comes next goes on with it."""

    def __aiter__(self):
        return self

    async def __anext__(self):
        async with self.lock:
            return 1


class Rows:
    def __init__(self, pool):
        self.pool = pool

    async def __aiter__(self):
        async with self.pool.connect() as connection:
            yield connection

    async def __aenter__(self):
        return self

    async def __aexit__(self, *exc_info):
        await self.pool.close()

    async def close(self):
        await self.pool.close()

    async def first(self):
        async for row in self:  # error: FP302
            return row


class Handed:
    def __init__(self, pool):
        self.rows = Rows(pool)

    def __aiter__(self):
        return self.rows.__aiter__()


class Kept(Handed):
    async def __aiter__(self):
        yield 1


async def first_of_idle():
    async for row in Idle():
        return row


async def first_of_cursor(cursor: Cursor):
    async for row in cursor:
        return row


async def first_of_kept(kept: Kept):
    async for row in kept:
        return row


async def all_of_it(rows: Rows):
    async for row in rows:
        print(row)


async def lent(pool):
    async with Rows(pool) as rows:
        async for row in rows:
            return row


async def closed(rows: Rows):
    try:
        async for row in rows:
            return row
    finally:
        await rows.close()


async def opened(rows: Rows):
    async with aclosing(aiter(rows)) as items:
        async for row in items:
            return row


async def first_of_rows(rows: Rows):
    async for row in rows:  # error: FP302
        return row


async def first_of_made(pool):
    async for row in Rows(pool):  # error: FP302
        return row


async def first_of_local(pool):
    rows = Rows(pool)
    print(rows)
    async for row in rows:  # error: FP302
        return row


async def first_of_handed(pool):
    async for row in Handed(pool):  # error: FP302
        return row


async def passed_on(rows: Rows):
    async for row in rows:  # error: FP303
        yield row


async def first_of_passed_on(rows: Rows):
    async for row in passed_on(rows):  # error: FP302
        return row


async def pulled(rows: Rows):
    return await anext(aiter(rows))  # error: FP302
