"""What a run imports: a commit hook's usual run must start at once."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.lint.conftest import LEAKY

# Each costs a run of a few files between a tenth and ten times its time.
HEAVY = {
    "ast",
    "concurrent.futures",
    "dataclasses",
    "hashlib",
    "inspect",
    "json",
    "libcst",
    "multiprocessing",
    "pathlib",
    "shutil",
    "sqlite3",
    "subprocess",
    "tokenize",
    "tomllib",
    "urllib",
}
SCRIPT = """
import argparse, sys, typing
# What Python's own parts bring: since 3.14 these import ast and dataclasses.
class Pair(typing.NamedTuple):
    left: int
argparse.ArgumentParser().add_subparsers()
before = set(sys.modules)
from funcpipe_lint.cli import main
code = main(sys.argv[1:])
print(*(set(sys.modules) - before), file=sys.stderr)
sys.exit(code)
"""


def imported(*arguments: str) -> set[str]:
    """The modules that `check` imports, by name, which a bare interpreter has not."""
    # -I -S: nothing of the environment stands in for what the run itself needs.
    paths = [path for path in sys.path if path]
    script = f"import sys; sys.path[:] = {paths!r}\n{SCRIPT}"
    command = [sys.executable, "-I", "-S", "-c", script, "check", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stderr
    return set(done.stderr.split())


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A current folder with files without streams, and another tool's configuration."""
    monkeypatch.chdir(tmp_path)
    for number in range(5):
        Path(f"m{number}.py").write_text("async def f():\n    return 1\n", encoding="utf-8")
    Path("pyproject.toml").write_text("[tool.other]\n", encoding="utf-8")
    return tmp_path


def test_a_hooks_usual_run_imports_little(folder: Path) -> None:
    """A few files without streams, and a configuration that is not ours: nothing that is slow."""
    names = [f"m{number}.py" for number in range(5)]
    for arguments in (names, ["--quiet", *names], ["--output-format", "concise", *names]):
        modules = imported(*arguments)
        assert "funcpipe_lint.check.single" in modules
        assert modules & HEAVY == set()


def test_a_warm_run_imports_no_parser(folder: Path) -> None:
    """Where nothing has changed, neither libcst nor the rules, nor ast, are loaded."""
    for number in range(30):
        Path(f"s{number}.py").write_text(LEAKY, encoding="utf-8")
    assert "libcst" in imported(".")
    modules = imported(".")
    assert "sqlite3" in modules
    assert not {"libcst", "ast", "funcpipe_lint.check.engine", "concurrent.futures"} & modules


def test_importing_the_package_imports_nothing(folder: Path) -> None:
    """flake8 loads it for everyone."""
    command = [sys.executable, "-X", "importtime", "-c", "import funcpipe_lint"]
    done = subprocess.run(
        command, capture_output=True, text=True, check=True, env={**os.environ, "NO_COLOR": "1"}
    )
    modules = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert {name for name in modules if name.startswith("funcpipe_lint")} == {"funcpipe_lint"}
