"""An exception of an async iterable stays in a task of its own; its consumer waits forever.

Laws: E4 E8 E6 I3 S3 S7 S8 S9 S16 C5 G8 D1 D2 D3 D4 D5 D8
"""

import asyncio

import aioreactive as rx


async def failing():
    yield 1
    raise ValueError("disk full")


async def main():
    items = rx.AsyncIteratorObserver(rx.from_async_iterable(failing()))
    assert await anext(items) == 1
    second = asyncio.ensure_future(anext(items))
    assert await asyncio.wait([second], timeout=0.2) == (set(), {second})


asyncio.run(main())
