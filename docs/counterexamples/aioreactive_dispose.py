"""Disposing of a subscription cancels the source's task and does not wait for its clean-up."""

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
