"""as_generated swallows a cancel: its consumer goes on as if the stream had ended.

Laws: C1 C3 C4 C8
"""

import asyncio

from aioitertools.asyncio import as_generated


async def rows():
    await asyncio.sleep(60)
    yield 1


async def main():
    consumer = asyncio.create_task(anext(as_generated([rows()]), "a normal end"))
    await asyncio.sleep(0.01)
    consumer.cancel()
    assert await consumer == "a normal end"


asyncio.run(main())
