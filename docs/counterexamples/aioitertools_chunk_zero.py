"""chunked takes a size of zero, and drops the whole stream without a word.

Laws: B8
"""

import asyncio

from aioitertools.more_itertools import chunked


async def main():
    assert [chunk async for chunk in chunked([1, 2, 3], 0)] == []


asyncio.run(main())
