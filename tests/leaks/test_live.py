"""`watch_streams()`: a program that is watched from inside."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import AsyncGenerator
from contextlib import aclosing

import pytest

from funcpipe_laws import watch_streams
from funcpipe_laws.leaks.model import Leak


async def rows() -> AsyncGenerator[int, None]:
    """Has clean-up to run."""
    try:
        yield 1
        yield 2
    finally:
        await asyncio.sleep(0)


async def leave() -> None:
    """Drops it after one item."""
    async for _ in rows():
        break


def test_one_record_a_place() -> None:
    """However often it happens; it grows while the program runs, and is there afterwards."""

    async def main() -> None:
        for _ in range(3):
            await leave()
        assert len(leaks) == 1

    with watch_streams() as leaks:
        asyncio.run(main())
    [place] = leaks
    assert place["count"] == 3 and place["leak"]["kind"] == "suspended"
    assert leaks and "clean-up still to run: rows" in str(leaks)


def test_nothing_is_left() -> None:
    """False, empty, and not None."""

    async def main() -> None:
        async with aclosing(rows()) as items:
            await anext(items)

    with watch_streams() as leaks:
        asyncio.run(main())
    assert not leaks and len(leaks) == 0 and str(leaks) == ""


def test_a_stream_inside_of_one_that_is_left_open_is_not_told_too() -> None:
    """Only the outermost is where something has to change: its `finally` closes the others."""
    held: list[AsyncGenerator[int, None]] = []

    async def outer() -> AsyncGenerator[int, None]:
        inner = rows()
        try:
            async for row in inner:
                yield row
        finally:
            await inner.aclose()

    async def passes_on() -> AsyncGenerator[int, None]:
        async for row in rows():
            yield row

    async def main(stream: AsyncGenerator[int, None]) -> None:
        held.append(stream)
        await anext(stream)

    for stream, told in ((outer(), "outer"), (passes_on(), "rows")):
        with watch_streams() as leaks:
            asyncio.run(main(stream))
        found = [place["leak"] for place in leaks if place["leak"]["kind"] == "suspended"]
        assert [leak["place"]["function"].split(".")[-1] for leak in found] == [told]


def test_entered_inside_of_a_running_loop() -> None:
    """A service cannot start its loop anew to be watched; the hooks are put back."""

    async def main() -> None:
        hooks = sys.get_asyncgen_hooks()
        with watch_streams() as leaks:
            await leave()
        assert sys.get_asyncgen_hooks() == hooks
        assert [place["leak"]["kind"] for place in leaks] == ["suspended"]
        await asyncio.sleep(0)

    with watch_streams():  # The outer one does not hear what the inner one hears.
        asyncio.run(main())


def test_callback_and_logger(caplog: pytest.LogCaptureFixture) -> None:
    """Each leak is called back, each place logged once."""
    heard: list[Leak] = []

    async def main() -> None:
        await leave()
        await leave()

    with (
        caplog.at_level(logging.INFO),
        watch_streams(heard.append, logger=logging.getLogger("staging")),
    ):
        asyncio.run(main())
    assert [leak["kind"] for leak in heard] == ["suspended", "suspended"]
    [record] = [one for one in caplog.records if one.name == "staging"]
    assert record.levelname == "ERROR" and "aclosing(rows())" in record.getMessage()


def test_a_callback_that_raises_does_not_reach_the_program() -> None:
    """It is noted."""

    def broken(_: Leak) -> None:
        raise LookupError("mine")

    with watch_streams(broken) as leaks:
        asyncio.run(leave())
    assert "the watch failed: LookupError: mine" in leaks.not_seen()


def test_what_is_suspended_now() -> None:
    """Where, since when, and what closing it would run; being pulled at last, it is gone."""

    async def main() -> None:
        async with aclosing(rows()) as items:
            assert leaks.suspended() == []
            await anext(items)
            [one] = leaks.suspended()
            assert one.place["function"] == "rows" and one.place["text"] == "yield 1"
            assert one.pending == ("await asyncio.sleep(0)",)
            assert 0 <= one.seconds < 60
            assert one.first_pulled[0]["text"] == "await anext(items)"
            assert "pending: await asyncio.sleep(0)" in str(one)
        assert leaks.suspended() == []

    with watch_streams() as leaks:
        asyncio.run(main())
    assert not leaks


@pytest.mark.stream_leaks("allow", reason="leaks outside of its own watches are its subject")
def test_two_watches_one_inside_of_the_other() -> None:
    """The later one hears; the earlier one goes on hearing after it."""
    with watch_streams() as outer:
        with watch_streams() as inner:
            asyncio.run(leave())
        assert len(inner) == 1 and len(outer) == 0
        asyncio.run(leave())
        assert len(outer) == 1
    asyncio.run(leave())
    assert len(inner) == 1 and len(outer) == 1
