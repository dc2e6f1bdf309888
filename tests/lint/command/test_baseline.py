"""Old violations recorded, new ones reported."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.lint.conftest import LEAKY, Command

AGAIN = LEAKY[LEAKY.index("async def names") :].replace("names", "others")


def record(command: Command, *arguments: str) -> Any:
    """Updates old.json and gives what it holds."""
    assert command("check", "--baseline", "old.json", "--update-baseline", *arguments).code == 0
    return json.loads(Path("old.json").read_text(encoding="utf-8"))["violations"]


def write(name: str, text: str) -> None:
    """A source file."""
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).write_text(text, encoding="utf-8")


def test_recorded_violations_are_silent(command: Command) -> None:
    """After recording, the same code passes, and the report says what was kept back."""
    held = record(command, ".")
    entry = {"code": "FP303", "line": "async for row in rows(pool):", "count": 1}
    assert held == {"leaky.py": [entry]}
    done = command("check", "--baseline", "old.json", ".")
    assert done.code == 0
    assert "1 more in the baseline" in done.out


def test_moved_code_stays_matched(command: Command) -> None:
    """Lines above, another indentation and another place in the file change nothing."""
    record(command, ".")
    write("leaky.py", "import os\n\n\n\n" + LEAKY.replace("    ", "  "))
    assert command("check", "--baseline", "old.json", ".").code == 0


def test_a_new_violation_is_reported(command: Command) -> None:
    """One more on a line with the same text is one more than was recorded."""
    record(command, ".")
    write("leaky.py", LEAKY + "\n\n" + AGAIN)
    done = command("check", "--baseline", "old.json", "--output-format", "concise", ".")
    assert done.code == 1
    assert done.out.startswith("leaky.py:12:5: FP303")
    assert len(done.out.splitlines()) == 1


def test_the_same_line_in_another_file_is_new(command: Command) -> None:
    """The path is part of a record."""
    record(command, ".")
    write("copy.py", LEAKY)
    assert command("check", "--baseline", "old.json", "copy.py").code == 1


def test_a_mended_violation_leaves(command: Command) -> None:
    """A check says that it is mended; updating takes it out, and it cannot come back unseen."""
    record(command, ".")
    write("leaky.py", "x = 1\n")
    done = command("check", "--baseline", "old.json", ".")
    assert done.code == 0
    assert "1 recorded in the baseline is mended" in done.out
    assert record(command, ".") == {}
    write("leaky.py", LEAKY)
    assert command("check", "--baseline", "old.json", ".").code == 1


def test_updating_a_part_keeps_the_rest(command: Command) -> None:
    """Files and rules that a run did not look at keep their records; deleted files lose them to a
    run over their folder."""
    write("pkg/other.py", LEAKY)
    write("gone.py", LEAKY)
    assert set(record(command, ".")) == {"leaky.py", "pkg/other.py", "gone.py"}
    Path("gone.py").unlink()
    write("leaky.py", "x = 1\n")
    assert set(record(command, "leaky.py")) == {"pkg/other.py", "gone.py"}
    assert set(record(command, "--select", "FP504", ".")) == {"pkg/other.py", "gone.py"}
    assert set(record(command, ".")) == {"pkg/other.py"}


def test_paths_count_from_the_baseline_file(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same baseline holds wherever the command is run from."""
    write("pkg/other.py", LEAKY)
    record(command, ".")
    monkeypatch.chdir("pkg")
    assert command("check", "--baseline", "../old.json", "other.py").code == 0


def test_the_configuration_names_the_baseline(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`baseline` counts from the configuration's folder, for every check that begins there, or
    that --config sends there."""
    write("pyproject.toml", '[tool.funcpipe-lint]\nbaseline = "old.json"\n')
    assert command("check", "--update-baseline", ".").code == 0
    assert command("check", ".").code == 0
    Path("sub").mkdir()
    monkeypatch.chdir("sub")
    assert command("check", "--config", "../pyproject.toml", "../leaky.py").code == 0


def test_machine_formats_leave_recorded_ones_out(command: Command) -> None:
    """A code-scanning service gets new findings only."""
    record(command, ".")
    done = command("check", "--baseline", "old.json", "--output-format", "json", ".")
    assert json.loads(done.out)["violations"] == []


def test_a_file_that_cannot_be_checked_still_fails(command: Command) -> None:
    """A baseline records violations, never what could not be read; its records are kept."""
    record(command, ".")
    write("leaky.py", "def f(:\n")
    assert command("check", "--baseline", "old.json", ".").code == 2
    assert command("check", "--baseline", "old.json", "--update-baseline", ".").code == 2
    assert "leaky.py" in Path("old.json").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "does not exist; record"),
        ("{", "is no baseline"),
        ("[]", "is no baseline"),
        ('{"version": 9, "violations": {}}', "version 9, not 1; delete it"),
        ('{"version": 1, "violations": {"a.py": [{"code": "FP303"}]}}', "is no baseline"),
    ],
)
def test_a_bad_baseline_is_named(command: Command, content: str | None, said: str) -> None:
    """One line with the file and the way out, exit code 2."""
    if content is not None:
        write("old.json", content)
    done = command("check", "--baseline", "old.json", ".")
    assert done.code == 2
    assert said in done.err
    assert "old.json" in done.err
    assert len(done.err.splitlines()) == 1


@pytest.mark.parametrize("content", ["<<<<<<< ours\n", '{"version": 9, "violations": {}}'])
def test_a_bad_baseline_is_not_overwritten(command: Command, content: str) -> None:
    """It may be another file, or a merge's: recording says to delete it, and leaves it as it is."""
    write("old.json", content)
    done = command("check", "--baseline", "old.json", "--update-baseline", ".")
    assert done.code == 2
    assert "delete it" in done.err
    assert Path("old.json").read_text(encoding="utf-8") == content


def test_update_without_a_file_says_how(command: Command) -> None:
    """There is no name that would be right for everyone."""
    done = command("check", "--update-baseline", ".")
    assert done.code == 2
    assert "--baseline FILE" in done.err


@pytest.mark.parametrize("form", ["text", "json"])
def test_stale_entries_fail_on_request(command: Command, form: str) -> None:
    """`--error-stale`: exit 1 and a line that says how to mend it, in every format; without
    anything stale, 0."""
    record(command, ".")
    arguments = ("check", "--baseline", "old.json", "--error-stale", "--output-format", form, ".")
    assert command(*arguments).code == 0
    write("leaky.py", "x = 1\n")
    done = command(*arguments)
    assert done.code == 1
    assert done.err == (
        "funcpipe-lint: 1 recorded violation of the baseline: mended; take out with"
        " --update-baseline\n"
    )
    assert command(*(a for a in arguments if a != "--error-stale")).code == 0
