# options: select = ["FP201"]
"""Streams of a team's own Ok and Err, of which nothing says that they are Results."""

from elsewhere import Err, Ok

from . import other


# ---------------------------------------------------------------- silence

async def numbers():
    yield 1


async def only_sides(source):
    async for item in source:
        yield Ok(item) if item else Err("none")


async def unknown_beside(source):
    async for item in source:
        yield Ok(item)
        yield source.rest()
        yield item


async def declared(source) -> "AsyncIterator[str | Ok]":
    yield Ok(1)
    yield "done"


async def of_another_ok(source):
    yield other.Ok(1)
    yield 1


async def nested(source):
    async def inner():
        yield Ok(1)

    async for item in inner():
        yield 1


def plainly(source):
    yield Ok(1)
    yield 2


# ---------------------------------------------------------------- violations

async def mixed(source):
    async for item in source:
        yield Ok(item)
    yield "done"  # error: FP201


async def counted(source):
    for number, item in enumerate(source):
        if item is None:
            yield Err("none")
        else:
            yield number + 1  # error: FP201


async def nothing(source):
    yield Ok(1)
    yield  # error: FP201
