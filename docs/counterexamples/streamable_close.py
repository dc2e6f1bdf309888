"""A mapped stream has no aclose(): what it reads is left to the garbage collector.

Laws: S10 S11 S14 D2 D8
"""

import asyncio

from streamable import stream

log = []


async def lines():
    try:
        yield "a line"
    finally:
        log.append("file closed")


async def main():
    items = aiter(stream(lines()).map(str.upper))
    log.append(await anext(items))
    assert not hasattr(items, "aclose") and log == ["A LINE"]


asyncio.run(main())
