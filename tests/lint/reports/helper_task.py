"""A helper works beside the answer, and is awaited at its end."""

import asyncio


async def answer(model, helper):
    task = asyncio.create_task(helper.prepare())  # error: FP504
    async for word in model.words():
        yield word
    yield await task
