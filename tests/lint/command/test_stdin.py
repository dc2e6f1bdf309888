"""`check --stdin-filename`: what an editor holds, as the content of a path."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

from tests.lint.conftest import LEAKY, Command


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """LEAKY, two lines further down, on standard input."""
    raw = b"\n\n" + LEAKY.encode()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw)))
    return monkeypatch


@pytest.mark.parametrize("paths", [[], ["-"]])
@pytest.mark.parametrize("name", ["leaky.py", "new/other.py"])
def test_the_input_is_checked_not_the_file(
    command: Command, given: pytest.MonkeyPatch, paths: list[str], name: str
) -> None:
    """Under a path that need not exist; the lines shown are the input's, and nothing is written."""
    done = command("check", "--stdin-filename", name, *paths)
    assert done.code == 1
    assert done.out.startswith(f"{name}:9:5: FP303 ")
    assert "9 |     async for row in rows(pool):" in done.out
    assert [path.name for path in Path().iterdir()] == ["leaky.py"]
    assert Path("leaky.py").read_text(encoding="utf-8") == LEAKY


@pytest.mark.parametrize(
    "section",
    [
        'ignore = ["FP303"]',
        'per-file-ignores = { "new/*" = ["FP303"] }',
        'baseline = "old.json"',
    ],
)
def test_what_holds_for_the_path_holds(
    command: Command, given: pytest.MonkeyPatch, section: str
) -> None:
    """The nearest configuration, what it ignores in that file; the current folder's baseline."""
    Path("new").mkdir()
    Path("new/m.py").write_text(LEAKY, encoding="utf-8")
    record = ("check", "--baseline", "old.json", "--update-baseline", "new")
    assert command(*record).code == 0
    folder = "" if section.startswith("baseline") else "new/"
    Path(f"{folder}funcpipe-lint.toml").write_text(section.replace("new/*", "*"), encoding="utf-8")
    assert command("check", "--stdin-filename", "new/m.py").code == 0


def test_a_path_that_is_left_out(command: Command, given: pytest.MonkeyPatch) -> None:
    """An editor asks for every file that it shows: --force-exclude answers as a search would."""
    arguments = ("check", "--stdin-filename", "build/m.py", "--output-format", "json")
    assert json.loads(command(*arguments, "--force-exclude").out)["files"] == 0


def test_input_that_is_no_python(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is reported as a file would be."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"def f(:\n")))
    done = command("check", "--stdin-filename", "m.py")
    assert (done.code, done.err) == (2, "m.py:1:7: FP002 is not valid Python: invalid syntax\n")


def test_no_input(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """A closed input is an empty file."""
    monkeypatch.setattr(sys, "stdin", None)
    assert command("check", "--stdin-filename", "m.py").code == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["-"], "standard input needs a name: --stdin-filename PATH"),
        (["--stdin-filename", "m.py", "src"], "--stdin-filename m.py takes the place of src"),
        (["--stdin-filename", "m.py", "--fix"], "--stdin-filename writes nothing: without --fix"),
        (["--stdin-filename", "m.py", "--add-noqa", "x"], "without --add-noqa"),
        (["--stdin-filename", "m.py", "--watch"], "there is no file to watch"),
    ],
)
def test_what_does_not_go_with_it(
    command: Command, given: pytest.MonkeyPatch, arguments: list[str], said: str
) -> None:
    """One line, exit 2, nothing checked."""
    done = command("check", *arguments)
    assert (done.code, done.out) == (2, "")
    assert said in done.err
