# options: select = ["FP302", "FP303"]
"""Streams whose owner is unpacked, handed on under a name, returned by what stands for a method, or
around what a class holds while it is entered."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator


class Pool:
    def __init__(self, driver):
        self.driver = driver

    async def rows(self):
        async with self.driver.connect() as connection:
            yield connection


async def first_of_numbered(pools: list[Pool]):
    for _number, pool in enumerate(pools, 1):
        async for row in pool.rows():  # error: FP302
            return row


async def first_of_named(pools: dict[str, Pool]):
    for _name, pool in sorted(pools.items()):
        async for row in pool.rows():  # error: FP302
            return row


async def first_of_paired(names: list[str], pools: list[Pool]):
    for _name, pool in zip(names, reversed(pools), strict=True):
        async for row in pool.rows():  # error: FP302
            return row


async def named(rows):
    async for row in rows:
        yield row.name


async def first_of_handed_on(pool: Pool):
    rows = pool.rows()
    names = named(rows)
    async for name in names:  # error: FP302
        return name


async def all_of_handed_on(pools: list[Pool]):
    for pool in pools:
        rows = pool.rows()
        async for name in named(rows):  # error: FP303
            yield name


async def first_of_handed_on_twice(pool: Pool):
    async def observed(rows):
        async for row in rows:
            yield row

    rows = observed(pool.rows())
    async for name in named(rows):  # error: FP302
        return name


class Source(ABC):
    @abstractmethod
    def rows(self) -> AsyncIterator[int]: ...

    @abstractmethod
    async def opened(self) -> AsyncIterator[int]: ...

    async def first(self):
        async for row in self.rows():  # error: FP302
            return row

    async def first_opened(self):
        async for row in await self.opened():  # error: FP302
            return row


class Pooled(Source):
    def __init__(self, pool: Pool):
        self.pool = pool

    def rows(self) -> AsyncIterator[int]:
        return self.pool.rows()

    async def opened(self) -> AsyncIterator[int]:
        await self.pool.driver.ready()
        return self.pool.rows()


class Session:
    async def __aenter__(self):
        return self

    async def __aexit__(self, *error):
        await self.connection.close()


async def read(source):
    async with Session():
        for row in source:
            yield row


async def first_of_read(source):
    async for row in read(source):  # error: FP302
        return row


async def counted(source, metrics):
    try:
        async for row in read(source):  # error: FP303
            yield row
    finally:
        await metrics.record_connection_closed()
