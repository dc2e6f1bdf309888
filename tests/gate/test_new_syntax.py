"""Every stage on code that only a later Python runs: where this one is one, and where it is not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from funcpipe_gate.setup.look import look
from tests.gate.projects import project, report, stage

COMBINATORS = '''\
"""Operations on streams, and one that reads its file as the stream is made."""

from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from typing import Any
{imports}

from funcpipe_laws import StreamInstance

Stream = Callable[[], AsyncGenerator[Any, None]]


def transform(source: Stream, function: Callable[[Any], Any]) -> Stream:
    """The stream of the function's results."""

    async def stream() -> AsyncGenerator[Any, None]:
        async for item in source():
            {body}
            yield function(item)

    return stream


def lines_of(path: Path) -> Stream:
    """The lines of a file, which is opened too early."""
    file = path.open()

    async def stream() -> AsyncGenerator[Any, None]:
        for line in file:
            {body}
            yield line

    return stream


STREAMS = StreamInstance(name="mine", map=transform)
'''
ROWS = '''\
"""Streams that stay open when their reader stops early, and what sends them to a client."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any
{imports}


async def rows() -> AsyncGenerator[bytes, None]:
    """Two rows."""
    async with asyncio.Lock():
        {body}
        yield b"a"
        yield b"b"


async def numbers() -> AsyncGenerator[int, None]:
    """The rows as numbers."""
    async for row in rows():
        {body}
        yield len(row)


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Sends the rows."""
    if scope["type"] == "http":
        await send({{"type": "http.response.start", "status": 200, "headers": []}})
        async for row in rows():
            await send({{"type": "http.response.body", "body": row, "more_body": True}})
        await send({{"type": "http.response.body", "body": b""}})


wrong: int = "text"
'''
TEST = """\
import asyncio
{imports}
from rows import rows


async def first() -> bytes | None:
    async for row in rows():
        {body}
        return row
    return None


def test_first() -> None:
    assert asyncio.run(first()) == b"a"
"""
TABLE = """\
paths = ["rows.py"]
laws = ["mine"]
purity = ["mine"]
applications = ["rows:app"]
requests = ["GET /"]
tests = "pytest test_rows.py"
types = ["rows.py"]
"""
# What each Python brought: lines at the top of a module, and lines of a body.
BROUGHT = {
    (3, 14): (
        "",
        ["try:", '    t"{int()}"  # noqa', "except ValueError, TypeError:", "    pass"],
    ),
    (3, 15): (
        "lazy import json\nlazy from string import Template",
        ["_ = [*some for some in ([1], [2])]", "_ = {**some for some in ({1: 2},)}"],
    ),
}
FOUND = {
    "lint": "FP303",
    "laws": "S14",
    "purity": "impure",
    "endpoints": "sent to nobody",
    "leaks": "suspended",
    "types": "assignment",
}


def written(folder: Path, version: tuple[int, int]) -> Path:
    """A project in the syntax that a Python brought, wrong in a way for each stage."""
    imports, body = BROUGHT[version]
    texts = {"mine": COMBINATORS, "rows": ROWS, "test_rows": TEST}
    for name, text in texts.items():
        lines = text.format(imports=imports, body="\0").splitlines(keepends=True)
        texts[name] = "".join(
            "".join(line.replace("\0", part) for part in body) if "\0" in line else line
            for line in lines
        )
    return project(folder, TABLE, **texts)


@pytest.mark.parametrize("version", BROUGHT, ids=str)
def test_each_stage_finds_what_is_wrong_in_it(tmp_path: Path, version: tuple[int, int]) -> None:
    """Linter, laws, purity, endpoints, leaks and types; what the linter mends is mended."""
    if sys.version_info < version:
        pytest.skip("this Python does not run it")
    folder = written(tmp_path, version)
    document = report(folder)
    for name, code in FOUND.items():
        record = stage(document, name)
        assert code in [one["code"] for one in record["findings"]], record
        assert record["failures"] == []
    fixing = [sys.executable, "-m", "funcpipe_lint", "check", "--fix", "-q", "rows.py"]
    subprocess.run(fixing, cwd=folder, check=True, timeout=60)
    assert "aclosing(rows())" in (folder / "rows.py").read_text()
    assert stage(report(folder, "--only", "lint"), "lint")["status"] == "clean"


@pytest.mark.parametrize("version", BROUGHT, ids=str)
def test_what_this_python_does_not_run_is_read(tmp_path: Path, version: tuple[int, int]) -> None:
    """`init` sees streams, operations and builders; the linter finds and mends."""
    folder = written(tmp_path, version)
    seen = look(folder)
    assert (seen.streams, seen.unread) == ({"mine.py": 2, "rows.py": 2}, [])
    assert (seen.suites, seen.builders) == (["mine"], {"mine"})
    [found] = stage(report(folder, "--only", "lint"), "lint")["findings"]
    assert found["code"] == "FP303"
    assert "+    async with aclosing(rows()) as items:" in found["patch"]
