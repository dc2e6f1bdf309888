"""Work that could grow, or go on, without end: patterns, rules, laws, and what Ctrl-C should end.

An outcome that begins with ! is wrong, as in docs/studies/hostile_runs.py.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from docs.studies.traps import LEAK, ROWS

ROOT = Path(__file__).parents[2]
Outcomes = Iterable[tuple[str, str]]


def _counted(module: str, *arguments: str, held: str, wrong: str = "") -> Iterator[tuple[str, str]]:
    """What a program prints that tries things: how many, and a line for each that went wrong."""
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=1_800,
        check=False,
    )
    first, *failing = done.stdout.splitlines() or [""]
    if not first.partition(" ")[0].isdigit():
        yield module, f"!exit {done.returncode}, {' '.join(done.stderr.split())[-200:]}"
        return
    for _ in range(int(first.partition(" ")[0]) - len(failing)):
        yield module, held
    for line in failing:
        yield line, f"!{wrong}"


def _grown(module: str) -> Outcomes:
    return _counted(module, held="grow as the text does", wrong="grows faster than the text")


def _interrupts(folder: Path) -> Outcomes:
    (folder / "leaky.py").write_text(ROWS + LEAK, encoding="utf-8")
    for options in ([], ["--fix"]):
        run = ["check", "--no-cache", *options, str(folder)]
        yield from _counted(
            "tests.lint.hostile.interrupted", "4001", *run, held="interrupted in one line"
        )


def _patterns(_: Path) -> Outcomes:
    return _grown("tests.lint.hostile.pumping")


def _examples(_: Path) -> Outcomes:
    return _grown("tests.lint.hostile.pumped_examples")


def _instances(_: Path) -> Outcomes:
    from docs.studies.hostile_instances import rows

    for row in rows():
        for number in range(row.laws):
            is_right = number < row.as_it_should
            yield row.kind, "verdict as it should be" if is_right else "!another verdict"


KINDS: dict[str, Callable[[Path], Outcomes]] = {
    "Ctrl-C at moments spread over a whole run, imports included; with `--fix`, too": _interrupts,
    "patterns of the linter, each with all that may stand in a file, once and four times as long": (
        _patterns
    ),
    "examples of all rules, a good and a bad one, in one function and as functions, up to 16 times"
    " or where something is looked at up to a limit 64": _examples,
    "laws checked of operations that do not come back, end the process, use threads or are real": (
        _instances
    ),
}
