"""Several readers in a group, and a yield among them."""

import asyncio


async def readings(meters):
    queue = asyncio.Queue(8)
    async with asyncio.TaskGroup() as group:
        for meter in meters:
            group.create_task(meter.report(queue))
        for _ in meters:
            yield await queue.get()  # error: FP305
