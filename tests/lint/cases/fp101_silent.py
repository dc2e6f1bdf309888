"""Code that streams, or that may collect."""

from collections import deque

import aiostream
from funcpipe_streams import AsyncGen, Ok, collect


def batches(source: AsyncGen[int], size: int) -> AsyncGen[list[int]]:
    async def stream():
        batch = []
        async for item in source():
            batch.append(item)
            if len(batch) >= size:
                yield Ok(batch)
                batch = []
        yield Ok(batch)

    return stream


def emptied(source: AsyncGen[int], size: int) -> AsyncGen[list[int]]:
    async def stream():
        batch = []
        async for item in source():
            batch.append(item)
            if len(batch) >= size:
                batch.clear()
        print(batch)
        yield Ok(1)

    return stream


def window(source: AsyncGen[int], size: int) -> AsyncGen[int]:
    async def stream():
        last = deque(maxlen=size)
        async for item in source():
            last.append(item)
        for item in last:
            yield item

    return stream


def lazily(source: AsyncGen[int]) -> AsyncGen[int]:
    async def stream():
        doubled = (item.map(str) async for item in source())
        async for item in doubled:
            yield item

    return stream


def bounded(source: AsyncGen[int], take) -> AsyncGen[int]:
    async def stream():
        head = [item async for item in take(source(), 10)]
        for item in head:
            yield item

    return stream


def never_read(source: AsyncGen[int]) -> AsyncGen[int]:
    async def stream():
        seen = []
        async for item in source():
            seen.append(item)
        yield Ok(1)

    return stream


def works_too(source: AsyncGen[int]) -> AsyncGen[int]:
    async def stream():
        seen = []
        async for item in source():
            seen.append(item)
            yield item
        print(seen)

    return stream


def leaves_at_a_bound(source: AsyncGen[int]) -> AsyncGen[int]:
    async def stream():
        seen = []
        async for item in source():
            seen.append(item)
            if len(seen) > 3:
                break
        for item in seen:
            yield item

    return stream


def sorted_by(source: AsyncGen[int], key) -> AsyncGen[int]:
    async def stream():
        for item in sorted([item async for item in source()], key=key):
            yield item

    return stream


async def shell():
    source = batches(bounded, 3)
    everything = [item async for item in source()]
    again = await collect(source)
    return everything, again, await aiostream.stream.list(source())


def of_a_list(numbers: list[int]) -> AsyncGen[int]:
    async def stream():
        for item in [number + 1 for number in numbers]:
            yield Ok(item)

    return stream


def somebody_elses(source: AsyncGen[int], found: list[int]) -> AsyncGen[int]:
    async def stream():
        async for item in source():
            found.append(item)
        yield Ok(len(found))

    return stream
