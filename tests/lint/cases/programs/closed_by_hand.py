# options: select = ["FP301"]
import asyncio

from funcpipe_streams import Ok


async def rows():
    try:
        yield Ok(1)
        yield Ok(2)
    finally:
        print("closed")


async def main():
    items = rows()
    try:
        async for row in items:
            print(row.value)
    finally:
        await items.aclose()


asyncio.run(main())
