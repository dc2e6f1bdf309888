"""Syntax that not every supported Python reads: type parameters, unparenthesised `except`."""

from __future__ import annotations

import sys

import libcst
import pytest

from funcpipe_lint.check.engine import Engine
from funcpipe_lint.config.settings import settings_for

TYPE_PARAMETERS = """\
import asyncio
from collections.abc import AsyncIterator

from funcpipe_streams import AsyncGen, Err, ErrInfo, Ok, Result

type Items[T] = AsyncIterator[Result[T, ErrInfo]]
type Described = AsyncGen[int]


async def generic[T](queue: asyncio.Queue[T]) -> AsyncIterator[T]:
    async with asyncio.timeout(5):
        yield await queue.get()  # FP305


async def first[T](source: Items[T]) -> Items[T]:
    async for item in source:
        if isinstance(item, Err):
            return  # FP203
        yield item


def built[T](value: T) -> AsyncGen[T]:
    print(value)  # FP401

    async def stream():
        yield Ok(value)

    return stream


def of_an_alias() -> Described:
    print("building")  # FP401

    async def stream():
        yield Ok(1)

    return stream


class Source[T]:
    async def items(self):
        async with self._lock:
            yield 1  # FP307
"""
BARE_EXCEPT = """\
async def rows(source):
    try:
        yield 1
    except ValueError, GeneratorExit:
        yield 2  # FP306


async def others(source):
    try:
        yield 1
    except ValueError, KeyError:
        yield 2
"""


def check(code: str) -> None:
    """Compare what is found with the codes in the comments."""
    rules = ["FP203", "FP305", "FP306", "FP307", "FP401"]
    report = Engine(settings_for({"select": rules})).check("new.py", code.encode())
    assert report.crashes == ()
    marked = [
        (number, line.rpartition("# ")[2])
        for number, line in enumerate(code.splitlines(), 1)
        if "# FP" in line
    ]
    assert [(v.line, v.code) for v in report.violations] == marked


@pytest.mark.skipif(sys.version_info < (3, 12), reason="PEP 695 is Python 3.12's")
def test_type_parameters_and_aliases() -> None:
    """PEP 695 functions, classes and aliases mean what their older forms mean."""
    check(TYPE_PARAMETERS)


@pytest.mark.skipif(sys.version_info < (3, 14), reason="PEP 758 is Python 3.14's")
def test_except_without_parentheses() -> None:
    """`except A, B:` catches both."""
    check(BARE_EXCEPT)


LAZY = """\
lazy import asyncio
lazy from anyio import fail_after as within


async def ticks(queue):
    async with asyncio.timeout(3):
        yield await queue.get()  # FP305


async def lines(source):
    with within(3):
        yield await source.line()  # FP305
"""


@pytest.mark.skipif(not hasattr(libcst, "LazyImport"), reason="libcst 1.9 reads PEP 810")
def test_lazy_imports() -> None:
    """PEP 810's imports give names their meaning as others do, whichever Python runs the linter."""
    check(LAZY)


THROUGH = """\
async def rows(source):
    async with source.connect() as connection:
        yield await connection.row()


async def delegating(source):
    yield from rows(source)


async def first(source):
    async for row in delegating(source):  # FP302
        if row:
            return row


async def names(source):
    async for row in delegating(source):  # FP303
        yield row.name


async def plain(source):
    yield from source.parts()


async def unknown(source):
    async for row in plain(source):
        if row:
            return row
"""


def test_a_stream_is_followed_through_delegation() -> None:
    """What `yield from` delegates to is open as long as the generator is (PEP 828)."""
    report = Engine(settings_for({"select": ["FP302", "FP303"]})).check("new.py", THROUGH.encode())
    assert report.crashes == ()
    assert [(v.line, v.code) for v in report.violations] == [
        (number, line.rpartition("# ")[2])
        for number, line in enumerate(THROUGH.splitlines(), 1)
        if "# FP" in line
    ]


DELEGATED = """\
async def rows(source):
    async with source.lock:
        yield from source.parts()  # FP307


async def merged(parts, lock):
    async with lock:
        yield {**part async for part in parts}, [*part async for part in parts]  # FP307
"""


@pytest.mark.skipif(not hasattr(libcst, "StarredDictComp"), reason="libcst 1.9 reads PEP 798")
def test_delegation_and_unpacking_comprehensions() -> None:
    """`yield from` in an async generator is a yield, and PEP 798's comprehensions are read."""
    check(DELEGATED)


def test_a_part_of_newer_syntax(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a file that only a later Python reads, libcst is shown what the rules ask about, too."""
    shown: list[str] = []
    parse = libcst.parse_module

    def parsed(text: str) -> libcst.Module:
        shown.append(text)
        return parse(text)

    monkeypatch.setattr(libcst, "parse_module", parsed)
    code = f"""\
try:
    import this
except ImportError, KeyError:
    raise


async def rows():
    try:
        yield 1
    except GeneratorExit:
        yield 2


def other():
    print({"1 + " * 20}1)
"""
    engine = Engine(settings_for({"select": ["FP306"]}))
    report = engine.check("new.py", code.encode(), is_syntax_due=False)
    assert [(v.line, v.code) for v in report.violations] == [(11, "FP306")]
    assert shown != []
    assert all("1 + 1" not in text for text in shown)
    broken = code.replace("raise", "raise (").encode()
    assert engine.check("new.py", broken, is_syntax_due=False).crashes != ()
