# options: select = ["FP302", "FP303"]
"""Streams whose owner is not certain where they are unpacked, handed on, or put in a method's place,
and those around what has nothing to wait for when it is left."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from contextlib import aclosing


class Pool:
    def __init__(self, driver):
        self.driver = driver

    async def rows(self):
        async with self.driver.connect() as connection:
            yield connection


async def first_of_pairs(pools: list[tuple[Pool, int]]):
    for _pool, other in pools:
        async for row in other.rows():
            return row


async def first_of_keys(pools: dict[Pool, int]):
    for _pool, number in pools.items():
        async for row in number.rows():
            return row


async def first_of_starred(pools: list[Pool], others):
    for *_, other in zip(pools, others, others):
        async for row in other.rows():
            return row


async def first_of_ones_own(pools: list[Pool], enumerate):
    for _number, pool in enumerate(pools):
        async for row in pool.rows():
            return row


async def named(rows):
    async for row in rows:
        yield row.name


async def kept(pool: Pool, keep):
    rows = pool.rows()
    keep(rows)
    async for name in named(rows):
        return name


async def kept_inside(pool: Pool, keep):
    rows = pool.rows()

    async def later(rows=rows):
        keep(rows)

    async for name in named(rows):
        return name, later


async def closed(pool: Pool):
    rows = pool.rows()
    try:
        async for name in named(rows):
            return name
    finally:
        await rows.aclose()


async def closed_around(pool: Pool):
    async with aclosing(pool.rows()) as rows:
        async for name in named(rows):
            return name


async def resumed(pool: Pool):
    rows = pool.rows()
    while pool:
        async for name in named(rows):
            if name:
                break


async def rebound(pool: Pool, other):
    rows = pool.rows()
    rows = other
    async for name in named(rows):
        return name


class Source(ABC):
    @abstractmethod
    def rows(self) -> AsyncIterator[int]: ...

    async def first(self):
        async for row in self.rows():
            return row


class Either(Source):
    def __init__(self, pool: Pool, other):
        self.pool = pool
        self.other = other

    def rows(self) -> AsyncIterator[int]:
        if self.other:
            return self.other
        return self.pool.rows()


class Circle(Source):
    def rows(self) -> AsyncIterator[int]:
        return self.rows()


class Timer:
    async def __aenter__(self):
        return self

    async def __aexit__(self, *error):
        self.end = 1


class Abstract(ABC):
    async def __aenter__(self):
        return self

    @abstractmethod
    async def __aexit__(self, *error): ...


class Quick(Abstract):
    async def __aexit__(self, *error):
        self.end = 1


async def timed(source, other: Abstract):
    async with Timer(), other:
        for row in source:
            yield row


async def first_of_timed(source, other):
    async for row in timed(source, other):
        return row


async def first_closed(pool: Pool):
    try:
        async for row in pool.rows():
            return row
    finally:
        await pool.ensure_closed()


async def begun(pool: Pool):
    rows = pool.rows()
    first = await anext(rows)

    async def others():
        yield first
        async for row in rows:
            yield row

    return others()


async def begun_by_its_name(pool: Pool):
    rows = pool.rows()
    first = await rows.__anext__()
    return first, (row async for row in rows)
