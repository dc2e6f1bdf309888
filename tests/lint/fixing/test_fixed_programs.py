"""Fixes of what people report, by running each program before and after its fix."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import NamedTuple

import pytest

from funcpipe_lint.check.engine import Engine
from funcpipe_lint.check.fixing.fix import fixed
from funcpipe_lint.config.settings import settings_for
from funcpipe_lint.read.source import Source


class Fixed(NamedTuple):
    """A program whose `main()` gives what is seen, and what its fix makes of that."""

    code: str
    before: object
    after: object
    text: str


RUNS = {
    "a handler for GeneratorExit that goes on": Fixed(
        "FP702",
        "RuntimeError: async generator ignored GeneratorExit",
        "closed",
        """\
async def numbers():
    for _ in range(2):
        try:
            yield 1
        except GeneratorExit:
            pass


async def main():
    stream = numbers()
    await anext(stream)
    await stream.aclose()
    return "closed"
""",
    ),
    "a handler for everything that goes on": Fixed(
        "FP702",
        "RuntimeError: async generator ignored GeneratorExit",
        "closed",
        """\
async def numbers():
    for _ in range(2):
        try:
            yield 1
        except:
            continue


async def main():
    stream = numbers()
    await anext(stream)
    await stream.aclose()
    return "closed"
""",
    ),
    "async for over a plain generator": Fixed(
        "FP705",
        "TypeError: 'async for' requires an object with __aiter__ method, got generator",
        [1, 2],
        """\
def numbers():
    yield 1
    yield 2


async def main():
    found = []
    async for number in numbers():
        found.append(number)
    return found
""",
    ),
    "a class without aclose": Fixed(
        "FP314",
        "AttributeError: 'Doubled' object has no attribute 'aclose'",
        ["open", 2, "closed"],
        """\
seen = []


async def source():
    seen.append("open")
    try:
        yield 1
        yield 2
    finally:
        seen.append("closed")


class Doubled:
    def __init__(self, numbers):
        self._numbers = numbers

    def __aiter__(self):
        return self

    async def __anext__(self):
        return 2 * await self._numbers.__anext__()


async def main():
    seen.clear()
    doubled = Doubled(source())
    seen.append(await anext(doubled))
    await doubled.aclose()
    return seen
""",
    ),
    "a pull that a timeout cancels": Fixed(
        "FP505",
        [],
        [1, 2, 3],
        """\
import asyncio

go_on = asyncio.Event()


async def source():
    await go_on.wait()
    for number in (1, 2, 3):
        yield number


async def with_keep_alive(iterator):
    while True:
        try:
            item = await asyncio.wait_for(anext(iterator), 0.01)
        except TimeoutError:
            item = "still there"
        except StopAsyncIteration:
            return
        yield item


async def main():
    found = []
    async for item in with_keep_alive(source()):
        go_on.set()
        found.append(item)
    return [item for item in found if item != "still there"]
""",
    ),
    "the same, left while it pulls": Fixed(
        "FP505",
        ["closed"],
        ["closed"],
        """\
import asyncio

seen = []


async def source():
    try:
        await asyncio.Event().wait()
        yield 1
    finally:
        seen.append("closed")


async def with_keep_alive(iterator):
    while True:
        try:
            yield await asyncio.wait_for(anext(iterator), 0.01)
        except TimeoutError:
            yield "still there"


async def main():
    stream = with_keep_alive(source())
    assert await anext(stream) == "still there"
    await stream.aclose()
    assert len(asyncio.all_tasks()) == 1
    return seen
""",
    ),
    "a stream that is returned out of its manager": Fixed(
        "FP309",
        ["open", "closed", "ValueError: closed"],
        ["open", 1, 2, "closed"],
        """\
from contextlib import asynccontextmanager

seen = []


class Connection:
    is_open = True

    async def aiter_numbers(self):
        for number in (1, 2):
            if not self.is_open:
                raise ValueError("closed")
            yield number


@asynccontextmanager
async def connected():
    connection = Connection()
    seen.append("open")
    try:
        yield connection
    finally:
        connection.is_open = False
        seen.append("closed")


async def numbers():
    async with connected() as connection:
        return connection.aiter_numbers()


async def main():
    try:
        async for number in await numbers():
            seen.append(number)
    except ValueError as error:
        seen.append(f"ValueError: {error}")
    return seen
""",
    ),
    "next in a thread": Fixed(
        "FP703",
        "RuntimeError",
        [1, 2],
        """\
import asyncio
import sys


async def main():
    iterator = iter((1, 2))
    found = []
    if sys.version_info < (3, 12) and FIRST:
        raise RuntimeError  # there it would never come back
    while True:
        try:
            item = await asyncio.to_thread(next, iterator)
        except StopIteration:
            break
        found.append(item)
    return found
""",
    ),
}


RUNNER = """\
import asyncio, json, sys
told = []
for is_first, text in zip((True, False), json.load(sys.stdin)):
    names = {"FIRST": is_first}
    exec(compile(text, "program.py", "exec"), names)
    try:
        told.append(asyncio.run(names["main"]()))
    except Exception as error:
        told.append(f"{type(error).__name__}: {error}")
print(json.dumps(told))
"""


def outcomes(*texts: str) -> list[object]:
    """What programs give, or the error that each ends with: in a process of their own, for some
    leave generators behind."""
    command = [sys.executable, "-W", "ignore", "-c", RUNNER]
    run = subprocess.run(
        command, input=json.dumps(texts), capture_output=True, text=True, check=True, timeout=300
    )
    told: list[object] = json.loads(run.stdout)
    return told


@pytest.mark.parametrize("name", RUNS)
def test_a_fixed_program_does_what_was_meant(name: str) -> None:
    """It fails, or loses items, before the fix, and does neither after it; what is left early is
    closed. The rule reports nothing afterwards."""
    program = RUNS[name]
    engine = Engine(settings_for({"select": [program.code]}))
    text = fixed("m.py", Source.of_text(program.text), engine, unsafe=True).text
    assert text != program.text
    assert engine.check("m.py", text.encode()).violations == ()
    before, after = outcomes(program.text, text)
    if isinstance(program.before, str):
        assert str(before).startswith(program.before)
    else:
        assert before == program.before
    assert after == program.after
