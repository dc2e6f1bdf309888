"""Loops that FP303 must leave alone."""

import asyncio
import contextlib as c
from contextlib import aclosing as ac
from contextlib import asynccontextmanager, nullcontext, suppress
from typing import TYPE_CHECKING, Protocol, overload


async def rows(pool):
    async with pool.connect() as connection:
        async for row in connection:
            yield row


async def closed_by_alias(pool):
    async with ac(rows(pool)) as items:
        async for row in items:
            yield row


async def closed_by_module(pool):
    async with c.aclosing(rows(pool)) as items:
        async for row in items:
            yield row


async def closed_by_hand(pool):
    stream = rows(pool)
    try:
        async for row in stream:
            yield row
    finally:
        await stream.aclose()


async def closed_around(pool, exits):
    try:
        async for row in rows(pool):
            yield row
    finally:
        await exits.close_all()


async def a_name_may_be_shared(stream):
    async for row in stream:
        yield row


class Holder:
    def __init__(self, pool):
        self.stream = rows(pool)

    async def an_attribute_may_be_shared(self):
        async for row in self.stream:
            yield row


async def drained(pool):
    async for row in rows(pool):
        print(row)


async def yields_after_the_loop(pool):
    async for row in rows(pool):
        print(row)
    yield 1


async def owns_nothing():
    yield 1


async def passes_nothing_on():
    async for item in owns_nothing():
        yield item


async def harmless_managers():
    async with nullcontext():
        yield 1


async def sync_managers(path):
    with open(path) as file, suppress(ValueError):
        yield file


async def finally_without_await(log):
    try:
        yield 1
    finally:
        log.append("done")


async def over_harmless(path, log):
    async for item in harmless_managers():
        yield item
    async for item in sync_managers(path):
        yield item
    async for item in finally_without_await(log):
        yield item


async def yield_before_the_block(pool):
    yield 0
    async with pool.connect() as connection:
        await connection.ping()


async def over_yield_before(pool):
    async for item in yield_before_the_block(pool):
        yield item


async def dead_yield(pool):
    async with pool.connect():
        return
        yield 1


async def never_yield(pool):
    async with pool.connect():
        if False:
            yield 1


async def only_typed(pool):
    async with pool.connect():
        if TYPE_CHECKING:
            yield 1


async def over_dead(pool):
    async for item in dead_yield(pool):
        yield item
    async for item in never_yield(pool):
        yield item
    async for item in only_typed(pool):
        yield item


async def dead_loop(pool):
    yield 0
    return
    async for item in rows(pool):
        yield item


async def dead_yield_in_the_loop(pool):
    async for item in rows(pool):
        if False:
            yield item


async def yield_in_a_nested_function(pool):
    async for row in rows(pool):

        async def later(row=row):
            yield row

        print(later)


@asynccontextmanager
async def manager(pool):
    async for row in rows(pool):
        yield row


@asynccontextmanager
async def not_a_stream(pool):
    async with pool.connect() as connection:
        yield connection


async def over_a_manager(pool):
    async for row in not_a_stream(pool):
        yield row


def retried(function):
    return function


@retried
async def decorated(pool):
    async with pool.connect() as connection:
        yield connection


async def over_a_decorated(pool):
    async for row in decorated(pool):
        yield row


async def twice(pool):
    async with pool.connect() as connection:
        yield connection


def twice(pool):
    return pool


async def over_a_redefinition(pool):
    async for row in twice(pool):
        yield row


async def rebound(pool):
    async with pool.connect() as connection:
        yield connection


rebound = retried(rebound)


async def over_a_rebound(pool):
    async for row in rebound(pool):
        yield row


async def shadowed(pool, rows):
    async for row in rows(pool):
        yield row


async def shadowed_by_a_local(pool):
    rows = pool.rows
    async for row in rows(pool):
        yield row


class Base:
    async def items(self):
        async with self.pool.connect() as connection:
            yield connection

    async def over(self):
        async for item in self.items():
            yield item


class Overrides(Base):
    async def items(self):
        yield 1


class Replaced:
    def __init__(self, pool):
        self.items = pool.items

    async def items(self):
        async with self.pool.connect() as connection:
            yield connection

    async def over(self):
        async for item in self.items():
            yield item


class OfAnotherObject:
    async def items(self):
        async with self.pool.connect() as connection:
            yield connection

    async def over(self, other):
        async for item in other.items():
            yield item

    @staticmethod
    async def static(self):
        async for item in self.items():
            yield item


class Inherits(Unknown):  # noqa: F821
    async def over(self):
        async for item in super().items():
            yield item


class Shape(Protocol):
    def items(self): ...


@overload
def picked(x: int): ...
@overload
def picked(x: str): ...
def picked(x):
    return x


async def over_an_overload(x):
    async for item in picked(x):
        yield item


async def not_async(pool):
    for row in rows(pool):
        yield row


def a_plain_generator(pool):
    for row in rows(pool):
        yield row


async def calls_itself(tree):
    yield tree.value
    async for value in calls_itself(tree.left):
        yield value


async def in_a_comprehension(pool):
    yield [row async for row in rows(pool)]


async def nested_owner():
    async def inner():
        async with asyncio.timeout(1):
            yield 1

    yield inner


async def over_nested_owner():
    async for item in nested_owner():
        yield item


async def closed_by_hand_behind_a_shield(pool, closer):
    try:
        async for row in rows(pool):
            yield row
    finally:
        await asyncio.shield(closer.close_all())


async def yields_again_in_its_finally(pool, mark):
    try:
        async for row in pool:
            yield row
    finally:  # FP306 reports this: closed in time, it would fail
        if not pool.done:
            yield mark
        await pool.close()


async def yields_all_it_awaits_for_in_its_finally(pool, done):
    try:
        async for row in pool:
            yield row
    finally:
        if done is not None:
            async for row in pool.rest():
                yield row


async def yields_a_mark_behind_its_clean_up(pool, mark):
    try:
        async for row in pool:
            yield row
    finally:  # FP306 reports this too: closed in time, it would fail all the same
        await pool.close()
        yield mark


async def over_those_that_yield_again(pool):
    async for row in yields_a_mark_behind_its_clean_up(pool, 0):
        yield row
    async for row in yields_again_in_its_finally(pool, 0):
        yield row
    async for row in yields_all_it_awaits_for_in_its_finally(pool, 0):
        yield row


class Overridden:
    async def lines(self, path):
        async with path as file:
            yield file

    async def words(self, path):
        async for line in self.lines(path):
            yield line


class Overriding(Overridden):
    async def lines(self, path):
        yield path
