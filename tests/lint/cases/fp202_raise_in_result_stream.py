# options: select = ["FP202"]
"""Exceptions that end a stream whose errors are items."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import assert_never

from funcpipe_streams import AsyncGen, Err, ErrInfo, Ok, Result


# ---------------------------------------------------------------- silence

async def no_result_stream(source) -> AsyncIterator[int]:
    async for item in source:
        if item < 0:
            raise ValueError(item)
        yield item


async def unknown_items(source):
    raise ValueError("unknown")
    yield


async def handed_on(failures) -> AsyncIterator[Result[int, ErrInfo]]:
    async for failure in failures:
        if isinstance(failure, BaseException):
            raise failure
        yield Ok(1)


async def reraised(source) -> AsyncIterator[Result[int, ErrInfo]]:
    try:
        yield Ok(await anext(source))
    except asyncio.CancelledError:
        raise
    except ValueError as error:
        yield Err(ErrInfo("VALUE", str(error)))
        raise


async def abstract(source) -> AsyncIterator[Result[int, ErrInfo]]:
    raise NotImplementedError
    yield


async def abstract_with_words(source) -> AsyncIterator[Result[int, ErrInfo]]:
    raise NotImplementedError("later")
    yield


async def defects(source) -> AsyncIterator[Result[int, ErrInfo]]:
    async for item in source:
        match item:
            case Ok(value):
                yield Ok(value)
            case Err():
                yield item
            case _ as never:
                assert_never(never)
        if item is None:
            raise AssertionError("the source yields items only")
        if item == 3:
            raise asyncio.CancelledError


async def caught_here(source) -> AsyncIterator[Result[int, ErrInfo]]:
    async for item in source:
        try:
            if item < 0:
                raise ValueError(item)
            if item > 9:
                raise KeyError(item)
        except (ValueError, KeyError) as error:
            yield Err(ErrInfo("VALUE", str(error)))
            continue
        yield Ok(item)


async def caught_by_a_base(source) -> AsyncIterator[Result[int, ErrInfo]]:
    try:
        raise ValueError(source)
    except Exception as error:
        yield Err(ErrInfo("VALUE", str(error)))


async def in_an_inner_function(source) -> AsyncIterator[Result[int, ErrInfo]]:
    def check(item):
        if item < 0:
            raise ValueError(item)
        return item

    yield Ok(check(source))


async def a_coroutine(source) -> Result[int, ErrInfo]:
    raise ValueError(source)


def validation_in_the_builder(size: int) -> AsyncGen[int]:
    if size < 1:
        raise ValueError(f"size is {size}: it must be at least 1")

    async def stream() -> AsyncIterator[Result[int, ErrInfo]]:
        yield Ok(size)

    return stream


async def a_wrong_argument(source, size) -> AsyncIterator[Result[int, ErrInfo]]:
    if size < 1:
        raise ValueError(f"size is {size}: it must be at least 1")
    async for item in source:
        yield Ok(item)


async def a_broken_invariant(source, window) -> AsyncIterator[Result[int, ErrInfo]]:
    async for item in source:
        if not window:
            raise RuntimeError("the window is empty")
        yield Ok(item)


async def asked_for(source, stop_on_error) -> AsyncIterator[Result[int, ErrInfo]]:
    async for item in source:
        if item < 0 and stop_on_error:
            raise ValueError(item)
        yield Ok(item)


# ---------------------------------------------------------------- violations

async def raised(source) -> AsyncIterator[Result[int, ErrInfo]]:
    async for item in source:
        if item < 0:
            raise ValueError(item)  # error: FP202
        yield Ok(item)


async def a_class_without_a_call(source) -> "AsyncIterator[Result[int, ErrInfo]]":
    yield Ok(1)
    raise ValueError  # error: FP202


async def converted(source) -> AsyncIterator[Result[int, ErrInfo]]:
    try:
        yield Ok(await anext(source))
    except ValueError as error:
        raise RuntimeError("no item") from error  # error: FP202


async def stop_async_iteration(source) -> AsyncIterator[Result[int, ErrInfo]]:
    yield Ok(1)
    raise StopAsyncIteration  # error: FP202


async def caught_elsewhere(source) -> AsyncIterator[Result[int, ErrInfo]]:
    async for item in source:
        try:
            raise ValueError(item)  # error: FP202
        except KeyError:
            yield Ok(1)


async def raised_in_finally(source) -> AsyncIterator[Result[int, ErrInfo]]:
    try:
        yield Ok(1)
    except Exception:
        yield Err(ErrInfo("X", "x"))
    finally:
        raise ValueError("after the handlers")  # error: FP202


def by_a_builder(source) -> AsyncGen[int]:
    async def stream():
        yield Ok(1)
        raise ValueError(source)  # error: FP202

    return stream


def by_a_lambda(source) -> AsyncGen[int]:
    async def stream():
        yield Ok(1)
        raise ValueError(source)  # error: FP202

    return lambda: stream()


def a_sync_stream(source) -> Iterator[Result[int, ErrInfo]]:
    for item in source:
        if item < 0:
            raise ValueError(item)  # error: FP202
        yield Ok(item)


async def lost_in_a_finally(source) -> AsyncIterator[Result[int, ErrInfo]]:
    async for item in source:
        try:
            raise KeyError(item)
        finally:
            continue
        yield item


# ---------------------------------------------------------------- classes of the file

class Refused(Exception):
    pass


class RefusedTwice(Refused):
    pass


class Elsewhere(asyncio.Elsewhere):
    pass


async def caught_by_its_base(lines) -> AsyncIterator[Result[int, ErrInfo]]:
    async for line in lines:
        try:
            if not line:
                raise RefusedTwice(line)
            yield Ok(int(line))
        except Refused:
            yield Err(ErrInfo(code="no", msg=line))


async def caught_by_exception(lines) -> AsyncIterator[Result[int, ErrInfo]]:
    async for line in lines:
        try:
            if not line:
                raise Refused(line)
            yield Ok(int(line))
        except Exception:
            yield Err(ErrInfo(code="no", msg=line))


async def of_an_unknown_family(lines) -> AsyncIterator[Result[int, ErrInfo]]:
    async for line in lines:
        try:
            if not line:
                raise Elsewhere(line)
            yield Ok(int(line))
        except KeyError:
            yield Err(ErrInfo(code="no", msg=line))


async def not_caught(lines) -> AsyncIterator[Result[int, ErrInfo]]:
    async for line in lines:
        try:
            if not line:
                raise Refused(line)  # error: FP202
            yield Ok(int(line))
        except (KeyError, RefusedTwice):
            yield Err(ErrInfo(code="no", msg=line))
