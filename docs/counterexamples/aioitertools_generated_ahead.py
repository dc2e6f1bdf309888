"""as_generated pulls without bound: of an endless source, one item that is taken costs them all.

Laws: Z4 B4 O1
"""

import asyncio

from aioitertools.asyncio import as_generated

pulled = []


async def numbers():
    while len(pulled) < 39_000:
        pulled.append(1)
        yield len(pulled)


async def main():
    merged = as_generated([numbers()])
    assert await anext(merged) == 1
    assert len(pulled) == 39_000


asyncio.run(main())
