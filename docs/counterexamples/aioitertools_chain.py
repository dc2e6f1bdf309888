"""Closing a chain leaves the source that it is in suspended.

Leak: suspended
"""

import asyncio

import aioitertools


async def rows():
    try:
        yield 1
    finally:
        await asyncio.sleep(0)


async def main():
    source = rows()
    both = aioitertools.chain(source, rows())
    await anext(both)
    await both.aclose()
    assert source.ag_frame is not None


asyncio.run(main())
