"""The test file that `--laws-init` writes passes what a team checks its own files with."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

MODULE = """
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any


async def amap(s: AsyncIterator[Any], f: Callable[[Any], Any]) -> AsyncIterator[Any]:
    async for x in s:
        yield f(x)


async def afilter(
    s: AsyncIterator[Any], f: Callable[[Any], Awaitable[bool]]
) -> AsyncIterator[Any]:
    async for x in s:
        if await f(x):
            yield x


async def amerge(*sources: AsyncIterator[Any]) -> AsyncIterator[Any]:
    for s in sources:
        async for x in s:
            yield x


def atee(s: AsyncIterator[Any], n: int = 2) -> tuple[AsyncIterator[Any], ...]:
    items: list[Any] = []

    async def branch() -> AsyncIterator[Any]:
        place = 0
        while True:
            if place == len(items):
                try:
                    items.append(await anext(s))
                except StopAsyncIteration:
                    return
            place += 1
            yield items[place - 1]

    return tuple(branch() for _ in range(n))
"""


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """The file for a module of several conventions."""
    (tmp_path / "streams_of_ours.py").write_text(MODULE, "utf-8")
    (tmp_path / "pyproject.toml").write_text("", "utf-8")
    command = [sys.executable, "-m", "funcpipe_laws", "init", "streams_of_ours", "test_ours.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return tmp_path / "test_ours.py"


def test_it_says_what_was_found_and_what_was_not(written: Path) -> None:
    """Operations with what adapts them; the others by name, for their laws are not offered."""
    text = written.read_text("utf-8")
    assert "tee=lambda s, n: branches(lambda: streams.atee(s(), n), n)" in text
    assert "merge=lambda sources: lambda: streams.amerge(*(s() for s in sources))" in text
    assert "# Not found: pure, bind, using, lift, empty, par_map, buffer, chunk, timeout" in text


def test_it_passes_types_and_import_order(written: Path) -> None:
    """mypy --strict, and ruff's import sorting."""
    environment = {**os.environ, "MYPYPATH": str(written.parent)}
    for command in (
        ["mypy", "--strict", "--cache-dir", os.devnull, written.name],
        ["ruff", "check", "--isolated", "--select", "I", written.name],
    ):
        done = subprocess.run(
            [sys.executable, "-m", *command],
            cwd=written.parent,
            env=environment,
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, done.stdout + done.stderr
