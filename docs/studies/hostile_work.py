"""Work that could grow without end: patterns, rules and laws, each counted by what became of it.

An outcome that begins with ! is wrong, as in docs/studies/hostile_runs.py.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
Outcomes = Iterable[tuple[str, str]]


def _pumped(module: str) -> Iterator[tuple[str, str]]:
    """What a program says that pumps things: how many, and a line for each that grows too fast."""
    done = subprocess.run(
        [sys.executable, "-m", module],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=1_800,
        check=False,
    )
    first, *growing = done.stdout.splitlines() or [""]
    if not first.partition(" ")[0].isdigit():
        yield module, f"!exit {done.returncode}, {' '.join(done.stderr.split())[-200:]}"
        return
    for _ in range(int(first.partition(" ")[0]) - len(growing)):
        yield module, "grow as the text does"
    for line in growing:
        yield line, "!grows faster than the text"


def _patterns(_: Path) -> Outcomes:
    return _pumped("tests.lint.hostile.pumping")


def _examples(_: Path) -> Outcomes:
    return _pumped("tests.lint.hostile.pumped_examples")


def _instances(_: Path) -> Outcomes:
    from docs.studies.hostile_instances import rows

    for row in rows():
        for number in range(row.laws):
            is_right = number < row.as_it_should
            yield row.kind, "verdict as it should be" if is_right else "!another verdict"


KINDS: dict[str, Callable[[Path], Outcomes]] = {
    "patterns of the linter, each with all that may stand in a file, once and four times as long": (
        _patterns
    ),
    "examples of all rules, a good and a bad one, in one function and as functions, up to 16 times"
    " or where something is looked at up to a limit 64": _examples,
    "laws checked of operations that do not come back, end the process, use threads or are real": (
        _instances
    ),
}
