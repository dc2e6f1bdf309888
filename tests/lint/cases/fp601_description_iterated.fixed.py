# options: select = ["FP601"]
"""Descriptions taken for runs, and runs taken for descriptions."""

import asyncio
from collections.abc import AsyncIterator

from funcpipe_streams import AsyncGen, ErrInfo, Ok, Result, async_gen_concat, async_gen_gather, async_gen_map, closing_stream, io_gen_from_iterable, io_gen_map

Items = AsyncIterator[Result[int, ErrInfo]]


async def rows() -> Items:
    yield Ok(1)


def described(path: str) -> AsyncGen[int]:
    return lambda: rows()


def taking(source: AsyncGen[int], size: int = 1) -> AsyncGen[int]:
    return source


# ---------------------------------------------------------------- silence

async def called(source: AsyncGen[int]) -> Items:
    async for item in source():
        yield item


async def a_stream_function_is_a_description() -> None:
    async_gen_map(rows, abs)
    taking(rows)
    taking(lambda: rows())
    taking(described("x"))


async def a_run(source: Items) -> None:
    async for item in source:
        print(item)


async def rebound(source: AsyncGen[int]) -> None:
    source = source()
    async for item in source:
        print(item)


async def unknown(source, taking_anything) -> None:
    async for item in source:
        print(item)
    await source
    taking_anything(rows())


async def shadowed(taking) -> None:
    taking(rows())


async def a_run_of_a_builder() -> None:
    source = described("x")
    async with closing_stream(source()) as items:
        async for item in items:
            print(item)


async def built_and_run() -> None:
    async for item in described("x")():
        print(item)


def made():
    yield rows


async def many_descriptions_are_an_iterable() -> None:
    async_gen_gather(made(), buffer=1)
    async_gen_concat(made())


class Shop:
    @staticmethod
    def of(source: AsyncGen[int], size: AsyncIterator[int]) -> None: ...

    def between(self, size: AsyncIterator[int], source: AsyncGen[int]) -> None: ...

    def use(self) -> None:
        self.of(rows, rows())
        self.between(rows(), rows)
        Shop.between(self, rows(), rows)


def many_of_them(sources: list[AsyncGen[int]]) -> None:
    async_gen_gather([rows, rows])
    async_gen_gather([source for source in sources])
    io_gen_from_iterable(plain_rows())


def plain_rows():
    yield Ok(1)


# ---------------------------------------------------------------- violations

async def iterated(source: AsyncGen[int]) -> Items:
    async for item in source():  # error: FP601
        yield item


async def a_builder_is_called_twice() -> None:
    async for item in described("x")():  # error: FP601
        print(item)


async def by_a_name() -> None:
    source = described("x")
    async for item in source():  # error: FP601
        print(item)


async def in_a_comprehension(source: AsyncGen[int]) -> None:
    print([item async for item in source()])  # error: FP601


async def sync(source: AsyncGen[int]) -> None:
    for item in source:  # error: FP601
        print(item)


async def awaited(source: AsyncGen[int]) -> None:
    await source  # error: FP601
    await source()  # error: FP601


async def as_a_task(source: AsyncGen[int]) -> None:
    asyncio.create_task(source)  # error: FP601
    asyncio.create_task(source())  # error: FP601


async def a_run_for_a_description() -> None:
    taking(rows)  # error: FP601
    taking(source=rows)  # error: FP601
    async_gen_map(rows, abs)  # error: FP601


async def a_string_annotation(source: "AsyncGen[int]") -> Items:
    async for item in source():  # error: FP601
        yield item


async def to_a_method(shop: Shop) -> None:
    Shop.of(rows, rows())  # error: FP601
    Shop.between(shop, rows(), rows)  # error: FP601


async def in_a_list() -> None:
    async_gen_gather([rows, rows])  # error: FP601
    async_gen_concat((rows, rows))  # error: FP601


def a_plain_run_for_a_plain_description() -> None:
    io_gen_map(plain_rows, abs)  # error: FP601
