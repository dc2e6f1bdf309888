"""Disposing of a subscription cancels the source's task and does not wait for its clean-up.

Laws: X2 S2 S4 S5 S6 S10 S13 S14 C2 G10 G11 D6 D9
"""

import asyncio

import aioreactive as rx

log = []


async def lines():
    try:
        yield "a line"
    finally:
        log.append("file closed")


async def main():
    async with rx.AsyncIteratorObserver(rx.from_async_iterable(lines())) as items:
        log.append(await anext(items))
    assert log == ["a line"]


asyncio.run(main())
