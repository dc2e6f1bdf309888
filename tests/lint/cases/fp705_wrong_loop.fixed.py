"""Loops over iterables of the other kind."""

from abc import abstractmethod
from typing import Protocol

from other import collected, elsewhere


def plain(n):
    for i in range(n):
        yield i


async def coroutine(n):
    return [n]


async def stream(n):
    yield n


@collected
def decorated(n):
    yield n


def makes_one(n):
    return stream(n)


# ---------------------------------------------------------------- silence

async def rightly(n):
    for i in plain(n):
        print(i)
    async for i in stream(n):
        print(i)
    async for i in makes_one(n):
        print(i)
    async for i in await coroutine(n):
        print(i)
    print([i async for i in stream(n)], [i for i in plain(n)], [i for i in await coroutine(n)])


async def unknown(source, n):
    async for i in elsewhere(n):
        print(i)
    async for i in source:
        print(i)
    async for i in decorated(n):
        print(i)
    async for i in (x async for x in source):
        print(i)
    async for i in (await x for x in source):
        print(i)


async def rebound(n, range):
    async for i in range(n):
        print(i)


class Source(Protocol):
    def items(self):
        yield 1


class Base:
    def rows(self):
        raise NotImplementedError
        yield

    async def pages(self):
        raise NotImplementedError

    @abstractmethod
    def parts(self):
        yield 1

    async def shown(self):
        async for row in self.rows():
            print(row)
        async for page in self.pages():
            print(page)
        async for part in self.parts():
            print(part)


class Overridden:
    def rows(self):
        yield 1

    async def shown(self):
        async for row in self.rows():
            print(row)


class Overriding(Overridden):
    async def rows(self):
        yield 1


async def never(n):
    return
    async for i in plain(n):
        print(i)


# ---------------------------------------------------------------- violations

async def over_a_plain_generator(n):
    for i in plain(n):  # error: FP705
        yield i


async def over_a_coroutine(n):
    async for i in coroutine(n):  # error: FP705
        print(i)


async def over_builtins(names, numbers):
    for i in range(3):  # error: FP705
        print(i)
    for i, name in enumerate(names):  # error: FP705
        print(i, name)
    for name, number in zip(names, numbers):  # error: FP705
        print(name, number)
    else:
        print("the end")
    for name in [1, 2]:  # error: FP705
        print(name)
    for name in sorted(names):  # error: FP705
        print(name)


async def in_comprehensions(n):
    print([i async for i in plain(n)])  # error: FP705
    print({i: i async for i in coroutine(n)})  # error: FP705


class Agent:
    def partials(self):
        yield 1

    async def run(self):
        for partial in self.partials():  # error: FP705
            print(partial)
