"""The `funcpipe-lint` command, run in a folder of its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from funcpipe_lint.cli import main

LEAKY = """\
async def rows(pool):
    async with pool.connect() as db:
        yield db


async def names(pool):
    async for row in rows(pool):
        yield row.name
"""


class Outcome(NamedTuple):
    """What a run of the command gave."""

    code: int
    out: str
    err: str


Command = Callable[..., Outcome]


@pytest.fixture
def command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Command:
    """Runs the command in a fresh folder, which holds leaky.py with one FP303 on line 7."""
    monkeypatch.chdir(tmp_path)
    Path("leaky.py").write_text(LEAKY, encoding="utf-8")

    def run(*arguments: str) -> Outcome:
        try:
            code = main(list(arguments))
        except SystemExit as leaving:
            code = int(leaving.code or 0)
        out, err = capsys.readouterr()
        return Outcome(code, out, err)

    return run
