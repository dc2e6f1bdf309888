"""A merge pulls without end while its consumer works on one item.

Laws: B4 O1
"""

import asyncio

import aioreactive as rx

pulled = []


async def numbers():
    while len(pulled) < 3000:
        pulled.append(0)
        yield 0


async def main():
    items = rx.AsyncIteratorObserver(rx.merge_seq([rx.from_async_iterable(numbers())]))
    await anext(items)
    await asyncio.sleep(0.1)
    assert len(pulled) == 3000


asyncio.run(main())
