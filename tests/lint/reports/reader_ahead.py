"""Lines are read ahead of a slow consumer."""

import asyncio


async def ahead(source, size):
    queue = asyncio.Queue(size)

    async def fill():
        try:
            async for line in source:
                await queue.put(line)
        finally:
            await queue.put(None)

    filling = asyncio.create_task(fill())  # error: FP507
    try:
        while (line := await queue.get()) is not None:
            yield line
    finally:
        filling.cancel()
