"""Streams that tasks pull."""

import asyncio
from asyncio import create_task


async def rows(pool=None):
    for number in range(10):
        yield await pool.get(number)


async def each(source):
    async for row in source:
        print(row)


async def by_turns(source, lock):
    while True:
        async with lock:
            row = await anext(source)
        print(row)


async def handed_on(source):
    await each(source)


# ---------------------------------------------------------------- silence

async def one_task(pool):
    source = rows(pool)
    await asyncio.gather(each(source), asyncio.sleep(1))


async def a_stream_each(pool):
    await asyncio.gather(*(each(rows(pool)) for _ in range(3)))


async def made_in_the_loop(pools):
    async with asyncio.TaskGroup() as group:
        for pool in pools:
            source = rows(pool)
            group.create_task(each(source))


async def locked(pool):
    source, lock = rows(pool), asyncio.Lock()
    tasks = [create_task(by_turns(source, lock)) for _ in range(3)]
    await asyncio.wait(tasks)


async def given(source):
    await asyncio.gather(each(source), each(source))


async def of_a_channel(queue):
    source = queue.items()
    await asyncio.gather(each(source), each(source))


async def one_or_the_other(pool, is_quick):
    source = rows(pool)
    if is_quick:
        task = create_task(each(source))
    else:
        task = create_task(each(source))
    await task


async def out_of_sight(pool):
    source = rows(pool)
    await asyncio.gather(handed_on(source), handed_on(source))


# ---------------------------------------------------------------- violations

async def twice(pool):
    source = rows(pool)
    await asyncio.gather(each(source), each(source))  # error: FP508


async def in_a_comprehension(pool):
    source = rows(pool)
    tasks = [create_task(each(source)) for _ in range(4)]  # error: FP508
    await asyncio.wait(tasks)


async def in_a_group(pool):
    source = rows(pool)

    async def pull():
        while True:
            print(await source.__anext__())

    async with asyncio.TaskGroup() as group:
        for _ in range(4):
            group.create_task(pull())  # error: FP508


async def one_after_the_other(pool):
    source = rows(pool)
    first = create_task(each(source))
    second = create_task(each(source))  # error: FP508
    await first
    await second
