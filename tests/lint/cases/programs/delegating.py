# options: select = ["FP302", "FP303"]
import asyncio
from contextlib import asynccontextmanager


@asynccontextmanager
async def opened():
    await asyncio.sleep(0)
    try:
        yield "resource"
    finally:
        await asyncio.sleep(0)


async def rows():
    async with opened() as resource:
        for number in range(3):
            yield resource, number


async def numbers():
    async for _, number in rows():
        yield number
    else:
        print("end of rows")


async def first():
    async for _, number in rows():
        if number:
            return number
    return None


async def main():
    async for number in numbers():
        print(number)
    print(await first())


asyncio.run(main())
