"""Streams that are collected where they should flow."""

import asyncstdlib as a
from aiostream import stream as s
from funcpipe_streams import AsyncGen, Ok, collect


def replayed(source: AsyncGen[int]) -> AsyncGen[int]:
    async def stream():
        found = []
        async for item in source():  # error: FP101
            found.append(item)
        for item in found:
            yield item

    return stream


def filtered(source: AsyncGen[int]) -> AsyncGen[int]:
    async def stream():
        found = set()
        async for item in source():  # error: FP101
            if item:
                found.add(item)
            else:
                pass
        for item in found:
            yield item

    return stream


def by_key(source: AsyncGen[int]) -> AsyncGen[int]:
    async def stream():
        found = {}
        async for item in source():  # error: FP101
            found[item] = item
        yield Ok(found)

    return stream


def comprehensions(source: AsyncGen[int]) -> AsyncGen[int]:
    async def stream():
        async for item in source():  # error: FP101
            yield item
        yield Ok({item async for item in source()})  # error: FP101
        yield Ok({item: 1 async for item in source()})  # error: FP101
        yield Ok(sum([item async for item in source() if item]))  # error: FP101

    return stream


async def takes_a_description(source: AsyncGen[int]) -> int:
    return len([item async for item in source()])  # error: FP101


def helpers(source: AsyncGen[int]) -> AsyncGen[int]:
    async def stream():
        for item in list(await collect(source)):  # error: FP101
            yield item
        for item in await a.list(source()):  # error: FP101
            yield item
        for item in await s.list(source()):  # error: FP101
            yield item

    return stream


def kept_comment(source: AsyncGen[int]) -> AsyncGen[int]:
    async def stream():
        found = []
        # why it is collected
        async for item in source():  # error: FP101
            found.append(item)
        for item in found:
            yield item

    return stream
