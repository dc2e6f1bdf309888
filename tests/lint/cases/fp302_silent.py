"""Loops that FP302 must leave alone."""

import contextlib
from contextlib import aclosing


async def rows(pool):
    async with pool.connect() as connection:
        async for row in connection:
            yield row


async def plain():
    yield 1


async def owns_nothing():
    async for item in plain():
        break
    return await anext(plain())


async def to_the_end(pool):
    async for row in rows(pool):
        if row:
            continue
        print(row)


async def closed(pool):
    async with aclosing(rows(pool)) as items:
        async for row in items:
            return row


async def closed_around(pool, exits):
    try:
        async for row in rows(pool):
            break
    finally:
        await exits.aclose()


async def a_parameter(stream):
    async for row in stream:
        return row
    return await anext(stream)


async def the_inner_loop_breaks(pool):
    async for row in rows(pool):
        for cell in row:
            if cell:
                break
        while row:
            break
        async for _ in row:
            break


async def leaves_in_a_nested_function(pool):
    async for row in rows(pool):

        def name(row=row):
            return row.name

        print(name, lambda: row)


async def raise_is_caught_inside(pool):
    async for row in rows(pool):
        try:
            raise ValueError(row)
        except ValueError:
            pass


async def raise_may_be_swallowed(pool):
    async for row in rows(pool):
        with contextlib.suppress(ValueError):
            raise ValueError(row)


async def unreachable(pool):
    async for row in rows(pool):
        if False:
            break
        continue
        return


async def after_the_loop(pool):
    async for row in rows(pool):
        print(row)
    else:
        return 1
    return 2


async def finally_goes_on(pool):
    async for row in rows(pool):
        try:
            return row
        finally:
            continue


async def anext_of_ones_own(anext, pool):
    return await anext(rows(pool))


def sync_anext(pool):
    return rows(pool).__anext__()


def of_the_module_and_not_of_the_function():
    async def held(pool):
        async with pool.connect() as connection:
            yield connection

    async def first(pool):
        global held
        async for row in held(pool):
            return row

    return held, first
