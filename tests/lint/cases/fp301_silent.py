"""Closing by hand that FP301 must leave alone."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing


async def numbers():
    yield 1


class Response:
    def __init__(self, stream):
        self._stream = stream
        self._own = aiter(stream)

    async def aclose(self):
        stream = numbers()
        async for _ in stream:
            break
        await stream.aclose()

    async def __aexit__(self, *exc):
        await self._stream.aclose()

    async def __anext__(self):
        stream = numbers()
        try:
            return await anext(stream)
        finally:
            await stream.aclose()

    async def attribute(self):
        async for item in self._own:
            print(item)
        await self._own.aclose()


async def client(http):
    response = await http.get("/")
    async for line in response:
        print(line)
    await response.aclose()


async def unknown_call(http):
    lines = http.lines()
    try:
        async for line in lines:
            print(line)
    finally:
        await lines.aclose()


async def parameter(stream):
    try:
        async for item in stream:
            yield item
    finally:
        await stream.aclose()


async def not_iterated_here():
    stream = numbers()
    await stream.aclose()


async def kernel(work):
    stream = numbers()
    task = asyncio.create_task(work(stream))
    try:
        async for item in stream:
            yield item
    finally:
        task.cancel()
        await stream.aclose()


async def managed():
    stream = numbers()
    async with aclosing(stream):
        async for item in stream:
            yield item
        await stream.aclose()


async def rebound(pick):
    stream = numbers()
    stream = pick(stream)
    async for item in stream:
        yield item
    await stream.aclose()


async def handed_to_a_task():
    stream = numbers()
    async for item in stream:
        yield item
    asyncio.create_task(stream.aclose())


async def another_attribute():
    stream = numbers()
    async for item in stream:
        yield item
    getattr(stream, "athrow", None)


async def what_may_lack_aclose_on_every_way_out(source):
    stream = source.__aiter__()
    try:
        while True:
            yield await stream.__anext__()
    finally:
        close = getattr(stream, "aclose", None)
        if close:
            await close()
        print("closed")


async def what_may_be_no_generator(source):
    stream = source.__aiter__()
    try:
        async for item in stream:
            yield item
    finally:
        if isinstance(stream, AsyncGenerator):
            await stream.aclose()
        print("closed")


async def what_may_have_no_aclose(source):
    stream = aiter(source)
    try:
        async for item in stream:
            yield item
    finally:
        if hasattr(stream, "aclose"):
            await stream.aclose()


async def returned_on_another_way():
    stream = numbers()
    first = await anext(stream)
    if first:
        return stream
    await stream.aclose()
    return None


class Holder:
    async def kept_on_another_way(self, key):
        stream = numbers()
        first = await stream.__anext__()
        if key in self.held:
            await stream.aclose()
            return first
        self.held[key] = (stream, first)
        return first

    async def handed_to_a_task(self):
        stream = numbers()
        try:
            first = await anext(stream)
            self.task = asyncio.create_task(self.watch(stream, first))
        except BaseException:
            await stream.aclose()
            raise
