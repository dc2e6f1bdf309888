"""`check --since REV`: what a branch has changed, and no more; it says what it did not look at."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.lint.conftest import LEAKY, Command

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git")


def git(*arguments: str, folder: str = ".") -> str:
    """Runs git as somebody."""
    named = ["-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "init.defaultBranch=main"]
    done = subprocess.run(
        ["git", *named, *arguments], cwd=folder, check=True, capture_output=True, text=True
    )
    return done.stdout


@pytest.fixture
def branch(command: Command) -> Command:
    """A branch with a committed, a changed, a staged, a moved and a new file with a leak each; the
    branch that it left has gone on, and changed one too."""
    Path(".gitignore").write_text(".funcpipe_cache\nignored.py\n", encoding="utf-8")
    for name in ("committed.py", "changed.py", "staged.py", "theirs.py", "gone.py", "moved.py"):
        Path(name).write_text("x = 1\n" if name != "moved.py" else LEAKY, encoding="utf-8")
    Path("theirs.py").write_text(LEAKY, encoding="utf-8")
    git("init", "-q")
    git("add", ".")
    git("commit", "-q", "-m", "all")
    git("checkout", "-q", "-b", "ours")
    Path("committed.py").write_text(LEAKY, encoding="utf-8")
    git("rm", "-q", "gone.py")
    git("mv", "moved.py", "here.py")
    git("commit", "-q", "-a", "-m", "ours")
    git("checkout", "-q", "main")
    Path("theirs.py").write_text(LEAKY + "\n", encoding="utf-8")
    git("commit", "-q", "-a", "-m", "theirs")
    git("checkout", "-q", "ours")
    Path("changed.py").write_text(LEAKY, encoding="utf-8")
    Path("staged.py").write_text(LEAKY, encoding="utf-8")
    git("add", "staged.py")
    for name in ("new ünï.py", "ignored.py"):
        Path(name).write_text(LEAKY, encoding="utf-8")
    return command


def test_what_a_branch_has_changed(branch: Command) -> None:
    """Committed or not, staged or not, new or moved; not what the other branch has changed since,
    what is gone, or what git ignores."""
    done = branch("check", "--since", "main", "--output-format", "concise", ".")
    assert done.code == 1
    found = sorted(line.split(":")[0] for line in done.out.splitlines())
    assert found == ["changed.py", "committed.py", "here.py", "new ünï.py", "staged.py"]


def test_it_says_what_it_left_out(branch: Command) -> None:
    """How many files, and since when."""
    done = branch("check", "--since", "main", ".")
    assert done.out.endswith("\nNot checked: 2 files without changes since main.\n")


def test_below_a_folder(branch: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """Paths are those of the current folder, wherever the work tree begins; other options hold."""
    Path("sub").mkdir()
    Path("sub/m.py").write_text(LEAKY, encoding="utf-8")
    monkeypatch.chdir("sub")
    done = branch("check", "--since", "main", "--output-format", "concise", ".")
    assert [line.split(":")[0] for line in done.out.splitlines()] == ["m.py"]
    assert branch("check", "--since", "main", "--ignore", "FP303", "..").code == 0


@pytest.mark.parametrize(
    ("revision", "said"),
    [("nowhere", "Not a valid object name nowhere"), ("--output=x", "is no revision")],
)
def test_no_revision(branch: Command, revision: str, said: str) -> None:
    """One line, exit 2; an option of git is none."""
    done = branch("check", f"--since={revision}", ".")
    assert (done.code, done.out) == (2, "")
    assert said in done.err
    assert not Path("x").exists()


def test_no_work_tree(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line, exit 2, with what git says of it; also where there is no git."""
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(Path.cwd().parent))
    assert "not a git repository" in command("check", "--since", "main").err
    monkeypatch.setenv("PATH", "")
    assert command("check", "--since", "main").err.startswith(
        "funcpipe-lint: --since main: needs git"
    )


def test_branches_without_a_common_commit(branch: Command) -> None:
    """It is said, with what to do about it in a CI."""
    git("checkout", "-q", "--orphan", "other")
    git("commit", "-q", "-m", "other")
    done = branch("check", "--since", "main", ".")
    assert done.code == 2
    assert "it has no commit in common with HEAD" in done.err


def test_a_repository_names_no_program(branch: Command) -> None:
    """What its own configuration wants to be run when files are listed is not."""
    script = Path("watch.sh").absolute()
    script.write_text(f"#!/bin/sh\ntouch {script.parent}/run\n", encoding="utf-8")
    script.chmod(0o755)
    git("config", "core.fsmonitor", str(script))
    assert branch("check", "--since", "main", ".").code == 1
    assert branch("check", ".").code == 1
    assert not Path("run").exists()


@pytest.mark.parametrize(
    "arguments", [["--update-baseline", "--baseline", "old.json"], ["--stdin-filename", "m.py"]]
)
def test_what_does_not_go_with_it(branch: Command, arguments: list[str]) -> None:
    """A part of the files is no base of anything."""
    done = branch("check", "--since", "main", *arguments)
    assert done.code == 2
    assert f"without {'--since' if 'm.py' in arguments else arguments[0]}" in done.err
