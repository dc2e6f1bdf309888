"""In a module of Result streams a description may stand for anything."""

from collections.abc import AsyncIterator, Callable
from contextlib import aclosing

from mypkg.result import Err, ErrInfo, Ok, Result

AsyncGen = Callable[[], AsyncIterator[Result[int, ErrInfo]]]


def mapped(source: AsyncGen, f) -> AsyncGen:
    async def stream():
        async with aclosing(source()) as items:
            async for item in items:  # error: FP303
                yield item.map(f)

    return lambda: stream()


def bound(source: AsyncGen, f: Callable[[int], AsyncGen]) -> AsyncGen:
    async def stream():
        async with aclosing(source()) as items:
            async for item in items:  # error: FP303
                match item:
                    case Ok(value=value):
                        async with aclosing(f(value)()) as source_items:
                            async for inner in source_items:  # error: FP303
                                yield inner
                    case Err():
                        yield item

    return lambda: stream()


def unknown_calls(source, f) -> AsyncGen:
    async def stream():
        async for item in source():
            async for inner in f(item)():
                yield inner

    return lambda: stream()


async def shell(source: AsyncGen):
    async for item in source():
        print(item)
