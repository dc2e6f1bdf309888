"""Several readers in a group, and a yield among them."""

import asyncio


async def readings(meters):
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(meter.read()) for meter in meters]
    for task in tasks:
        yield task.result()
