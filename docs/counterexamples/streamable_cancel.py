"""A consumer that is cancelled during the work on an item leaves the source open.

Laws: C2
"""

import asyncio

from streamable import stream

closed = []


async def lines():
    try:
        yield 9
    finally:
        closed.append("file")


async def main():
    items = aiter(stream(lines()).map(asyncio.sleep))
    try:
        await asyncio.wait_for(anext(items), timeout=0.05)
    except TimeoutError:
        assert not closed


asyncio.run(main())
