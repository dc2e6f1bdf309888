"""The `funcpipe-lint` command, run in a folder of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from funcpipe_lint.cli import main

KEY = bytes(32)
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


@pytest.fixture(scope="session", autouse=True)
def user_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A user's cache folder for the tests alone, with a key that they know."""
    above = tmp_path_factory.mktemp("user_cache")
    (above / "funcpipe-lint").mkdir(mode=0o700)
    file = above / "funcpipe-lint" / "key"
    file.touch(mode=0o600)
    file.write_bytes(KEY)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(above))
        yield


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
