# options: select = ["FP501"]
"""Queues that take a whole stream when the consumer is slow."""

import asyncio
import asyncio as aio
import math
import queue
from asyncio import Queue
from collections.abc import AsyncIterator

import anyio
import trio

from funcpipe_streams import AsyncGen, ErrInfo, Ok, Result

Items = AsyncIterator[Result[int, ErrInfo]]


# ---------------------------------------------------------------- silence

async def bounded(source: Items) -> Items:
    items = asyncio.Queue(maxsize=16)
    async for item in source:
        await items.put(item)
        yield await items.get()


async def bounded_by_position(source: Items, size: int) -> Items:
    items: asyncio.Queue[int] = asyncio.Queue(16)
    others = asyncio.Queue(size)
    yield Ok((items, others))


async def bounded_channels(source: Items) -> Items:
    send, receive = anyio.create_memory_object_stream(16)
    empty, full = anyio.create_memory_object_stream()
    yield Ok((send, receive, empty, full))


def elsewhere():
    return asyncio.Queue()


class Mailbox:
    def __init__(self):
        self.items = asyncio.Queue()


async def guarded_by_slots(source: Items, slots) -> Items:
    items = asyncio.Queue()
    async for item in source:
        await slots.acquire()
        await items.put(item)
        yield await items.get()
        slots.release()


async def another_queue(source: Items, Queue) -> Items:
    items = Queue()
    yield Ok(items)


async def arguments_unknown(options) -> Items:
    items = asyncio.Queue(**options)
    more = asyncio.Queue(*options)
    yield Ok((items, more))


# ---------------------------------------------------------------- violations

async def no_bound(source: Items) -> Items:
    items = asyncio.Queue()  # error: FP501
    async for item in source:
        await items.put(item)
    yield Ok(await items.get())


async def a_bound_of_zero(source: Items) -> Items:
    yield Ok(asyncio.Queue(0))  # error: FP501
    yield Ok(asyncio.Queue(maxsize=0))  # error: FP501
    yield Ok(asyncio.Queue(maxsize=-1))  # error: FP501


async def the_other_queues(source: Items) -> Items:
    yield Ok(asyncio.LifoQueue())  # error: FP501
    yield Ok(asyncio.PriorityQueue())  # error: FP501


async def under_an_alias(source: Items) -> Items:
    yield Ok(aio.Queue())  # error: FP501
    yield Ok(Queue())  # error: FP501


async def subscripted(source: Items) -> Items:
    items = asyncio.Queue[int]()  # error: FP501
    yield Ok(await items.get())


async def endless_channels(source: Items) -> Items:
    yield Ok(anyio.create_memory_object_stream(math.inf))  # error: FP501
    yield Ok(anyio.create_memory_object_stream(max_buffer_size=float("inf")))  # error: FP501
    yield Ok(trio.open_memory_channel(math.inf))  # error: FP501


def in_a_builder(source: AsyncGen[int]) -> AsyncGen[int]:
    async def stream():
        items = asyncio.Queue()  # error: FP501
        yield Ok(await items.get())

    return stream


def made_by_the_builder(source: AsyncGen[int]) -> AsyncGen[int]:
    items = asyncio.Queue()  # error: FP501

    async def stream():
        yield Ok(await items.get())

    return stream


async def fed_by_a_stream(source: AsyncGen[int], work):
    items = asyncio.Queue()  # error: FP501
    asyncio.ensure_future(work(items))
    async for item in source():
        await items.put(item)
