"""A configuration that cannot be used stops its own folder, not the run."""

from __future__ import annotations

from pathlib import Path

import pytest

from funcpipe_lint.check.runs.run import check
from tests.lint.conftest import LEAKY, Command

from .test_configuration import configure

BAD = {
    'selct = ["FP303"]': "unknown key 'selct'; did you mean 'select'?",
    'select = ["FP33"]': "unknown rule 'FP33'; did you mean 'FP313'?",
    "select = [": "is not valid TOML",
    'extend = "none.toml"': "none.toml, which is no file",
}
# What is wrong only where it counts: in the folder that the run starts in.
BAD_HERE = {**BAD, 'plugins = ["nowhere.rules"]': "plugin 'nowhere.rules' is not found"}


def folders(*names: str) -> None:
    """Folders with a leaky file each."""
    for name in names:
        Path(name).mkdir(parents=True)
        Path(name, "leaky.py").write_text(LEAKY, encoding="utf-8")


@pytest.mark.parametrize("text", BAD)
def test_the_rest_is_checked(command: Command, text: str) -> None:
    """The folder is FP002, with file, key and way out; the exit code is 2."""
    folders("good", "bad/deep", "bad/own")
    configure(text, "bad")
    configure("", "bad/own")
    done = command("check", "--output-format", "concise", ".")
    assert done.code == 2
    places = [line.split(":")[0] for line in done.out.splitlines()]
    assert places == ["good/leaky.py", "leaky.py"]
    (line,) = done.err.splitlines()
    file = Path("bad/pyproject.toml").resolve()
    assert line.startswith("bad:1:1: FP002 nothing in it was checked: ")
    assert str(file) in line
    assert BAD[text] in line


def test_a_named_file_below_it(command: Command) -> None:
    """It is the file that was not checked; the others are."""
    folders("bad")
    configure('selct = ["FP303"]', "bad")
    done = command("check", "bad/leaky.py", "leaky.py")
    assert done.code == 2
    assert "leaky.py:7:5: FP303" in done.out
    assert done.err.startswith("bad/leaky.py:1:1: FP002 was not checked: ")


@pytest.mark.parametrize("text", BAD_HERE)
def test_the_current_folders_stops_the_run(command: Command, text: str) -> None:
    """One line, before anything is checked: most of what would be said would be wrong."""
    folders("good")
    configure(text)
    configure("", "good")
    done = command("check", "good")
    assert (done.code, done.out) == (2, "")
    (line,) = done.err.splitlines()
    assert "pyproject.toml: " in line
    assert "FP002" not in line


def test_the_command_line_stops_the_run(command: Command) -> None:
    """An unknown rule there is unknown everywhere."""
    folders("good")
    done = command("check", "--select", "FP33", ".")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("funcpipe-lint: the command line: unknown rule 'FP33'")


def test_a_baseline_of_one_folder(command: Command) -> None:
    """One that it takes over from the current folder's file and that cannot be read is FP002, and
    what it may hold is reported."""
    folders("old")
    configure('baseline = "old.json"')
    assert command("check", "--update-baseline", ".").code == 0
    configure('extend = "../pyproject.toml"', "old")
    done = command("check", "--output-format", "concise", ".")
    assert done.code == 2
    assert [line.split(":")[0] for line in done.out.splitlines()] == ["old/leaky.py"]
    assert "old/old.json:1:1: FP002 " in done.err
    assert "record the violations of today with --update-baseline" in done.err


def test_from_python(command: Command) -> None:
    """`check` gives it among the crashes, and raises nothing."""
    folders("bad")
    configure('selct = ["FP303"]', "bad")
    run = check(["."])
    assert [crash.path for crash in run.crashes] == ["bad"]
    assert [violation.path for violation in run.violations] == ["leaky.py"]
