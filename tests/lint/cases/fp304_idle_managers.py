# options: select = ["FP304"]
"""Managers of the program that have nothing to do when they are left."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


@asynccontextmanager
async def named(name):
    print(name)
    yield name


@asynccontextmanager
async def connected(pool):
    connection = await pool.connect()
    yield connection
    await connection.close()


@asynccontextmanager
async def opened(path):
    file = path.open()
    yield file
    file.close()  # nothing to wait for, and held all the same


class Timed:
    @asynccontextmanager
    async def started(self):
        yield self


async def rows_named(name) -> AsyncIterator[str]:
    async with named(name) as same:
        yield same


async def rows_timed(timed: Timed) -> AsyncIterator[int]:
    async with timed.started():
        yield 1


async def rows_connected(pool) -> AsyncIterator[int]:
    async with connected(pool) as connection:
        yield connection  # error: FP304


async def rows_opened(path) -> AsyncIterator[str]:
    async with opened(path) as file:
        yield file  # error: FP304
