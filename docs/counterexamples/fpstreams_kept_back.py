"""An ordered map keeps finished results back until as many calls run as may, or its source ends.

Laws: Z7
"""

import asyncio

from fpstreams import aflow


async def two_then_silence():
    yield 1
    yield 2
    await asyncio.sleep(3600)


async def main():
    results = aiter(aflow(two_then_silence()).map_async(lambda item: item, concurrency=2))
    assert await anext(results) == 1
    second = asyncio.ensure_future(anext(results))
    await asyncio.wait([second], timeout=0.2)
    assert not second.done()


asyncio.run(main())
