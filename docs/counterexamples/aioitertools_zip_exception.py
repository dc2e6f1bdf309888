"""An exception of one source is handed on by zip as if it were a value.

Laws: E4 E8
"""

import asyncio

import aioitertools


async def rows():
    raise ConnectionError("lost")
    yield


async def main():
    pairs = [pair async for pair in aioitertools.zip(rows(), [1])]
    assert repr(pairs) == "[(ConnectionError('lost'), 1)]"


asyncio.run(main())
