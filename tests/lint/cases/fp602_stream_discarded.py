# options: select = ["FP602"]
"""Streams that are made and never run."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol

from funcpipe_streams import AsyncGen, Ok, Result


async def rows(path):
    yield path


def numbers():
    yield 1


async def coroutine(path):
    return path


@asynccontextmanager
async def manager(path):
    yield path


def refused(self, pytest):
    with pytest.raises(TypeError):
        rows(1)
    with self.assertRaisesRegex(TypeError, "path"):
        rows(2)


def delegating(path) -> AsyncIterator[str]:
    return rows(path)


def described(path) -> AsyncGen[str]:
    async def stream() -> AsyncIterator[Result[str, Exception]]:
        yield Ok(path)

    return stream


# ---------------------------------------------------------------- silence

async def used(path, unknown):
    items = rows(path)
    async for item in items:
        print(item)
    await coroutine(path)
    manager(path)
    unknown(path)
    unknown.rows(path)
    print(rows(path))
    await rows(path).asend(None)
    return rows(path)


async def shadowed(path):
    rows = print
    rows(path)


class Source:
    async def items(self):
        yield 1

    async def run(self, other):
        other.items()
        async for item in self.items():
            print(item)


class Overridden(Source):
    async def items(self):
        return 1

    async def run(self, other):
        self.items()


async def rebound():
    yield 1


rebound = print


async def with_a_decorator(path):
    decorated(path)


@unknown_decorator
async def decorated(path):
    yield path


# ---------------------------------------------------------------- violations

async def dropped(path, stream: AsyncGen[int]):
    rows(path)  # error: FP602
    delegating(path)  # error: FP602
    described(path)  # error: FP602
    described(path)()  # error: FP602
    stream()  # error: FP602


class Worker:
    async def items(self):
        yield 1

    async def run(self):
        self.items()  # error: FP602


async def a_function_inside(path):
    async def inner():
        yield path

    inner()  # error: FP602
    yield 1


def registering(path) -> AsyncIterator[str]:
    rows.count += 1
    return rows(path)


def handing_on(path) -> AsyncIterator[str]:
    """The rows."""
    return rows(path)


def calls(path):
    registering(path)
    handing_on(path)  # error: FP602
