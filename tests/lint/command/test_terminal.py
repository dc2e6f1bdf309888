"""What a person at a terminal sees while a run lasts, and of `--watch`: on a pseudo-terminal."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import takewhile
from pathlib import Path
from typing import IO

import pytest

from tests.lint.conftest import LEAKY, Command

pytestmark = pytest.mark.skipif(os.name == "nt", reason="pseudo-terminals")

# Progress shows at once, and at each file.
EAGER = """
import sys
from funcpipe_lint.cli import progress
progress._AFTER_SECONDS = progress._EVERY_SECONDS = 0
from funcpipe_lint.cli import main
sys.exit(main(sys.argv[1:]))
"""
ERASE = "\r\x1b[K"
CLEAR = "\x1b[H\x1b[2J"


class Terminal:
    """A process whose input and output are a terminal, and what has come out so far."""

    def __init__(self, *arguments: str, **environment: str) -> None:
        self._main, inner = os.openpty()
        wanted = {k: v for k, v in os.environ.items() if k != "CI"}
        wanted |= {"TERM": "xterm", "NO_COLOR": "1"}
        self._process = subprocess.Popen(
            [sys.executable, *arguments],
            stdin=inner,
            stdout=inner,
            stderr=inner,
            env=wanted | environment,
            start_new_session=True,
        )
        os.close(inner)
        self.pid = self._process.pid
        self.text = ""

    def until(self, said: str) -> str:
        """Waits for a text; returns, and takes away, what came up to its end."""
        while said not in self.text:
            assert self._read(), f"it ended without {said!r}: {self.text!r}"
        before, _, self.text = self.text.partition(said)
        return before + said

    def rest(self) -> str:
        """All that comes until the process ends."""
        while self._read():
            pass
        return self.text

    def _read(self) -> bool:
        ready, _, _ = select.select([self._main], [], [], 60)
        assert ready, f"nothing came for a minute: {self.text!r}"
        try:
            chunk = os.read(self._main, 4096)
        except OSError:  # how Linux says that the other side is closed
            return False
        self.text += chunk.decode().replace("\r\n", "\n")
        return bool(chunk)

    def interrupt(self) -> int:
        """What Ctrl-C does; returns the exit code."""
        os.killpg(self._process.pid, signal.SIGINT)
        self.rest()
        return self._process.wait()

    def close(self) -> None:
        """Ends it, however far it is."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        os.close(self._main)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A current folder with 30 files, one of which has a finding."""
    monkeypatch.chdir(tmp_path)
    for number in range(29):
        Path(f"m{number}.py").write_text("x = 1\n", encoding="utf-8")
    Path("leaky.py").write_text(LEAKY, encoding="utf-8")
    return tmp_path


@pytest.fixture
def watched(folder: Path) -> Iterator[Terminal]:
    """`check --watch .` on a terminal, after its first run."""
    terminal = Terminal("-m", "funcpipe_lint", "check", "--watch", ".")
    first = terminal.until("Watching 30 files; Ctrl-C ends it.\n")
    assert first.startswith(CLEAR)
    assert "leaky.py:7:5: FP303" in first
    yield terminal
    terminal.close()


@pytest.mark.parametrize("options", [[], ["--fix"], ["--no-cache"]])
def test_a_long_run_says_how_far_it_is(folder: Path, options: list[str]) -> None:
    """A line that counts up to all files, is erased, and leaves the report alone."""
    terminal = Terminal("-c", EAGER, "check", "--output-format", "concise", *options, ".")
    text = terminal.rest()
    terminal.close()
    assert f"{ERASE}checked 1 of 30 files{ERASE}checked 2 of 30 files" in text
    shown, _, report = text.rpartition(ERASE)
    assert shown.endswith("checked 30 of 30 files")
    assert report.startswith("leaky.py:7:5: ") or options == ["--fix"]
    assert "checked" not in report


@pytest.mark.parametrize("quiet", [["--quiet"], ["CI"], ["TERM"], ["--diff"]])
def test_when_nothing_is_counted(folder: Path, quiet: list[str]) -> None:
    """Not with --quiet, in a CI, on a dumb terminal, nor between the lines of --diff."""
    environment = {"CI": {"CI": "true"}, "TERM": {"TERM": "dumb"}}.get(quiet[0], {})
    options = [] if environment else quiet
    terminal = Terminal("-c", EAGER, "check", *options, ".", **environment)
    text = terminal.rest()
    terminal.close()
    assert "aclosing" in text
    assert "checked" not in text
    assert ERASE not in text


def test_nothing_is_counted_into_a_pipe(folder: Path) -> None:
    """A log holds the report and nothing else."""
    command = [sys.executable, "-c", EAGER, "check", "."]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert "checked" not in done.stdout


def test_watch_checks_what_changes(watched: Terminal) -> None:
    """A repaired file, a new one, one that goes, another configuration: each is a run, on a fresh
    screen."""
    leaky = Path("leaky.py")
    leaky.write_text("x = 1\n", encoding="utf-8")
    assert watched.until("Ctrl-C ends it.\n").startswith(f"{CLEAR}No violations in 30 files.")
    Path("new.py").write_text(LEAKY, encoding="utf-8")
    assert "new.py:7:5: FP303" in watched.until("Watching 31 files; Ctrl-C ends it.\n")
    Path("funcpipe-lint.toml").write_text('ignore = ["FP303"]\n', encoding="utf-8")
    assert "No violations in 31 files." in watched.until("Ctrl-C ends it.\n")
    Path("new.py").unlink()
    watched.until("Watching 30 files; Ctrl-C ends it.\n")


def test_watch_checks_what_depends_on_a_change(watched: Terminal) -> None:
    """A module that owns clean-up now, and then no more: its caller is reported, and then is not,
    though nobody touched it."""
    owning = LEAKY[: LEAKY.index("async def names")]
    loop = LEAKY[LEAKY.index("async def names") :]
    Path("leaky.py").write_text(f"from m0 import rows\n\n\n{loop}", encoding="utf-8")
    assert watched.until("Ctrl-C ends it.\n").startswith(f"{CLEAR}No violations in 30 files.")
    Path("m0.py").write_text(owning, encoding="utf-8")
    said = watched.until("Ctrl-C ends it.\n")
    assert "leaky.py:5:5: FP303" in said
    assert "m0.py:2" in said
    Path("m0.py").write_text(owning.replace("    async with", "    with"), encoding="utf-8")
    assert "No violations in 30 files." in watched.until("Ctrl-C ends it.\n")


def test_watch_outlives_a_wrong_configuration(watched: Terminal) -> None:
    """The error is shown, and the run after it is repaired comes by itself."""
    configuration = Path("funcpipe-lint.toml")
    configuration.write_text("ignore = [\n", encoding="utf-8")
    assert "is not valid TOML" in watched.until("Ctrl-C ends it.\n")
    configuration.write_text('ignore = ["FP303"]\n', encoding="utf-8")
    assert "No violations in 30 files." in watched.until("Ctrl-C ends it.\n")


def test_watch_ends_at_ctrl_c(watched: Terminal) -> None:
    """Exit code 0, and no traceback."""
    assert watched.interrupt() == 0
    assert watched.text.strip() == ""


@contextmanager
def watching(*options: str) -> Iterator[tuple[subprocess.Popen[str], IO[str], IO[str]]]:
    """`check --watch` of the current folder, into pipes: the process and what it writes."""
    process = subprocess.Popen(
        [sys.executable, "-m", "funcpipe_lint", "check", "--watch", *options, "."],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    with process.stdout, process.stderr:
        try:
            yield process, process.stdout, process.stderr
        finally:
            process.kill()
            process.wait()


def test_watch_into_a_pipe_clears_nothing(folder: Path) -> None:
    """Where there is no screen, each run says what has changed."""
    command = [sys.executable, "-m", "funcpipe_lint", "check", "--watch", "."]
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    lines = iter(process.stdout.readline, "")
    first = list(takewhile(lambda line: not line.startswith("Watching"), lines))
    assert "leaky.py:7:5: FP303" in first[0]
    Path("m3.py").write_text("y = 2\n", encoding="utf-8")
    assert next(line for line in lines if line.startswith("Changed")) == "Changed: m3.py\n"
    next(line for line in lines if line.startswith("Watching"))
    os.killpg(process.pid, signal.SIGINT)
    out, _ = process.communicate()
    assert "\x1b" not in "".join(first) + out
    assert process.returncode == 0


@pytest.mark.parametrize("form", ["json", "sarif", "concise"])
def test_watch_tells_programs_the_reports_alone(folder: Path, form: str) -> None:
    """The output holds one report after the other; what --watch itself says goes to people."""
    with watching("--output-format", form) as (process, _, err):
        lines = iter(err.readline, "")
        next(line for line in lines if line.startswith("Watching"))
        Path("m3.py").write_text("y = 2\n", encoding="utf-8")
        next(line for line in lines if line.startswith("Changed"))
        next(line for line in lines if line.startswith("Watching"))
        os.killpg(process.pid, signal.SIGINT)
        out, _ = process.communicate()
    once = subprocess.run(
        [sys.executable, "-m", "funcpipe_lint", "check", "--output-format", form, "."],
        capture_output=True,
        text=True,
        check=False,
    )
    assert out == 2 * once.stdout
    assert process.returncode == 0


def test_watch_ends_with_its_reader(folder: Path) -> None:
    """Nobody is left to read the reports: an editor that has gone leaves no process behind."""
    with watching("--output-format", "json") as (process, out, _):
        out.readline()
        out.close()
        Path("m3.py").write_text("y = 2\n", encoding="utf-8")
        assert process.wait(60) == 1


@pytest.mark.parametrize("option", [["--update-baseline"], ["--add-noqa", "why"]])
def test_watch_changes_no_records(command: Command, option: list[str]) -> None:
    """What is done once is not done at every change."""
    outcome = command("check", "--watch", *option, ".")
    assert (outcome.code, outcome.out) == (2, "")
    assert f"without {option[0]}" in outcome.err
