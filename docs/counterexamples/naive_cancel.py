"""A consumer that is cancelled in the inner one of two nested loops leaves the outer one open.

Laws: C2
"""

import asyncio

closed = []


async def sleeps(seconds):
    try:
        yield await asyncio.sleep(seconds)
    finally:
        closed.append(seconds)


async def main():
    items = (y async for x in sleeps(0) async for y in sleeps(9))
    try:
        await asyncio.wait_for(anext(items), timeout=0.05)
    except TimeoutError:
        assert closed == [9]


asyncio.run(main())
