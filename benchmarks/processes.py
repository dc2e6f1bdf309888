"""Commands in processes of their own, measured in pairs: what one takes, as a ratio to others.

Both halves of a pair run one after the other, and which is first alternates: what slows the machine
for a while slows both. Seconds are of the processor (user and system), in which other processes do
not count, unless a row says otherwise.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from benchmarks.figures import Figure

Command = Sequence[str]
# ru_maxrss is in bytes on macOS, in kilobytes elsewhere.
_PEAK_UNITS = 1 << 20 if sys.platform == "darwin" else 1 << 10


class Run(NamedTuple):
    """What one run took: seconds, and megabytes at its peak."""

    cpu: float
    wall: float
    peak: float


class Row(NamedTuple):
    """A command, those whose sum it is measured against, and the ratio that is wanted."""

    name: str
    ours: Command
    theirs: Sequence[Command]
    target: str
    is_wall: bool = False
    is_warm: bool = False
    """Each command runs once before, and finds what it kept."""
    between: Callable[[], object] = int
    """What is done before each run of ours: a file that changes."""
    after: Callable[[], object] = int
    """What is done after it."""


class Measured(NamedTuple):
    """A row's ratio, and our runs."""

    figure: Figure
    runs: list[Run]


def run(command: Command) -> Run:
    """One run of a command; exit codes 0, 1 and 2 are results."""
    # As installed: with bytecode, which this variable would keep an editable install from having.
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    start = time.perf_counter()
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment
    )
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1, 2):
        raise SystemExit(f"{' '.join(command)} left with {process.returncode}")
    return Run(used.ru_utime + used.ru_stime, wall, used.ru_maxrss / _PEAK_UNITS)


def measured(row: Row, rounds: int) -> Measured:
    """Runs the commands of a row in turns."""
    if row.is_warm:
        for command in (row.ours, *row.theirs):
            run(command)
    ratios, ours = [], []
    for number in range(rounds):
        if number % 2:
            mine, others = _ours(row), [run(each) for each in row.theirs]
        else:
            others, mine = [run(each) for each in row.theirs], _ours(row)
        took = [each.wall if row.is_wall else each.cpu for each in (mine, *others)]
        ratios.append(took[0] / sum(took[1:]))
        ours.append(mine)
    seconds = statistics.median(each.wall if row.is_wall else each.cpu for each in ours)
    return Measured(Figure.of(row.name, ratios, row.target, f"{seconds:.2f} s"), ours)


def _ours(row: Row) -> Run:
    row.between()
    try:
        return run(row.ours)
    finally:
        row.after()
