"""Closing a generator that loops over another one does not close the other one.

Laws: S9 S10 S11 S14 D1 D2 D3 D6 D8 D9
"""

import asyncio

log = []


async def lines():
    try:
        yield "a line"
    finally:
        log.append("file closed")


async def main():
    items = (line.upper() async for line in lines())
    log.append(await anext(items))
    await items.aclose()
    assert log == ["A LINE"]


asyncio.run(main())
