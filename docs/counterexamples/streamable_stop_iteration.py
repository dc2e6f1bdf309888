"""A StopAsyncIteration out of the user's function ends map as if the source had ended."""

import asyncio

from streamable import stream


async def first_of(group):
    return await anext(group)


async def nothing():
    return
    yield


async def main():
    firsts = stream([nothing(), nothing()]).map(first_of)
    assert [x async for x in firsts] == []  # a defect of the function, and nobody hears of it


asyncio.run(main())
