"""async_map_ordered takes a concurrency of zero, and then waits for ever.

Laws: B8
"""

import asyncio

from modal._utils.async_utils import async_map_ordered


async def items():
    yield 1


async def main():
    mapped = async_map_ordered(items(), asyncio.sleep, concurrency=0)
    first = asyncio.ensure_future(anext(mapped))
    await asyncio.wait([first], timeout=0.2)
    assert not first.done()


asyncio.run(main())
