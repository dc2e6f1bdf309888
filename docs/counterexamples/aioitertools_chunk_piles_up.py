"""chunked leaves a generator behind for each chunk; of a ready source they all pile up.

Laws: O4
"""

import asyncio

from aioitertools.more_itertools import chunked


async def numbers():
    for number in range(1000):
        yield number


async def main():
    chunks = [chunk async for chunk in chunked(numbers(), 2)]
    await asyncio.sleep(0)
    assert len(asyncio.all_tasks()) > len(chunks) == 500


asyncio.run(main())
