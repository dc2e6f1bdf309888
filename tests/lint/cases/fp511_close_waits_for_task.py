"""Tasks that are awaited when their stream is closed."""

import asyncio
from contextlib import suppress


# ---------------------------------------------------------------- silence

async def cancelled(source):
    queue = asyncio.Queue(3)

    async def fill():
        async for item in source:
            await queue.put(item)

    task = asyncio.create_task(fill())
    try:
        while True:
            yield await queue.get()
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def cancelled_in_a_loop(source):
    queue = asyncio.Queue(3)

    async def fill():
        async for item in source:
            await queue.put(item)

    task = asyncio.create_task(fill())
    try:
        while True:
            yield await queue.get()
    finally:
        for each in (task,):
            each.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def told_to_stop(source, stop):
    queue = asyncio.Queue(3)

    async def fill():
        async for item in source:
            await queue.put(item)

    task = asyncio.create_task(fill())
    try:
        while True:
            yield await queue.get()
    finally:
        stop.set()
        await task


async def in_time(source):
    queue = asyncio.Queue(3)

    async def fill():
        async for item in source:
            await queue.put(item)

    task = asyncio.create_task(fill())
    try:
        while True:
            yield await queue.get()
    finally:
        await asyncio.wait_for(task, 3)


async def behind_the_loop(source):
    queue = asyncio.Queue(3)

    async def fill():
        async for item in source:
            await queue.put(item)

    task = asyncio.create_task(fill())
    while not task.done():
        yield await queue.get()
    await task


async def ends_by_itself(log):
    async def note():
        await log.write("begun")

    task = asyncio.create_task(note())
    try:
        yield 1
    finally:
        await task


# ---------------------------------------------------------------- violations

async def awaited_alone(source):
    queue = asyncio.Queue(3)

    async def fill():
        try:
            async for item in source:
                await queue.put(item)
        finally:
            await queue.put(None)

    task = asyncio.create_task(fill())  # error: FP511
    try:
        while (item := await queue.get()) is not None:
            yield item
    finally:
        await task


async def beside_another(source, steps):
    queue = asyncio.Queue(3)

    async def fill():
        async for item in source:
            await queue.put(item)

    async def follow():
        while True:
            await queue.put(await steps.get())

    filling = asyncio.create_task(fill())  # error: FP511
    following = asyncio.create_task(follow())
    try:
        while True:
            yield await queue.get()
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
        await filling
