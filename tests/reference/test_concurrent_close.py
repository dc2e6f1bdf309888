"""What closing a concurrent stream may meet: releases under way, code that will not end."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from funcpipe_streams import (
    AsyncGen,
    Err,
    ErrInfo,
    Ok,
    Result,
    async_gen_and_then,
    async_gen_buffer,
    async_gen_chunk,
    async_gen_from_iterable,
    async_gen_gather,
    async_gen_par_map,
    async_gen_take,
    async_gen_using,
    closing_stream,
    lift_async_item,
)

from .recording import pause, resource, settle, source

Combinator = Callable[[AsyncGen[Any]], AsyncGen[Any]]
NUMBERS = async_gen_from_iterable(range(1000))


async def passed(value: Any) -> Result[Any, ErrInfo]:
    await pause()
    return Ok(value)


CONCURRENT: dict[str, Combinator] = {
    "gather": lambda gen: async_gen_gather([gen], max_buffer=1),
    "gather of two": lambda gen: async_gen_gather([gen, gen], max_buffer=2),
    "buffer": lambda gen: async_gen_buffer(gen, 16),
    "par_map": lambda gen: async_gen_par_map(gen, passed, concurrency=2),
    "par_map without order": lambda gen: async_gen_par_map(
        gen, passed, concurrency=2, ordered=False
    ),
    "chunk in time": lambda gen: async_gen_chunk(gen, 2, 60.0),
    "nested": lambda gen: async_gen_par_map(
        async_gen_gather([async_gen_buffer(gen, 1)]), passed, concurrency=2
    ),
}
each = pytest.mark.parametrize("combinator", CONCURRENT.values(), ids=CONCURRENT)


async def ends(work: Awaitable[object]) -> None:
    """Await what must end within a few turns of the loop; let it go where it does not."""
    task = asyncio.ensure_future(work)
    await settle(100)
    ended = task.done()
    task.cancel()
    assert ended
    await task


@each
@pytest.mark.asyncio
async def test_source_that_swallows_its_cancellation(combinator: Combinator) -> None:
    """A source that goes on after its cancellation is closed at its next item."""
    log: list[str] = []

    async def stubborn() -> AsyncIterator[Result[int, ErrInfo]]:
        try:
            for number in range(1_000_000):
                try:
                    await pause()
                except asyncio.CancelledError:
                    log.append("swallowed")
                yield Ok(number)
        finally:
            log.append("closed")

    for taken in range(1, 4):
        stream: Any = combinator(stubborn)()
        for _ in range(taken):
            await stream.__anext__()
        await ends(stream.aclose())
    assert log.count("closed") >= 3


@pytest.mark.parametrize("ordered", [True, False])
@pytest.mark.parametrize("concurrency", [1, 3])
@pytest.mark.asyncio
async def test_call_that_swallows_its_cancellation(concurrency: int, ordered: bool) -> None:
    """A call that makes an Err of its cancellation is the last one of its task."""
    calls: list[int] = []

    async def stubborn(number: int) -> Result[int, ErrInfo]:
        calls.append(number)
        try:
            await (pause() if number == 0 else asyncio.sleep(3600))
        except asyncio.CancelledError:
            return Err(ErrInfo("CANCELLED", "as an item"))
        return Ok(number)

    gen = async_gen_par_map(NUMBERS, stubborn, concurrency=concurrency, ordered=ordered)
    stream: Any = gen()
    assert await stream.__anext__() == Ok(0)
    await settle()
    begun = len(calls)
    await ends(stream.aclose())
    assert len(calls) == begun


def with_release(log: list[str], gen: AsyncGen[Any]) -> AsyncGen[Any]:
    """The stream, held by a resource whose release takes several turns."""
    return async_gen_using(resource(log, leaving=lambda: settle(7)), lambda _: gen)


def with_own_clean_up(log: list[str], gen: AsyncGen[Any]) -> AsyncGen[Any]:
    """A user's generator that is closed by `take`, and takes its time."""

    async def stream() -> AsyncGenerator[Any, None]:
        log.append("open r")
        try:
            async with closing_stream(gen()) as items:
                async for item in items:
                    yield item
                yield Ok("one too many")
        finally:
            log.append("leave r")
            await settle(7)
            log.append("close r")

    return async_gen_take(stream, 2)


@each
@pytest.mark.parametrize("held", [with_release, with_own_clean_up])
@pytest.mark.parametrize("turns", range(12))
@pytest.mark.asyncio
async def test_close_does_not_cut_a_release(
    combinator: Combinator, held: Callable[[list[str], AsyncGen[Any]], AsyncGen[Any]], turns: int
) -> None:
    """A release that is under way when the stream is closed is completed, as if not concurrent."""
    log: list[str] = []
    stream: Any = combinator(held(log, source(1, 2)))()
    await stream.__anext__()
    await settle(turns)
    await stream.aclose()
    assert log.count("open r") == log.count("leave r") == log.count("close r") >= 1


@pytest.mark.parametrize("turns", range(12))
@pytest.mark.asyncio
async def test_failing_sibling_does_not_cut_a_release(turns: int) -> None:
    """Nor does the exception of another source."""
    log: list[str] = []

    async def fail(_: int) -> Result[int, ErrInfo]:
        await settle(turns)
        raise LookupError("the sibling")

    failing = async_gen_and_then(source(1), lift_async_item(fail))
    twice = async_gen_and_then(source(1, 2), lambda _: with_release(log, source(1, 2)))
    stream = async_gen_gather([async_gen_buffer(twice, 1), failing])
    with pytest.raises(LookupError, match="the sibling"):
        async with closing_stream(stream()) as items:
            async for _ in items:
                pass
    assert log.count("open r") == log.count("leave r") == log.count("close r")


@pytest.mark.asyncio
async def test_cancelled_consumer_cancels_a_release() -> None:
    """A cancellation of the consumer reaches a release that it waits for, as if not concurrent."""
    log: list[str] = []
    hanging = async_gen_using(
        resource(log, leaving=lambda: asyncio.sleep(3600)), lambda _: source(1)
    )
    for gen in (
        hanging,
        async_gen_gather([hanging]),
        async_gen_gather([async_gen_buffer(hanging, 1)]),
    ):

        async def consume(gen: AsyncGen[int] = gen) -> None:
            async with closing_stream(gen()) as items:
                async for _ in items:
                    pass

        task = asyncio.create_task(consume())
        await settle()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await ends(task)
    assert log == ["open r", "leave r"] * 3


@each
@pytest.mark.parametrize("taken", [1, 3])
@pytest.mark.asyncio
async def test_nothing_is_left_to_the_collector(combinator: Combinator, taken: int) -> None:
    """A run that has ended, or was closed, is no cycle: its memory is free at once."""

    async def run() -> None:
        stream: Any = combinator(source(1, 2))()
        async with closing_stream(stream):
            for _ in range(taken):
                await anext(stream, None)

    for _ in range(3):
        await run()
    await settle()
    gc.collect()
    gc.disable()
    try:
        for _ in range(10):
            await run()
        await settle()
        assert gc.collect() == 0
    finally:
        gc.enable()


class Odd(BaseException):
    """No Exception, and none that asyncio knows."""


@each
@pytest.mark.asyncio
async def test_base_exception_of_a_source_surfaces(combinator: Combinator) -> None:
    """What is no `Exception` is neither lost nor the end of the stream."""

    async def failing() -> AsyncIterator[Result[int, ErrInfo]]:
        yield Ok(1)
        raise Odd

    with pytest.raises(Odd):
        async with closing_stream(combinator(failing)()) as items:
            async for _ in items:
                pass


@pytest.mark.parametrize("ordered", [True, False])
@pytest.mark.asyncio
async def test_base_exception_of_a_call_surfaces(ordered: bool) -> None:
    """The same for a call of par_map."""

    async def failing(value: int) -> Result[int, ErrInfo]:
        raise Odd

    gen = async_gen_par_map(NUMBERS, failing, concurrency=2, ordered=ordered)
    with pytest.raises(Odd):
        await ends(anext(gen()))


@pytest.mark.stream_leaks("allow", reason="an exit leaves the loop as it stands")
@each
@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_exit_request_of_a_source_ends_the_program(
    combinator: Combinator, error: type[BaseException], caplog: pytest.LogCaptureFixture
) -> None:
    """It leaves `asyncio.run`, the source is released, and nothing is logged besides."""
    log: list[str] = []

    async def failing() -> AsyncIterator[Result[int, ErrInfo]]:
        yield Ok(1)
        await pause()
        raise error

    async def program() -> None:
        held = async_gen_using(resource(log), lambda _: failing)
        async with closing_stream(combinator(held)()) as items:
            async for _ in items:
                pass

    with pytest.raises(error):
        asyncio.run(program())
    assert log.count("open r") == log.count("close r") >= 1
    assert not caplog.records
