# options: select = ["FP103"], shell = ["main", "test_*"]
"""Streams run to their end deep inside a program."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from funcpipe_streams import AsyncGen, ErrInfo, Ok, Result, closing_stream, collect

Items = AsyncIterator[Result[int, ErrInfo]]


async def rows() -> Items:
    yield Ok(1)


# ---------------------------------------------------------------- silence

async def a_stream(source: Items) -> Items:
    async for item in source:
        yield item


def a_builder(source: AsyncGen[int]) -> AsyncGen[int]:
    async def stream():
        async def pump(send):
            async for item in source():
                await send(item)

        await pump(print)
        yield Ok(1)

    return stream


@asynccontextmanager
async def a_manager(source: Items):
    async for item in source:
        print(item)
    yield source


class Wrapper:
    async def __anext__(self):
        async for item in rows():
            return item

    async def __aexit__(self, *exc):
        async for item in rows():
            print(item)

    async def aclose(self):
        async for item in rows():
            print(item)


async def lazily(source: Items):
    return (item async for item in source)


async def unknown(source):
    async for item in source:
        print(item)


async def main() -> None:
    async for item in rows():
        print(item)


async def test_rows() -> None:
    assert [item async for item in rows()]


if __name__ == "__main__":

    async def run() -> None:
        async for item in rows():
            print(item)


# ---------------------------------------------------------------- violations

async def drained(source: Items) -> int:
    total = 0
    async for item in source:  # error: FP103
        total += 1
    return total


async def drained_description(source: AsyncGen[int]) -> None:
    async for item in source():  # error: FP103
        print(item)


async def collected() -> list[Result[int, ErrInfo]]:
    return [item async for item in rows()]  # error: FP103


async def by_a_helper(source: AsyncGen[int]) -> int:
    return len(await collect(source))  # error: FP103


async def closed_properly(source: AsyncGen[int]) -> None:
    async with closing_stream(source()) as items:
        async for item in items:  # error: FP103
            print(item)


def made_and_handed_out(source: AsyncGen[int]) -> object:
    return collect(source)  # a coroutine: whoever awaits it runs it
