"""Closing a map leaves its source suspended.

Leak: suspended
"""

import asyncio

import aioitertools

log = []


async def rows():
    try:
        yield 1
        yield 2
    finally:
        log.append("closed")


async def main():
    names = aioitertools.map(str, rows())
    assert await anext(names) == "1"
    await names.aclose()
    assert log == []


asyncio.run(main())
