# options: select = ["FP304"]
"""A resource that is held across a yield, in code that does not use the kit: no fix brings it in."""

from contextlib import asynccontextmanager

from shop import pool


@asynccontextmanager
async def connect():
    connection = await pool.open()
    yield connection
    await connection.close()


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
