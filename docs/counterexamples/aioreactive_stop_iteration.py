"""A StopAsyncIteration out of the user's function ends map as if the source had ended."""

import asyncio

import aioreactive as rx
from expression import pipe


def stop(value):
    raise StopAsyncIteration


async def main():
    xs = pipe(rx.from_iterable([1, 2]), rx.map(stop))
    assert [x async for x in rx.AsyncIteratorObserver(xs)] == []


asyncio.run(main())
