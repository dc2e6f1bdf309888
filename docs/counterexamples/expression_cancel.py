"""A consumer that is cancelled during an inner sequence leaves the outer one open.

Laws: C2
"""

import asyncio

from expression.collections import asyncseq

closed = []


async def sleeps(seconds):
    try:
        yield await asyncio.sleep(seconds)
    finally:
        closed.append(seconds)


async def main():
    items = asyncseq.collect(lambda _: sleeps(9))(sleeps(0))
    try:
        await asyncio.wait_for(anext(items), timeout=0.05)
    except TimeoutError:
        assert closed == [9]


asyncio.run(main())
