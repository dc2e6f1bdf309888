"""Streams that go through a stream that they are given."""

from collections.abc import AsyncIterator
from contextlib import aclosing


# ---------------------------------------------------------------- silence

async def nobody_calls_it(given: AsyncIterator[str]):
    async for item in given:
        yield item


async def closed(given):
    try:
        async for item in given:
            yield item
    finally:
        await given.aclose()


async def opened_closed(client):
    stream = await client.send()
    return closed(stream)


async def under_aclosing(given):
    async with aclosing(given) as items:
        async for item in items:
            yield item


async def opened_under_aclosing(client):
    stream = await client.send()
    return under_aclosing(stream)


async def numbered(given):
    async for item in given:
        yield 1, item


async def a_parameter_is_the_callers(stream):
    return numbered(stream)


async def kept_by_self(self, client):
    self.stream = await client.send()
    return numbered(self.stream)


async def closed_by_a_with(client):
    async with client.send() as stream:
        return numbered(stream)


async def registered(client, registry):
    stream = await client.send()
    registry.add(stream)
    return numbered(stream)


async def iterated_here(client):
    stream = await client.send()
    async for item in numbered(stream):
        print(item)
    await stream.aclose()


async def bound_to_a_name(client):
    stream = await client.send()
    items = numbered(stream)
    return items, stream


async def no_yield_in_the_loop(given):
    async for item in given:
        print(item)
    yield 1


async def handed_over(client):
    stream = await client.send()
    return no_yield_in_the_loop(stream)


async def of_a_list(names):
    names = [name for name in names]
    return numbered(names)


# ---------------------------------------------------------------- violations

async def checked(given):
    try:
        async for item in given:  # error: FP313
            yield item
    except OSError as error:
        raise ValueError from error


def wrapped(function):
    async def call(*arguments):
        result = await function(*arguments)
        if hasattr(result, "__aiter__"):
            return checked(result)
        return result

    return call


class Parser:
    async def parse(self, reader):
        chunks = reader.chunks()
        return parsed(given=chunks)


async def parsed(given):
    async for chunk in given:  # error: FP313
        yield chunk.strip()
