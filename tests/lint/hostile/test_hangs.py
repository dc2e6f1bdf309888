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


def budgeted(folder: Path, *words: str, before: str = "") -> subprocess.CompletedProcess[str]:
    """The command in a folder, and its peak of memory in megabytes as the last line of errors."""
    program = (
        f"import resource, sys\nfrom funcpipe_lint.cli import main\n{before}\n"
        "code = main(sys.argv[1:])\n"
        # Where the system tells the peak since the start of the program: `ru_maxrss` has that of
        # the test's process in it, from which this one was forked.
        "try:\n    lines = open('/proc/self/status').read().splitlines()\n"
        "    own = next(int(line.split()[1]) for line in lines if line.startswith('VmHWM'))\n"
        "except OSError:\n    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss\n"
        "print(max(own, children) // 1024, file=sys.stderr)\n"
        "sys.exit(code)\n"
    )
    command = [sys.executable, "-c", program, "check", "--isolated", "--no-cache"]
    return subprocess.run(
        [*command, "--output-format=concise", *words],
        timeout=240,
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
    )


def test_a_line_whose_tree_is_too_large_is_not_parsed(tmp_path: Path) -> None:
    """10 MB in one line: refused by an estimate, in little memory; the other file is checked."""
    dense = f"x = [{'f(1), ' * 1_700_000}]\n{ROWS}{LEAK}"
    (tmp_path / "a.py").write_text(dense, encoding="utf-8")
    (tmp_path / "b.py").write_text(ROWS + LEAK, encoding="utf-8")
    done = budgeted(tmp_path, ".")
    assert done.returncode == 2, done.stderr
    assert "b.py:7:5: FP303" in done.stdout
    refusal, peak = done.stderr.splitlines()
    assert "a.py:1:1: FP002 could not be checked: its syntax tree takes about" in refusal
    assert "(max-memory)" in refusal
    assert int(peak) < 400


def test_a_line_of_data_without_streams_is_no_failure(tmp_path: Path) -> None:
    """No rule can speak of it: it is left at that."""
    (tmp_path / "a.py").write_text(f"x = [{'f(1), ' * 1_700_000}]\n", encoding="utf-8")
    done = budgeted(tmp_path, ".")
    assert done.returncode == 0, done.stdout + done.stderr
    assert int(done.stderr.splitlines()[-1]) < 400


def test_a_long_text_in_a_file_is_no_tree(tmp_path: Path) -> None:
    """What stands in strings and comments takes no memory but its own."""
    text = f'TEXT = """{"a (b) " * 1_700_000}"""\n# {"a (b) " * 1_700_000}\n{ROWS}{LEAK}'
    (tmp_path / "a.py").write_text(text, encoding="utf-8")
    done = budgeted(tmp_path, ".")
    assert done.returncode == 1, done.stderr
    assert "FP303" in done.stdout


ENDLESS_FACTS = """
import funcpipe_lint.program.facts.reading as reading
facts_of = reading.facts_of
def endless(text):
    while "ENDLESS" in text:
        pass
    return facts_of(text)
reading.facts_of = endless
"""


def test_what_a_file_imports_is_in_its_budget(tmp_path: Path) -> None:
    """Where following it does not end, that file is FP002 with the reason, and the next is not."""
    (tmp_path / "big.py").write_text(f"ENDLESS = 1\n{ROWS}", encoding="utf-8")
    (tmp_path / "a.py").write_text(f"from big import rows\n{LEAK}", encoding="utf-8")
    (tmp_path / "b.py").write_text(ROWS + LEAK, encoding="utf-8")
    done = budgeted(tmp_path, "--max-seconds=1", "a.py", "b.py", before=ENDLESS_FACTS)
    assert done.returncode == 2, done.stderr
    assert "b.py:7:5: FP303" in done.stdout
    reason = "could not be checked: with what it imports, it takes more than 1 s of processor time"
    assert f"a.py:1:1: FP002 {reason} (max-seconds)" in done.stderr


@pytest.mark.parametrize("filler", ["", f"# {'x' * 1_000_000}\n"], ids=["small", "large"])
def test_a_fix_that_takes_too_long_is_given_up(filler: str, tmp_path: Path) -> None:
    """The file stays as it is, FP002 has the reason, and the next one is fixed."""
    slow = SLOW.replace(
        'while node.name.value == "slow":',
        'while node.name.value == "slow" and "aclosing" in ctx.tree.text:',
    )
    (tmp_path / "slow_rules.py").write_text(slow, encoding="utf-8")
    text = f"def slow(): pass\n{ROWS}{LEAK}{filler}"
    (tmp_path / "a.py").write_text(text, encoding="utf-8")
    (tmp_path / "b.py").write_text(ROWS + LEAK, encoding="utf-8")
    options = ["--plugin=slow_rules", "--max-seconds=5", "--fix"]
    done = budgeted(tmp_path, *options, "a.py", "b.py")
    assert done.returncode == 2, done.stderr
    assert "a.py:1:1: FP002 could not be fixed: " in done.stderr
    assert "max-seconds" in done.stderr
    assert (tmp_path / "a.py").read_text(encoding="utf-8") == text
    assert "aclosing(rows(p))" in (tmp_path / "b.py").read_text(encoding="utf-8")


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
