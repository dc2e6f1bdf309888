# options: select = ["FP302"]
"""Comprehensions over streams that hold a lock: they are cut off where what they await fails."""

from contextlib import aclosing


async def rows(store):
    async with store.lock:
        for row in store.rows:
            yield row


async def entered(store):
    async with store.connect() as connection:
        yield connection


async def sent(store, send):
    return [await send(row) async for row in rows(store)]  # error: FP302


async def by_name(store, read):
    return {row.name: await read(row) async for row in rows(store)}  # error: FP302


async def chosen(store, is_wanted):
    return {  # error: FP302
        row
        async for row in rows(store)
        if await is_wanted(row)
    }


async def crossed(store, other):
    return [(row, one) async for row in rows(store) async for one in other]  # error: FP302


async def closed(store, send):
    async with aclosing(rows(store)) as items:
        return [await send(row) async for row in items]


async def closed_by_hand(store, send):
    found = rows(store)
    try:
        return [await send(row) async for row in found]
    finally:
        await found.aclose()


async def all_of(store):
    return [row.name async for row in rows(store)]


async def of_awaited(store, opened):
    return [row async for row in rows(await opened(store))]


async def without_a_lock(store, send):
    return [await send(row) async for row in entered(store)]


async def last(store, send):
    return [await send(name) async for row in store async for name in names(row)]


async def names(row):
    yield row


async def lazy(store, send):
    return (await send(row) async for row in rows(store))
