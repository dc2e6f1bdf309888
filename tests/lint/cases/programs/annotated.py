# options: select = ["FP603"]
import asyncio
from collections.abc import AsyncIterable, AsyncIterator


async def numbers() -> AsyncIterator[int]:
    yield 1
    yield 2


class Source:
    async def letters(self) -> AsyncIterable[str]:
        yield "a"


async def main():
    async for number in numbers():
        print(number)
    async for letter in Source().letters():
        print(letter)


asyncio.run(main())
