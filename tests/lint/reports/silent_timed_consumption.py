"""A timeout around a loop that consumes."""

import asyncio


async def collected(source, seconds):
    found = []
    async with asyncio.timeout(seconds):
        async for item in source:
            found.append(item)
    return found
