"""A merge that is being closed swallows the cancellation of its consumer, which then goes on.

Laws: C8
"""

import asyncio

from aiostream import stream


async def slow_to_close():
    try:
        yield await asyncio.sleep(9)
    finally:
        await asyncio.sleep(0.1)


async def consumer():
    async with stream.merge(stream.just(1), slow_to_close()).stream() as items:
        await anext(items)


async def main():
    task = asyncio.create_task(consumer())
    asyncio.get_running_loop().call_later(0.05, task.cancel)
    assert await task is None


asyncio.run(main())
