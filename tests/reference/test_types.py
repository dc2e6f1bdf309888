"""What type checkers make of the combinators: the types of right programs, and wrong programs."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import funcpipe_streams

ROOT = Path(__file__).parent.parent.parent
RIGHT = Path(__file__).parent / "typed_right.py"
WRONG = Path(__file__).parent / "typed_wrong.py"
CHECKERS = ["mypy", pytest.param("pyright", marks=pytest.mark.registry)]
COMMANDS = {
    "mypy": ["mypy", "--strict", "--no-error-summary", "--no-incremental", "--show-error-codes"],
    "pyright": ["pyright", "--level", "error", "--pythonpath", sys.executable],
}


def complaints(checker: str, *files: Path) -> dict[int, str]:
    """The errors that a type checker reports, by line."""
    done = subprocess.run(
        [sys.executable, "-m", *COMMANDS[checker], *map(str, files)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    found = {}
    for line in done.stdout.splitlines():
        if ": error: " in line or " - error: " in line:
            position, _, message = line.partition("error: ")
            number = position.partition(".py:")[2].partition(":")[0]
            found[int(number)] = message
    assert found or done.returncode == 0, done.stdout + done.stderr
    return found


# Types, and what returns nothing whose type could be asserted.
ELSEWHERE = {"AsyncGen", "AsyncPlan", "IOGen", "Result", "TimeoutPolicy", "RateLimit"}
BLOCKS = {"assert_never", "closing_stream", "for_each"}


def names(node: ast.AST) -> set[str]:
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}


def test_every_public_name_has_its_type_asserted() -> None:
    """No function is missing in the calls of `assert_type`, and no other name in the file."""
    tree = ast.parse(RIGHT.read_text(encoding="utf-8"))
    asserted: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and names(node.func) == {"assert_type"}:
            asserted |= names(node.args[0])
    public = set(funcpipe_streams.__all__)
    assert public - asserted - ELSEWHERE - BLOCKS == set()
    assert public - names(tree) == set()


@pytest.mark.parametrize("checker", CHECKERS)
def test_right_programs_have_the_types_they_claim(checker: str) -> None:
    """Every `assert_type` holds."""
    assert complaints(checker, RIGHT) == {}


@pytest.mark.parametrize("checker", CHECKERS)
def test_wrong_programs_are_rejected(checker: str) -> None:
    """Each line marked `# wrong`, and no other."""
    lines = WRONG.read_text(encoding="utf-8").splitlines()
    marked = {number for number, line in enumerate(lines, 1) if "  # wrong" in line}
    found = complaints(checker, WRONG)
    assert {lines[n - 1].strip(): m for n, m in found.items() if n not in marked} == {}
    assert marked - set(found) == set()
