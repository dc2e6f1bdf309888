"""Of two pulls at once, one fails with an error of the iterator's own futures.

Laws: I7
"""

import asyncio

import aioreactive as rx


async def main():
    items = rx.AsyncIteratorObserver(rx.from_iterable([1, 2]))
    first, second = anext(items), anext(items)
    one, other = await asyncio.gather(first, second, return_exceptions=True)
    assert one == 1 and isinstance(other, asyncio.InvalidStateError)


asyncio.run(main())
