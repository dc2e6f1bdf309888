"""Suites for each way of running asynchronous tests: two tests that leave a stream open, and ones
that do not, all in a file of their own."""

from __future__ import annotations

STREAMS = """\
import asyncio
from contextlib import aclosing

import pytest


async def rows():
    try:
        yield 1
        yield 2
    finally:
        print("closed")


async def leave():
    async for row in rows():
        return row


async def close():
    async with aclosing(rows()) as items:
        async for row in items:
            return row

"""

PLAIN = """
def test_wrong():
    assert asyncio.run(leave()) == 1


def test_wrong_again():
    with asyncio.Runner() as runner:
        assert runner.run(leave()) == 1


def test_right():
    assert asyncio.run(close()) == 1


def test_two_loops():
    assert [asyncio.run(close()), asyncio.run(close())] == [1, 1]


def test_nothing_asynchronous():
    pass
"""

_FIXTURE = """
@{fixture}
async def held():
    async with aclosing(rows()) as items:
        yield await anext(items)
"""

_ASYNC = """
{mark}
async def test_wrong(held):
    assert await leave() == held


{mark}
async def test_wrong_again():
    assert await leave() == 1


{mark}
async def test_right(held):
    assert await close() == held
"""


def pytest_asyncio(scope: str) -> str:
    """Loops that live for a test, a class, a module or the session; a fixture on the same."""
    mark = f'@pytest.mark.asyncio(loop_scope="{scope}")'
    fixture = f'pytest_asyncio.fixture(loop_scope="{scope}", scope="{scope}")'
    return (
        "import pytest_asyncio\n"
        + STREAMS
        + _FIXTURE.format(fixture=fixture)
        + _ASYNC.format(mark=mark)
    )


def anyio(backend: str) -> str:
    """anyio's own plugin, which keeps one task for a test and its fixtures."""
    name = f'@pytest.fixture\ndef anyio_backend():\n    return "{backend}"\n\n'
    fixture = _FIXTURE.format(fixture="pytest.fixture")
    return STREAMS + name + fixture + _ASYNC.format(mark="@pytest.mark.anyio")


UNITTEST = (
    STREAMS
    + """
import unittest


class TestStreams(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        self.held = rows()
        await anext(self.held)

    async def asyncTearDown(self):
        await self.held.aclose()

    async def test_wrong(self):
        self.assertEqual(await leave(), 1)

    async def test_wrong_again(self):
        self.assertEqual(await leave(), 1)

    async def test_right(self):
        self.assertEqual(await close(), 1)
"""
)

UVLOOP = (
    "import uvloop\n"
    + STREAMS
    + """
def test_wrong():
    assert uvloop.run(leave()) == 1


def test_wrong_again():
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        assert runner.run(leave()) == 1


def test_right():
    assert uvloop.run(close()) == 1
"""
)

TRIO = (
    "import trio\n"
    + STREAMS
    + """
def test_wrong():
    assert trio.run(leave) == 1


def test_wrong_again():
    assert trio.run(leave) == 1


def test_right():
    assert trio.run(close) == 1
"""
)

THREADS = (
    "import threading\n"
    + STREAMS
    + """
def in_a_thread(main):
    thread = threading.Thread(target=lambda: asyncio.run(main()))
    thread.start()
    thread.join()


def test_wrong():
    in_a_thread(leave)


async def outer():
    return await asyncio.to_thread(lambda: asyncio.run(leave()))


def test_wrong_again():
    assert asyncio.run(outer()) == 1


def test_right():
    in_a_thread(close)
"""
)

BY_HAND = (
    STREAMS
    + """
def run(main):
    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(main())
    finally:
        loop.close()


HELD = []


async def hold():
    HELD.append(rows())
    return await anext(HELD[-1])


def test_wrong():
    assert run(leave) == 1


def test_wrong_again():
    assert run(hold) == 1


def test_right():
    assert run(close) == 1
"""
)

SUITES = {
    "asyncio.run": STREAMS + PLAIN,
    "pytest-asyncio function": pytest_asyncio("function"),
    "pytest-asyncio class": pytest_asyncio("class"),
    "pytest-asyncio package": pytest_asyncio("package"),
    "pytest-asyncio module": pytest_asyncio("module"),
    "pytest-asyncio session": pytest_asyncio("session"),
    "anyio on asyncio": anyio("asyncio"),
    "anyio on trio": anyio("trio"),
    "unittest": UNITTEST,
    "uvloop": UVLOOP,
    "trio": TRIO,
    "threads": THREADS,
    "loops by hand": BY_HAND,
}
NEEDS = {"anyio on trio": "trio", "trio": "trio", "uvloop": "uvloop", "anyio on asyncio": "anyio"}
PLUGINS = {"pytest-asyncio": "pytest_asyncio.plugin", "anyio": "anyio.pytest_plugin"}
