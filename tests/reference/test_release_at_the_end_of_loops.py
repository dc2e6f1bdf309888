"""Streams that outlive the loop that they ran on, or were made before it."""

from __future__ import annotations

import asyncio
import gc
from typing import Any

import pytest

from funcpipe_streams import async_gen_from_iterable, async_gen_gather, async_gen_using

from .recording import closed, pause, resource, same, settle, source


@pytest.mark.stream_leaks("allow", reason="streams outlive their loop here")
@pytest.mark.parametrize("leaving", [None, pause])
def test_end_of_asyncio_run_releases_innermost_first(leaving: Any) -> None:
    """A stream that is still suspended when the loop shuts down: once, in order, no error."""
    for _ in range(5):  # asyncio closes generators side by side, in the order of a set
        log: list[str] = []
        errors: list[object] = []
        held: list[Any] = []

        async def main(log: list[str], errors: list[object], held: list[Any]) -> None:
            asyncio.get_running_loop().set_exception_handler(lambda _, each: errors.append(each))
            inner = same(
                async_gen_using(resource(log, "b", leaving=leaving), lambda _: source(1, 2))
            )
            held.append(
                same(async_gen_using(resource(log, "a", leaving=leaving), lambda _: inner))()
            )
            await anext(held[0])

        asyncio.run(main(log, errors, held))
        assert closed(log) == ["b", "a"]
        assert errors == []


@pytest.mark.stream_leaks("allow", reason="streams outlive their loop here")
def test_dropped_after_its_loop_was_closed() -> None:
    """Clean-up that does not suspend still runs."""
    log: list[str] = []
    held: list[Any] = []
    loop = asyncio.new_event_loop()

    async def main() -> None:
        held.append(async_gen_using(resource(log), lambda _: source(1, 2))())
        await anext(held[0])

    loop.run_until_complete(main())
    loop.close()
    held.clear()
    assert closed(log) == ["r"]


@pytest.mark.stream_leaks("allow", reason="streams outlive their loop here")
def test_dropped_after_its_loop_was_closed_with_suspending_clean_up() -> None:
    """It is cut at its first suspension, and a ResourceWarning says so."""
    log: list[str] = []
    held: list[Any] = []
    loop = asyncio.new_event_loop()

    async def main() -> None:
        held.append(async_gen_using(resource(log, leaving=pause), lambda _: source(1, 2))())
        await anext(held[0])

    loop.run_until_complete(main())
    loop.close()
    with pytest.warns(ResourceWarning, match="dropped after its event loop ended"):
        held.clear()
    assert log == ["open r", "leave r"]


@pytest.mark.stream_leaks("allow", reason="streams outlive their loop here")
def test_concurrent_stream_dropped_after_its_loop_was_closed() -> None:
    """Its tasks cannot run any more: a ResourceWarning says so, and nothing else is raised."""
    held: list[Any] = []
    loop = asyncio.new_event_loop()
    numbers = async_gen_from_iterable(range(1000))

    async def main() -> None:
        held.append(async_gen_gather([numbers, numbers], max_buffer=1)())
        await anext(held[0])

    loop.run_until_complete(main())
    loop.close()
    with pytest.warns(ResourceWarning, match="dropped after its event loop ended"):
        held.clear()
    gc.collect()


def test_stream_that_was_made_before_the_loop() -> None:
    """Construction and the call need no running loop; a drop within one releases."""
    log: list[str] = []
    held: list[Any] = [same(async_gen_using(resource(log), lambda _: source(1, 2)))()]

    async def main() -> None:
        stream = held.pop()
        async for _ in stream:
            break
        del stream
        await settle()

    asyncio.run(main())
    assert closed(log) == ["r"]


def test_one_description_on_two_loops() -> None:
    """Nothing of a loop is stored in a description."""
    log: list[str] = []
    gen = same(async_gen_using(resource(log, leaving=pause), lambda _: source(1)))

    async def main() -> None:
        async for _ in gen():
            break
        await settle()

    asyncio.run(main())
    asyncio.run(main())
    gc.collect()
    assert closed(log) == ["r", "r"]
