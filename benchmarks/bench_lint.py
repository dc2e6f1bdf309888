"""The linter's CPU time beside ruff, libcst and an idle interpreter.

    bench_lint.py [--rounds N] PATH...

Runs alternate, each in a process of its own, one process at a time; a row is the median over the
rounds of its CPU seconds (user and system), and its ratio to the row that it is compared with. The
first two rows are the same command: what they differ by is noise. Warm rows run once before, each
tool with a cache of its own; in them nothing has changed.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

LINT = [sys.executable, "-m", "funcpipe_lint", "check", "--isolated", "--jobs", "1", "--quiet"]
RUFF = [str(Path(sys.executable).with_name("ruff")), "check", "--isolated", "--quiet"]
RUFF += ["--select", "ASYNC"]
COLD = "--no-cache"
# Five modules of the standard library: what a commit hook usually gets.
FEW = [str(file) for file in sorted(Path(json.__file__).parent.glob("*.py"))]
PARSE = """
import sys, pathlib, libcst
from funcpipe_lint.prefilter import may_hold_streams
for top in sys.argv[1:]:
    for path in sorted(pathlib.Path(top).rglob("*.py")):
        raw = path.read_bytes()
        if may_hold_streams(raw):
            try:
                libcst.parse_module(raw)
            except Exception as error:
                print(path, error)
"""


def rows(paths: list[str], caches: str) -> dict[str, tuple[list[str], str]]:
    """Name of a row -> (command, the row that it is compared with); `caches` is a folder."""
    ours, theirs = (f"--cache-dir={caches}/{tool}" for tool in ("funcpipe", "ruff"))
    return {
        "python -c pass": ([sys.executable, "-c", "pass"], ""),
        "python -c pass, again": ([sys.executable, "-c", "pass"], "python -c pass"),
        "funcpipe-lint, 5 files, no stream": ([*LINT, ours, *FEW], "python -c pass"),
        "ruff --select ASYNC": ([*RUFF, COLD, *paths], ""),
        "libcst.parse_module, stream files": ([sys.executable, "-c", PARSE, *paths], ""),
        "funcpipe-lint, default rules": ([*LINT, COLD, *paths], "ruff --select ASYNC"),
        "ruff, warm": ([*RUFF, theirs, *paths], ""),
        "funcpipe-lint, warm": ([*LINT, ours, *paths], "ruff, warm"),
        "funcpipe-lint, FP303 alone": ([*LINT, COLD, "--select", "FP303", *paths], ""),
        "funcpipe-lint, every rule": (
            [*LINT, COLD, "--profile", "strict", *paths],
            "funcpipe-lint, FP303 alone",
        ),
    }


def cpu_seconds(command: list[str]) -> float:
    """User and system time of one run; exit codes 0 and 1 are results."""
    import resource

    # As installed: with bytecode, which this variable would keep an editable install from having.
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, capture_output=True, check=False, env=environment)
    if done.returncode not in (0, 1, 2):
        raise SystemExit(f"{command[:4]} left with {done.returncode}: {done.stderr.decode()}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def measured(table: dict[str, tuple[list[str], str]], rounds: int) -> dict[str, list[float]]:
    """The CPU seconds of each row, in rounds."""
    for name, (command, _against) in table.items():
        if "warm" in name:
            cpu_seconds(command)
    seconds: dict[str, list[float]] = {name: [] for name in table}
    for _ in range(rounds):
        for name, (command, _against) in table.items():
            seconds[name].append(cpu_seconds(command))
    return seconds


def main() -> int:
    """Measures and prints the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("paths", nargs="+", metavar="PATH")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as caches:
        table = rows(options.paths, caches)
        seconds = measured(table, options.rounds)
    medians = {name: statistics.median(values) for name, values in seconds.items()}
    for name, (_command, against) in table.items():
        ratio = f"{medians[name] / medians[against]:8.2f} x {against}" if against else ""
        print(f"{name:<36} {medians[name]:8.3f} s {ratio}")
    parsed = "libcst.parse_module, stream files"
    ours = "funcpipe-lint, default rules"
    print(f"{ours} / {parsed}: {medians[ours] / medians[parsed]:.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
