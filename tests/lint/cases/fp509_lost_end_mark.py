"""End marks of queues."""

import asyncio
from contextlib import suppress

END = object()


# ---------------------------------------------------------------- silence

async def unbounded(source):
    queue = asyncio.Queue()
    source.at_end(lambda: queue.put_nowait(None))
    with suppress(asyncio.QueueFull):
        queue.put_nowait(None)
    while (item := await queue.get()) is not None:
        yield item


async def waits(source):
    queue = asyncio.Queue(3)

    async def fill():
        async for item in source:
            await queue.put(item)
        await queue.put(None)

    task = asyncio.create_task(fill())
    while (item := await queue.get()) is not None:
        yield item
    await task


async def an_item_may_be_lost(source):
    queue = asyncio.Queue(3)

    def take(item):
        with suppress(asyncio.QueueFull):
            queue.put_nowait(item)

    source.on(take)
    while (item := await queue.get()) is not END:
        yield item


async def makes_room(source):
    queue = asyncio.Queue(3)

    def end():
        try:
            queue.put_nowait(END)
        except asyncio.QueueFull:
            queue.get_nowait()
            queue.put_nowait(END)

    source.at_end(end)
    while (item := await queue.get()) is not END:
        yield item


async def a_signal_that_may_be_missed(changes):
    queue = asyncio.Queue(maxsize=1)

    def wake():
        with suppress(asyncio.QueueFull):
            queue.put_nowait(None)

    changes.on(wake)
    while True:
        await queue.get()
        yield changes.state


async def tries_again(source):
    queue = asyncio.Queue(3)

    async def end():
        while True:
            try:
                queue.put_nowait(END)
                return
            except asyncio.QueueFull:
                pass

    source.at_end(end)
    while (item := await queue.get()) is not END:
        yield item


# ---------------------------------------------------------------- violations

async def suppressed(source):
    queue = asyncio.Queue(maxsize=100)

    def end():
        with suppress(asyncio.QueueFull):
            queue.put_nowait(END)  # error: FP509

    source.at_end(end)
    while (item := await queue.get()) is not END:
        yield item


async def passed_over(source, size):
    queue = asyncio.Queue(size)

    async def fill():
        async for item in source:
            await queue.put(item)
        try:
            queue.put_nowait(None)  # error: FP509
        except asyncio.QueueFull:
            pass

    task = asyncio.create_task(fill())
    while True:
        item = await queue.get()
        if item is None:
            break
        yield item
    await task
