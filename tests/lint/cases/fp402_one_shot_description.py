# options: select = ["FP402"]
"""Descriptions whose second run finds nothing left."""

from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Iterable, Iterator

from funcpipe_streams import AsyncGen, ErrInfo, Ok, Result

Items = AsyncIterator[Result[int, ErrInfo]]


async def rows(path) -> Items:
    yield Ok(path)


# ---------------------------------------------------------------- silence

def a_list(items: list[int]) -> AsyncGen[int]:
    async def stream():
        for item in items:
            yield Ok(item)

    return stream


def an_iterable(items: Iterable[int]) -> AsyncGen[int]:
    async def stream():
        for item in items:
            yield Ok(item)

    return stream


def made_inside(items: list[int]) -> AsyncGen[int]:
    async def stream():
        numbered = enumerate(items)
        for item in numbered:
            yield Ok(item)

    return stream


def made_by_the_lambda(path) -> AsyncGen[int]:
    return lambda: rows(path)


def passed_as_description(path) -> AsyncGen[int]:
    def source():
        return rows(path)

    async def stream():
        async for item in source():
            yield item

    return stream


def made_into_a_list(items) -> AsyncGen[int]:
    numbered = list(enumerate(items))

    async def stream():
        for item in numbered:
            yield Ok(item)

    return stream


def a_fresh_name_inside(items) -> AsyncGen[int]:
    pairs = zip(items, items)
    known = dict(pairs)

    async def stream():
        pairs = zip(known, known)
        for item in pairs:
            yield Ok(item)

    return stream


def no_builder(items):
    numbered = enumerate(items)

    def total():
        return sum(index for index, _ in numbered)

    return total()


def a_local_enumerate(items, enumerate) -> AsyncGen[int]:
    numbered = enumerate(items)

    async def stream():
        for item in numbered:
            yield Ok(item)

    return stream


def rebound_before_the_use(items) -> AsyncGen[int]:
    items = iter(items)
    items = list(items)

    async def stream():
        for item in items:
            yield Ok(item)

    return stream


# ---------------------------------------------------------------- violations

def an_iterator(items) -> AsyncGen[int]:
    numbers = iter(items)

    async def stream():
        for number in numbers:  # error: FP402
            yield Ok(number)

    return stream


def a_generator_expression(items) -> AsyncGen[int]:
    squares = (item * item for item in items)

    async def stream():
        for square in squares:  # error: FP402
            yield Ok(square)

    return stream


def lazy_builtins(items, f) -> AsyncGen[int]:
    mapped = map(f, items)

    async def stream():
        for item in mapped:  # error: FP402
            yield Ok(item)

    return stream


def a_run(path) -> AsyncGen[int]:
    source = rows(path)

    async def stream():
        async for item in source:  # error: FP402
            yield item

    return stream


def the_run_of_a_description(source: AsyncGen[int]) -> AsyncGen[int]:
    items = source()

    async def stream():
        async for item in items:  # error: FP402
            yield item

    return stream


def returned_by_a_lambda(path) -> AsyncGen[int]:
    run = rows(path)
    return lambda: run  # error: FP402


def a_parameter(items: AsyncIterator[int]) -> AsyncGen[int]:
    async def stream():
        async for item in items:  # error: FP402
            yield Ok(item)

    return stream


def a_sync_parameter(items: "Iterator[int]") -> AsyncGen[int]:
    async def stream():
        for item in items:  # error: FP402
            yield Ok(item)

    return stream


def a_generator_parameter(items: AsyncGenerator[int, None]) -> AsyncGen[int]:
    return lambda: items  # error: FP402


# ---------------------------------------------------------------- files and readers

import csv
import itertools


def opened(path) -> AsyncGen[str]:
    file = path.open()

    async def stream():
        for line in file:  # error: FP402
            yield Ok(line)

    return stream


def read(lines) -> AsyncGen[list[str]]:
    rows_of = csv.reader(lines)

    async def stream():
        for row in rows_of:  # error: FP402
            yield Ok(row)

    return stream


def chained(first, second) -> AsyncGen[int]:
    both = itertools.chain(first, second)

    async def stream():
        for item in both:  # error: FP402
            yield Ok(item)

    return stream
