"""No input hangs the linter: what grew faster than the text, run through the command."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROWS = "async def rows(p):\n    async with p as c:\n        yield c\n\n\n"
LEAK = "async def leak(p):\n    async for r in rows(p):\n        yield r\n"
# Each is checked in well under a second. Where a pattern has two ways to read what is repeated, it
# takes longer than there is time.
INPUTS: dict[str, str] = {
    "a banner behind a word that ends in `in`": ROWS
    + LEAK.replace("    async for", f"    # begin {'#' * 60}\n    async for"),
    "escaped line ends behind `async`": f"{ROWS}{LEAK}\nTEXT = '''async{chr(92)}\n"
    + "\\\n" * 60
    + "'''\n",
    "`in` before suppressions": f"{ROWS}{LEAK}# in {'# noqa: async with ' * 60}\n",
    "`async` many times in a comment": f"{ROWS}{LEAK}# {'async #' * 16_000}\n",
    "`async` in many comments": ROWS + "# async # x\n" * 8_000 + LEAK,
    "many suppressions that silence nothing": ROWS + LEAK + "x = 1  # noqa: FP303\n" * 8_000,
    "many loops in one function": ROWS + LEAK + LEAK.partition("\n")[2] * 800,
    "comments between `in` and `self`": f"{ROWS}{LEAK}# in {'# self' * 60}\n",
}


@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize("name", INPUTS)
def test_no_text_hangs_the_linter(name: str, end: str, tmp_path: Path) -> None:
    """What made a pattern read on and on is checked in a moment, and its leak is found."""
    path = tmp_path / "m.py"
    path.write_bytes(INPUTS[name].replace("\n", end).encode())
    command = [sys.executable, "-m", "funcpipe_lint", "check", "--isolated", "--no-cache"]
    done = subprocess.run(
        [*command, "--profile=strict", "--output-format=concise", str(path)],
        timeout=60,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert "FP303" in done.stdout


SLOW = '''
from collections.abc import Iterator

import libcst as cst

from funcpipe_lint.rule import Context, Finding, Rule


class Slow(Rule):
    """Takes for ever over one function, and takes every error for its own."""

    code, name, summary = "SLO101", "slow", "slow"
    visits = (cst.FunctionDef,)

    def check(self, node, ctx):
        while node.name.value == "slow":
            try:
                sum(range(1000))
            except Exception:
                pass
        return ()
'''


@pytest.mark.parametrize("filler", ["", "x = 1\n" * 200_000], ids=["small", "large"])
def test_a_file_that_takes_too_long_is_given_up(filler: str, tmp_path: Path) -> None:
    """It is FP002 with the reason, and the run goes on to the next file."""
    (tmp_path / "slow_rules.py").write_text(SLOW, encoding="utf-8")
    (tmp_path / "a.py").write_text(f"def slow(): pass\n{filler}", encoding="utf-8")
    (tmp_path / "b.py").write_text(ROWS + LEAK, encoding="utf-8")
    command = [sys.executable, "-m", "funcpipe_lint", "check", "--isolated", "--no-cache"]
    options = ["--plugin=slow_rules", "--max-seconds=1", "--output-format=concise"]
    done = subprocess.run(
        [*command, *options, "a.py", "b.py"],
        timeout=120,
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert done.returncode == 2, done.stderr
    assert "FP303" in done.stdout
    assert "more than 1 s of processor time (max-seconds)" in done.stderr


def test_a_file_that_takes_too_much_memory_is_given_up(tmp_path: Path) -> None:
    """So is one that its process has not the memory for."""
    (tmp_path / "a.py").write_text(f"x = [{'f(1), ' * 200_000}]\n{ROWS}", encoding="utf-8")
    (tmp_path / "b.py").write_text(ROWS + LEAK, encoding="utf-8")
    command = [sys.executable, "-m", "funcpipe_lint", "check", "--isolated", "--no-cache"]
    done = subprocess.run(
        [*command, "--max-memory=100", "--output-format=concise", "a.py", "b.py"],
        timeout=120,
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert done.returncode == 2, done.stderr
    assert "FP303" in done.stdout
    assert "memory" in done.stderr
