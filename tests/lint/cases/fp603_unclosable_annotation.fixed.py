# options: select = ["FP603"]
"""Stream functions whose annotation hides that they can be closed."""

import collections.abc
import typing
from abc import abstractmethod
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol, override


# ---------------------------------------------------------------- silence

async def closable() -> AsyncGenerator[int, None]:
    yield 1


async def unannotated():
    yield 1


async def _private() -> AsyncIterator[int]:
    yield 1


@asynccontextmanager
async def manager() -> AsyncIterator[int]:
    yield 1


@unknown
async def decorated() -> AsyncIterator[int]:
    yield 1


def delegating(source) -> AsyncIterator[int]:
    return source


async def coroutine(source) -> AsyncIterator[int]:
    return source


class Source(Protocol):
    def items(self) -> AsyncIterator[int]: ...


class Base:
    @abstractmethod
    async def items(self) -> AsyncIterator[int]:
        raise NotImplementedError
        yield 0

    async def __aiter__(self) -> AsyncIterator[int]:
        yield 1


def outer():
    async def inner() -> AsyncIterator[int]:
        yield 1

    return inner


class Overrides(Shape):
    @override
    async def events(self) -> AsyncIterator[int]:
        yield 1


@retried
async def decorated() -> AsyncIterator[int]:
    yield 1


# ---------------------------------------------------------------- violations

async def hidden() -> AsyncGenerator[int, None]:  # error: FP603
    yield 1


async def an_iterable() -> AsyncGenerator[dict[str, int], None]:  # error: FP603
    yield {}


async def by_module() -> AsyncGenerator[int, None]:  # error: FP603
    yield 1


async def of_typing() -> typing.AsyncGenerator[int, None]:  # error: FP603
    yield 1


async def quoted() -> "AsyncIterator[int]":  # error: FP603
    yield 1


class Client:
    async def events(self) -> AsyncGenerator[bytes, None]:  # error: FP603
        yield b""

    @staticmethod
    async def of_no_client() -> AsyncGenerator[bytes, None]:  # error: FP603
        yield b""

    @classmethod
    async def of_any_client(cls) -> AsyncGenerator[bytes, None]:  # error: FP603
        yield b""


async def of_anything() -> AsyncIterator:  # error: FP603
    yield 1
