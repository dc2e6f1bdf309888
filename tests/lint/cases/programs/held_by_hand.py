# options: select = ["FP304"]
import asyncio
from contextlib import asynccontextmanager

from funcpipe_streams import AsyncGen, Ok


@asynccontextmanager
async def connect():
    print("open")
    try:
        yield 3
    finally:
        print("closed")


def numbers(limit) -> AsyncGen[int]:
    async def stream():
        for number in range(limit):
            yield Ok(number)

    return stream


def rows() -> AsyncGen[int]:
    async def stream():
        async with connect() as limit:
            async for row in numbers(limit)():
                yield row

    return stream


async def main():
    async for row in rows()():
        print(row)


asyncio.run(main())
