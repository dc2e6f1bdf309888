"""A class whose `__aiter__` is a generator, and a partial of one."""

import functools


class Pages:
    async def __aiter__(self):
        yield 1


async def numbers(start):
    yield start


async def shown():
    async for page in Pages():
        print(page)
    from_two = functools.partial(numbers, 2)
    async for number in from_two():
        print(number)
