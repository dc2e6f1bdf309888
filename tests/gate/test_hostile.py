"""What a stranger may put into a project that the gate is run on: nothing of it ends a run, reaches
a terminal raw, or is run because it is there."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from docs.studies.hostile import CONFIGURATIONS, HIDDEN

from .projects import LEAKING, gate, project

pytestmark = pytest.mark.skipif(os.name == "nt", reason="names that may hold anything")
PERSONS = ("text", "agent", "markdown", "html", "github")
PROGRAMS = ("json", "sarif", "junit")
TABLES = {
    "tool is a number": "tool = 1\n#[tool.funcpipe]",
    "NUL in a report": '[tool.funcpipe]\nreports = ["a\\u0000.json"]',
    "NUL in a module": '[tool.funcpipe]\nlaws = ["a\\u0000"]',
    "NUL in a command": '[tool.funcpipe]\ntests = "a\\u0000"',
    "endless time": f"[tool.funcpipe]\ntimeout = {'9' * 400}",
    "more digits than Python writes": f"[tool.funcpipe]\ntimeout = 0x{'f' * 9_000}",
}
READ = (
    *("deep arrays", "deep inline tables", "a huge integer", "a key of a million parts"),
    *("no UTF-8", "NUL in another", "3 MB"),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose names and lines hold what a terminal or a CI service would obey."""
    folder = project(tmp_path_factory.mktemp("hostile"))
    for number, raw in enumerate(HIDDEN):
        text = LEAKING.replace("in rows(path)", f"in rows(path, '{raw}')")
        (folder / f"{number}{raw}.py").write_text(text, encoding="utf-8", newline="")
        (folder / f"bad{number}{raw}.py").write_text("def f(:\n", encoding="utf-8")
    for name in ("::warning::x.py", "z ::error::z.py", "w\n::error::w.py"):
        (folder / name).write_text(LEAKING, encoding="utf-8")
    (folder / "::error::y.py").write_text("def f(:\n", encoding="utf-8")
    picture = folder / "![x](http:"
    picture.mkdir()
    (picture / "a.b)<img src=x>.py").write_text(LEAKING, encoding="utf-8")
    (folder / os.fsdecode(b"\xff.py")).write_text(LEAKING, encoding="utf-8")
    return folder


@pytest.mark.parametrize("form", [*PERSONS, *PROGRAMS])
def test_nothing_reaches_a_terminal_raw(folder: Path, form: str) -> None:
    """Names, source lines in patches, errors and progress: in every format that is printed."""
    words = ("check", "--only", "lint", "--output-format", form)
    done = gate(folder, *words, PYTHONIOENCODING="utf-8")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    for raw in HIDDEN:
        assert (form in PROGRAMS and "##" in raw) or raw not in done.stdout
        assert raw not in done.stderr
    assert done.stdout.replace("\n", "").isprintable()
    if form in PERSONS:
        lines = [*done.stdout.splitlines(), *done.stderr.splitlines()]
        commands = [line for line in lines if line.lstrip().startswith("::")]
        assert all(line.startswith(("::error title=", "::warning title=")) for line in commands)
        assert bool(commands) is (form == "github")


def test_every_report_is_written(folder: Path, tmp_path: Path) -> None:
    """With a name that is no UTF-8, too; and the summary of a job shows no picture."""
    endings = (".json", ".sarif", ".xml", ".md", ".html", ".txt")
    reports = [f"--report={tmp_path / f'r{ending}'}" for ending in endings]
    summary = str(tmp_path / "summary.md")
    done = gate(folder, "check", "--only", "lint", *reports, GITHUB_STEP_SUMMARY=summary)
    assert done.returncode == 2
    assert {path.name for path in tmp_path.iterdir()} == {f"r{e}" for e in endings} | {"summary.md"}
    paths = [
        found["place"]["path"]
        for stage in json.loads((tmp_path / "r.json").read_text("utf-8"))["stages"]
        for found in stage["findings"]
    ]
    assert os.fsdecode(b"\xff.py") in paths
    fenced = False
    for line in (tmp_path / "summary.md").read_text("utf-8").splitlines():
        fenced ^= line.lstrip().startswith("```")
        assert fenced or ("![" not in line and "<img" not in line)


@pytest.mark.parametrize("name", [*TABLES, *READ])
def test_configurations_that_cannot_be_read(tmp_path: Path, name: str) -> None:
    """One line, and exit code 2."""
    text = TABLES.get(name) or f"[tool.funcpipe]\n{CONFIGURATIONS[name]}"
    raw = text.encode("utf-8", "surrogateescape")
    (tmp_path / "pyproject.toml").write_bytes(raw + b"\n")
    done = gate(tmp_path, "check", "-q", "--only", "lint")
    assert (done.returncode, done.stdout) == (2, "")
    [line] = done.stderr.splitlines()
    assert line.startswith("funcpipe: ")
    assert len(line) < 500


@pytest.mark.parametrize("name", ["/dev/zero", "pipe", "."])
def test_configurations_that_are_no_files(tmp_path: Path, name: str) -> None:
    """None is waited for, nor read until the memory is full; nor is a file of known leaks."""
    os.mkfifo(tmp_path / "pipe")
    done = gate(tmp_path, "check", "--config", name)
    assert done.returncode == 2
    assert done.stderr.endswith(": cannot be read: it is no regular file\n")
    project(tmp_path, f'tests = "pytest"\nknown-leaks = "{name}"')
    done = gate(tmp_path, "check", "-q", "--only", "leaks")
    assert done.returncode == 2
    assert "it is no regular file" in " ".join(done.stdout.split())


@pytest.mark.skipif(getattr(os, "geteuid", int)() != 0, reason="gives a file away")
@pytest.mark.parametrize("place", [".", "below"])
def test_the_configuration_of_another_user_runs_nothing(tmp_path: Path, place: str) -> None:
    """In the current folder and above it; named, it does what it says."""
    mark = tmp_path / "run"
    file = tmp_path / "funcpipe.toml"
    file.write_text(f'tests = "touch {mark}"\n')
    os.chown(file, 12345, 12345)
    (tmp_path / "below").mkdir()
    done = gate(tmp_path / place, "check")
    assert done.returncode == 2
    assert "belongs to another user" in done.stderr
    assert not mark.exists()
    gate(tmp_path / place, "check", "--config", str(file))
    assert mark.exists()
