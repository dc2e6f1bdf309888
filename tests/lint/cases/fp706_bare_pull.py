"""Iterators that streams pull by hand."""

import itertools
from contextlib import suppress


# ---------------------------------------------------------------- silence

async def with_a_default(iterator, numbers):
    yield await anext(iterator, None)
    yield next(numbers, None)


async def caught(iterator):
    try:
        yield await anext(iterator)
    except StopAsyncIteration:
        return


async def caught_by_all(iterator):
    try:
        yield await iterator.__anext__()
    except Exception:
        return


async def suppressed(iterator):
    with suppress(StopAsyncIteration):
        yield await anext(iterator)


async def a_coroutine(iterator):
    return await anext(iterator)


async def endless(source):
    numbers = itertools.count()
    async for item in source:
        yield next(numbers), item


async def of_the_object(self, source):
    async for item in source:
        yield next(self.numbers), item


async def a_fresh_one(rows):
    yield next(row for row in rows if row)


class Iterator:
    async def __anext__(self):
        return await anext(self.iterator)


# ---------------------------------------------------------------- violations

async def the_header(lines):
    iterator = aiter(lines)
    yield await anext(iterator)  # error: FP706


async def by_method(iterator):
    yield await iterator.__anext__()  # error: FP706


async def a_plain_one(iterator):
    yield next(iterator)  # error: FP706


async def other_errors(iterator):
    try:
        yield await anext(iterator)  # error: FP706
    except ValueError:
        return
