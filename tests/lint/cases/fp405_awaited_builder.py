# options: select = ["FP405"]
"""Coroutines that open a stream before anybody drives it."""

from abc import abstractmethod
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator
from typing import Protocol, overload, override

from funcpipe_streams import AsyncGen, ErrInfo, Ok, Result


# ---------------------------------------------------------------- silence

async def a_generator(path) -> AsyncIterator[int]:
    yield 1


def delegating(path) -> AsyncIterator[int]:
    return a_generator(path)


async def a_value(path) -> int:
    return 1


class Source(Protocol):
    async def items(self) -> AsyncIterator[int]: ...


class Base:
    @abstractmethod
    async def items(self) -> AsyncIterator[int]:
        """To be defined."""

    async def later(self) -> AsyncIterator[int]:
        raise NotImplementedError


@overload
async def overloaded(path: str) -> AsyncIterator[int]: ...
@overload
async def overloaded(path: int) -> AsyncIterator[str]: ...
async def overloaded(path):
    yield path


async def a_description_is_another_rule(path) -> AsyncGen[int]:
    return lambda: a_result()


async def a_result() -> AsyncIterator[Result[int, ErrInfo]]:
    yield Ok(1)


class Overrides(Shape):
    @override
    async def events(self) -> AsyncIterator[int]:
        return await self.opened()


@retried
async def decorated(connect) -> AsyncIterator[int]:
    return await connect()


# ---------------------------------------------------------------- violations

async def opened(connect) -> AsyncIterator[int]:  # error: FP405
    connection = await connect()
    return connection.rows()


async def a_run() -> AsyncGenerator[int, None]:  # error: FP405
    return a_generator("x")


async def an_iterable(connect) -> "AsyncIterable[int]":  # error: FP405
    return await connect()


class Client:
    async def events(self) -> AsyncIterator[bytes]:  # error: FP405
        response = await self.get("/events")
        return response.lines()

    @classmethod
    async def of_any(cls, connect) -> AsyncIterator[bytes]:  # error: FP405
        return await connect(cls)
