"""Each kind of leak: wrong programs are found, right ones are silent, on every Python there is."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from funcpipe_laws.leaks.model import LEVELS

ROOT = Path(__file__).parents[2]
PROGRAMS = Path(__file__).with_name("programs.py")
VERSIONS = ("3.11", "3.12", "3.13", "3.14", "3.15")


def interpreters() -> dict[str, Path]:
    """One CPython a version: this one, those on the path, pyenv's, and some in /opt."""
    found = {f"{sys.version_info[0]}.{sys.version_info[1]}": Path(sys.executable)}
    folders = [Path(one) for one in os.environ.get("PATH", "").split(os.pathsep) if one]
    folders += sorted(Path("~/.pyenv/versions").expanduser().glob("*/bin"), reverse=True)
    folders += sorted(Path("/opt").glob("py*/usr/bin"))
    for version in VERSIONS:
        for folder in folders:
            program = folder / f"python{version}"
            # A shim is a script that may refuse.
            if version not in found and program.is_file() and not _is_script(program):
                found[version] = program
    return found


def _is_script(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) == b"#!"


INTERPRETERS = interpreters()
PYPY = [*sorted(Path("/opt").glob("pypy*/usr/bin/pypy3.11"))]
PYPY += [Path(one) for one in [shutil.which("pypy3.11")] if one]


def run(python: Path, *options: str) -> dict[str, Any]:
    """What each program leaves, under one Python."""
    done = subprocess.run(
        [python, *options, PROGRAMS],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


@pytest.mark.parametrize("version", VERSIONS)
def test_wrong_programs_are_found_and_right_ones_silent(version: str) -> None:
    """Exactly what each program leaves, nothing else; all hooks are as they were found."""
    if version not in INTERPRETERS:
        pytest.skip(f"there is no Python {version} here")
    answer = run(INTERPRETERS[version])
    wrong = {
        name: one
        for name, one in answer.items()
        if one["found"] != one["expected"] or one["errors"]
    }
    assert wrong == {}
    assert len(answer) > 50


# As PyPy is: its bytecode has other names, its collector no callbacks; nothing shows single pulls.
_ANOTHER_INTERPRETER = """
import dis, gc, runpy, sys

sys.implementation.name = "pypy"
dis.opmap = {k: v for k, v in dis.opmap.items() if k not in ("CACHE", "PUSH_EXC_INFO")}
del gc.callbacks
if hasattr(sys, "monitoring"):
    del sys.monitoring
runpy.run_path(sys.argv[1], run_name="__main__")
"""
_NOT_KNOWN = {"suspended", "scope-across-yield", "never-awaited"}
"""Kinds that need CPython's bytecode, or a hook that only it calls."""


def test_another_interpreter_says_less_and_nothing_false() -> None:
    """Streams left open are notes; tasks, exceptions and errors of closing are found as ever."""
    answer = run(Path(sys.executable), "-c", _ANOTHER_INTERPRETER)
    assert _said_elsewhere(answer) == {}
    assert answer["break_out_of_finally"]["found"] == ["idle"]


@pytest.mark.skipif(not PYPY, reason="there is no PyPy here")
def test_pypy_says_less_and_nothing_false() -> None:
    """The same on the interpreter itself."""
    assert _said_elsewhere(run(PYPY[0])) == {}


def _said_elsewhere(answer: dict[str, Any]) -> dict[str, Any]:
    """The programs of which something false is said, or not what can be known there."""
    return {
        name: one
        for name, one in answer.items()
        if one["errors"]
        or set(one["found"]) - set(one["expected"]) - {"idle"}
        or set(one["expected"]) - set(one["found"]) - _NOT_KNOWN - {"idle"}
        or ("suspended" in one["expected"] and "idle" not in one["found"])
    }


def test_each_kind_has_a_wrong_program_and_there_are_right_ones() -> None:
    """A kind without a program that is caught would prove nothing."""
    text = PROGRAMS.read_text("utf-8")
    named = {
        kind
        for line in re.findall(r"@leaves\((.*)\)", text)
        for kind in re.findall(r'"([a-z-]+)"', line)
    }
    assert named == set(LEVELS)
    assert text.count("@leaves()") >= 15
