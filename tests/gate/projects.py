"""Small projects that the gate is run on, and how it is run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

LEAKING = '''\
"""A stream that stays open when its reader stops early."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path


async def rows(path: Path) -> AsyncGenerator[str, None]:
    """The lines of a file."""
    async with asyncio.Lock():
        for line in path.read_text().splitlines():
            yield line


async def numbers(path: Path) -> AsyncGenerator[int, None]:
    """The lines as numbers."""
    async for row in rows(path):
        yield int(row)
'''
CLEAN = LEAKING.replace(
    "    async for row in rows(path):\n        yield int(row)\n",
    "    async with aclosing(rows(path)) as items:\n"
    "        async for row in items:\n            yield int(row)\n",
).replace("from pathlib", "from contextlib import aclosing\nfrom pathlib")
COMBINATOR = '''\
"""One operation on streams."""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Any

from funcpipe_laws import StreamInstance

Stream = Callable[[], AsyncGenerator[Any, None]]


def transform(source: Stream, function: Callable[[Any], Any]) -> Stream:
    """The stream of the function's results."""

    async def stream() -> AsyncGenerator[Any, None]:
        async with aclosing(source()) as items:
            async for item in items:
                yield function(item)

    return stream


STREAMS = StreamInstance(name="mine", map=transform)
'''
# The source is not closed, and the first item is taken as the description is made.
BROKEN = COMBINATOR.replace(
    "        async with aclosing(source()) as items:\n"
    "            async for item in items:\n                yield function(item)\n",
    "        async for item in source():\n            yield function(item)\n",
)


def project(folder: Path, table: str = "", **files: str) -> Path:
    """A folder with a configuration and files; in their names `__` stands for a slash."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pyproject.toml").write_text(f"[tool.funcpipe]\n{table}\n")
    for name, text in files.items():
        file = folder / (name.replace("__", "/") + ".py")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return folder


def gate(
    folder: Path, *words: str, timeout: float = 300, **environment: str
) -> subprocess.CompletedProcess[str]:
    """What the command says in a folder."""
    plain = {k: v for k, v in os.environ.items() if k not in ("GITHUB_ACTIONS", "CI")}
    return subprocess.run(
        [sys.executable, "-m", "funcpipe_gate", *words],
        cwd=folder,
        env={**plain, "PYTEST_ADDOPTS": "", "NO_COLOR": "1", **environment},
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


def report(folder: Path, *words: str) -> Any:
    """The JSON report of a run."""
    done = gate(folder, "check", "--output-format", "json", *words)
    assert done.stdout.startswith("{"), done.stderr
    return json.loads(done.stdout)


def stage(document: Any, name: str) -> Any:
    """One stage's record."""
    return next(one for one in document["stages"] if one["name"] == name)
