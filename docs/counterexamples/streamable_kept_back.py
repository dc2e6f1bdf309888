"""A parallel map keeps finished results back until as many calls run as may, or its source ends.

Laws: Z7
"""

import asyncio

from streamable import stream


async def ticks():
    yield 0.01
    await asyncio.Event().wait()


async def main():
    items = aiter(stream(ticks()).map(asyncio.sleep, concurrency=2))
    _, waiting = await asyncio.wait({asyncio.ensure_future(anext(items))}, timeout=0.3)
    assert waiting


asyncio.run(main())
