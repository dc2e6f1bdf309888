"""Closing a mapped sequence does not close the one inside: it is a bare loop over it.

Laws: S10 S11 S14 D1 D2 D3 D6 D8 D9
"""

import asyncio

from expression.collections import asyncseq

log = []


async def lines():
    try:
        yield "a line"
    finally:
        await asyncio.sleep(0)
        log.append("file closed")


async def main():
    items = asyncseq.map(str.upper)(lines())
    log.append(await anext(items))
    await items.aclose()
    assert log == ["A LINE"]


asyncio.run(main())
