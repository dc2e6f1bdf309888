"""The two exceptions that end iterators, raised in generators and coroutines."""

import contextlib
from asyncio import CancelledError
from contextlib import aclosing, asynccontextmanager, suppress

import pytest
from other import RETRIED, Ended


# ---------------------------------------------------------------- silence

class Iterator:
    async def __anext__(self):
        raise StopAsyncIteration

    def __next__(self):
        raise StopIteration


async def next_or_stop(stream):
    raise StopAsyncIteration


def plain():
    yield 1
    raise StopIteration  # pylint's R1708


async def caught(source):
    try:
        if not source:
            raise StopAsyncIteration
        yield 1
    except StopAsyncIteration:
        pass


async def caught_by_a_base(source):
    try:
        raise StopAsyncIteration
    except Exception:
        yield 1


async def caught_by_all(source):
    try:
        raise StopIteration
    except:
        yield 1


async def caught_by_what_is_unknown(source):
    try:
        raise StopIteration
    except RETRIED:
        yield 1


async def caught_by_an_unknown_class(source):
    try:
        raise StopIteration
    except (ValueError, Ended):
        yield 1


async def suppressed(source):
    with suppress(StopAsyncIteration):
        raise StopAsyncIteration
    yield 1


async def in_a_manager_that_may_swallow(source):
    async with source.session():
        raise StopAsyncIteration
    yield 1


async def tested():
    with pytest.raises(StopAsyncIteration):
        raise StopAsyncIteration
    yield 1


async def left_by_the_finally(source):
    while True:
        try:
            raise StopAsyncIteration
        finally:
            break
    yield 1


@asynccontextmanager
async def manager():
    raise StopAsyncIteration
    yield 1


async def never():
    yield 1
    return
    raise StopAsyncIteration


async def of_another_function():
    def __next__():
        raise StopIteration

    async def __anext__():
        raise StopAsyncIteration

    yield __next__, __anext__


async def raised_by_others(source):
    try:
        yield await anext(source)
    except StopAsyncIteration as error:
        raise LookupError from error


async def several(source):
    try:
        yield 1
    except (ValueError, StopAsyncIteration):
        raise


async def shadowed(StopAsyncIteration):
    raise StopAsyncIteration
    yield 1


# ---------------------------------------------------------------- violations

async def ends(source):
    if not source:
        return  # error: FP701
    yield 1


async def with_a_text(source):
    yield 1
    return  # error: FP701


async def the_other(source):
    while True:
        item = await source()
        if item is None:
            return  # error: FP701
        yield item


async def for_a_cause(source):
    try:
        yield 1
    except OSError as error:
        return  # error: FP701


async def again(source):
    while True:
        try:
            yield await anext(source)
        except StopAsyncIteration:
            print("the end")
            return  # error: FP701


async def other_handlers(source):
    try:
        return  # error: FP701
    except (ValueError, KeyError, CancelledError):
        yield 1


async def in_a_manager_that_lets_it_pass(source):
    async with aclosing(source) as items:
        async for item in items:
            if item is None:
                return  # error: FP701
            yield item


async def with_clean_up(source):
    try:
        return  # error: FP701
    finally:
        await source.aclose()
    yield


class Own(Exception):
    pass


async def own_class(source):
    try:
        return  # error: FP701
    except Own:
        yield 1


class Coloured:
    async def __anext__(self):
        raise StopAsyncIteration("the end")  # error: FP701

    async def first(self):
        raise StopIteration  # error: FP701
