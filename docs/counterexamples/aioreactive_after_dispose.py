"""An iterator that was disposed of subscribes again at the next pull.

Laws: I4 I6
"""

import asyncio

import aioreactive as rx


async def main():
    items = rx.AsyncIteratorObserver(rx.from_iterable([1, 2]))
    await items.dispose_async()
    assert await anext(items) == 1


asyncio.run(main())
