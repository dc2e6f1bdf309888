# options: select = ["FP304"]
"""A resource that is held across a yield, in code that does not use the kit: no fix brings it in."""

from contextlib import asynccontextmanager


@asynccontextmanager
async def connect():
    yield 1


def read(connection):
    async def stream():
        yield connection

    return stream


def rows():
    async def stream():
        async with connect() as connection:
            async for row in read(connection)():
                yield row  # error: FP304

    return stream
