# options: profile = "strict", ignore = ["FP603"]
"""Where two rules could speak of one cause, one of them does."""

import asyncio
from collections.abc import AsyncIterator
from funcpipe_streams import closing_stream

from funcpipe_streams import AsyncGen, Err, ErrInfo, Ok, Result


async def a_comprehension(source: AsyncGen[int]) -> AsyncIterator[Result[int, ErrInfo]]:
    async with closing_stream(source()) as items:
        async for item in items:  # error: FP102
            yield item


async def two_loops(source: AsyncGen[int]) -> AsyncIterator[Result[int, ErrInfo]]:
    items = []
    async for item in source():  # error: FP102
        items.append(item)
    for item in items:
        yield item


async def left_early(source: AsyncGen[int]) -> AsyncIterator[Result[int, ErrInfo]]:
    async with closing_stream(source()) as items:
        async for item in items:  # error: FP302
            if isinstance(item, Err):
                raise ValueError(item)  # error: FP203
            yield item


async def several_scopes(connect) -> AsyncIterator[Result[int, ErrInfo]]:
    async with asyncio.timeout(1):
        async with connect() as connection:
            yield Ok(connection.row)  # error: FP305


async def an_awaited_gather(source: AsyncGen[int], work) -> None:
    await asyncio.gather(*[work(item) async for item in source()])  # error: FP502
