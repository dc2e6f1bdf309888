"""Closing a map does not close its source: what it holds is released by the garbage collector.

Laws: S10 S11 S14 C2 D1 D2 D3 D6 D8 D9
"""

import asyncio

import aioitertools

log = []


async def rows():
    try:
        yield 1
    finally:
        log.append("closed")


async def main():
    names = aioitertools.map(str, source := rows())
    assert await anext(names) == "1"
    await names.aclose()
    assert log == [] and source.ag_frame is not None


asyncio.run(main())
