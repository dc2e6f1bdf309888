# options: select = ["FP502"]
"""One task an item, however many items come."""

import asyncio
from asyncio import create_task
from collections.abc import AsyncIterator

import anyio

from funcpipe_streams import AsyncGen, ErrInfo, Ok, Result

Items = AsyncIterator[Result[int, ErrInfo]]


# ---------------------------------------------------------------- silence

async def a_slot_first(source: Items, slots, work):
    async for item in source:
        await slots.acquire()
        asyncio.create_task(work(item))


async def a_semaphore_around(source: Items, slots, work):
    async for item in source:
        async with slots:
            asyncio.create_task(work(item))


async def waits_when_full(source: Items, work):
    running = set()
    async for item in source:
        if len(running) >= 8:
            _, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
        running.add(asyncio.create_task(work(item)))


async def awaited_at_once(source: Items, work):
    async for item in source:
        await asyncio.create_task(work(item))


async def a_task_a_source(sources: list[AsyncGen[int]], work):
    tasks = [asyncio.create_task(work(source)) for source in sources]
    for source in sources:
        tasks.append(asyncio.create_task(work(source)))
    await asyncio.gather(*tasks)


async def a_plain_gather(items, work):
    await asyncio.gather(*[work(item) for item in items])


async def spawned_by_an_inner_function(source: Items, work, on_item):
    async for item in source:
        def later(item=item):
            asyncio.create_task(work(item))

        on_item(later)


async def a_task_after_the_loop(source: Items, work):
    async for item in source:
        print(item)
    else:
        asyncio.create_task(work(source))


async def a_task_for_one_item(source: Items, work):
    async for item in source:
        asyncio.create_task(work(item))
        break


# ---------------------------------------------------------------- violations

async def a_task_an_item(source: Items, work):
    tasks = set()
    async for item in source:
        tasks.add(asyncio.create_task(work(item)))  # error: FP502


async def by_name(source: Items, work):
    async for item in source:
        create_task(work(item))  # error: FP502
        asyncio.ensure_future(work(item))  # error: FP502


async def in_a_group(source: Items, work):
    async with asyncio.TaskGroup() as group:
        async for item in source:
            group.create_task(work(item))  # error: FP502


async def in_an_anyio_group(source: Items, work):
    async with anyio.create_task_group() as group:
        async for item in source:
            group.start_soon(work, item)  # error: FP502


async def gathered(source: Items, work):
    await asyncio.gather(*[work(item) async for item in source])  # error: FP502


async def gathered_through_a_list(source: Items, work):
    jobs = [work(item) async for item in source]
    await asyncio.gather(*jobs)  # error: FP502


async def gathered_after_appending(source: Items, work):
    jobs = []
    async for item in source:
        jobs.append(work(item))
    await asyncio.gather(*jobs)  # error: FP502


def in_a_builder(source: AsyncGen[int], work) -> AsyncGen[int]:
    async def stream():
        async for item in source():
            asyncio.create_task(work(item))  # error: FP502
            yield item

    return stream


async def never_reached(source, work):
    return
    async for item in source():
        asyncio.create_task(work(item))


async def never_gathered(source, work):
    return
    await asyncio.gather(*[work(item) async for item in source()])
