"""Runs that a stranger's files, a key, or a kill disturb: what became of each, counted.

Everything happens in processes of their own, below a scratch folder, with a limit of time and
memory each: what hangs or eats the memory is counted as wrong, and the next one is tried.
"""

from __future__ import annotations

import encodings.aliases
import os
import random
import resource
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from docs.studies import hostile_files, hostile_work
from docs.studies.hostile import BASELINES, CONFIGURATIONS
from docs.studies.traps import LEAK, ROWS

CHECK = [sys.executable, "-m", "funcpipe_lint", "check", "--output-format", "concise"]
FOUND = "FP303"
SECONDS = 60
_BYTES = 4 << 30
# Enough files for two processes, and for a moment to be chosen at random in the run.
_FILES = 240
_SEED = 20_261_129


class Tried(NamedTuple):
    """One kind of disturbance."""

    name: str
    outcomes: Counter[str]
    wrong: list[str]

    @property
    def row(self) -> str:
        """The row of the page's table."""
        held = ", ".join(f"{n} {outcome}" for outcome, n in sorted(self.outcomes.items()))
        cells = (self.name, f"{self.outcomes.total():,}", held, "; ".join(self.wrong) or "nothing")
        return f"| {' | '.join(cells)} |"


class Done(NamedTuple):
    """What a process gave."""

    code: int
    out: str
    err: str


def tried(scratch: Path) -> Iterator[Tried]:
    """Every kind of them."""
    kinds: dict[str, Callable[[Path], Iterable[tuple[str, str]]]] = {
        "configurations that cannot be read, in the current folder and below it": _configurations,
        "files that are named as a baseline": _baselines,
        "codecs of this Python, named in a coding comment": _codecs,
        "Ctrl-C at a random moment, with one process and with two": _interrupts,
        "SIGKILL and SIGTERM at a random moment, with two processes": _kills,
        **hostile_files.KINDS,
        **hostile_work.KINDS,
    }
    for number, (name, kind) in enumerate(kinds.items()):
        folder = scratch / f"hostile{number}"
        folder.mkdir()
        found = list(kind(folder))
        wrong = [f"{what}: {outcome[1:]}" for what, outcome in found if outcome.startswith("!")]
        good = Counter(outcome for _, outcome in found if not outcome.startswith("!"))
        yield Tried(name, good + Counter({"wrong": len(wrong)}), wrong)


def table(rows: Iterable[Tried]) -> str:
    """The counts in Markdown."""
    head = "| what | how often | what happened | went wrong |\n|---|---|---|---|\n"
    return head + "\n".join(row.row for row in rows)


def _run(folder: Path, *arguments: str) -> Done:
    try:
        done = subprocess.run(
            [*CHECK, *arguments],
            cwd=folder,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=SECONDS,
            check=False,
            preexec_fn=_limit,
            env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        )
    except subprocess.TimeoutExpired:
        return Done(-1, "", f"hung for {SECONDS} s")
    return Done(done.returncode, done.stdout, done.stderr)


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_BYTES, _BYTES))


def _leaky(folder: Path, count: int = 1) -> None:
    folder.mkdir(exist_ok=True)
    for number in range(count):
        (folder / f"m{number}.py").write_text(ROWS + LEAK, encoding="utf-8")


def _refused(done: Done) -> str:
    """One line and exit 2."""
    if done.code == 2 and len(done.err.splitlines()) == 1 and "Traceback" not in done.err:
        return "refused in one line"
    return f"!exit {done.code}, {' '.join(done.err.split())[-200:]}"


def _configurations(folder: Path) -> Iterator[tuple[str, str]]:
    _leaky(folder)
    _leaky(folder / "below")
    for place in (folder / "below", folder):
        for name, text in CONFIGURATIONS.items():
            file = place / "pyproject.toml"
            raw = text.encode("utf-8", "surrogateescape")
            file.write_bytes(b"[tool.funcpipe-lint]\n" + raw + b"\n")
            done = _run(folder, "--no-cache", ".")
            outcome = _refused(done)
            if place != folder and FOUND not in done.out:
                outcome = "!the rest was not checked"
            yield name, outcome
            file.unlink()


def _baselines(folder: Path) -> Iterator[tuple[str, str]]:
    _leaky(folder)
    for name, text in BASELINES.items():
        (folder / "old.json").write_bytes(text.encode("utf-8", "surrogateescape"))
        yield name, _refused(_run(folder, "--no-cache", "--baseline", "old.json", "."))
    os.mkfifo(folder / "pipe")
    with (folder / "sparse").open("wb") as file:
        file.truncate(1 << 40)
    for path in ("/dev/zero", "/dev/full", "pipe", "sparse", "."):
        yield path, _refused(_run(folder, "--no-cache", "--baseline", path, "."))


def _codecs(folder: Path) -> Iterator[tuple[str, str]]:
    names = sorted(
        {*encodings.aliases.aliases.values(), "idna", "undefined", "punycode", "klingon"}
    )
    for name in names:
        (folder / f"{name}.py").write_bytes(f"# coding: {name}\n{ROWS}{LEAK}".encode())
    done = _run(folder, "--no-cache", "--select", FOUND, ".")
    found = {line.partition(".py:")[0] for line in done.out.splitlines() if FOUND in line}
    refused = {line.partition(".py:")[0] for line in done.err.splitlines() if "FP002" in line}
    for name in names:
        is_python = _compiles(folder / f"{name}.py")
        if name in found and is_python:
            yield name, "checked"
        elif name in refused and not is_python:
            yield name, "refused, as CPython does"
        elif name in refused:
            yield name, "refused, though CPython takes it"
        else:
            yield name, f"!exit {done.code}, CPython compiles it: {is_python}"


def _compiles(file: Path) -> bool:
    try:
        compile(file.read_bytes(), str(file), "exec")
    except (SyntaxError, ValueError, LookupError):
        return False
    return True


def _heed_interrupts() -> None:
    """A shell has its background jobs ignore SIGINT, and what they start inherits that."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _interrupts(folder: Path) -> Iterator[tuple[str, str]]:
    for jobs, number, took, at in _moments(folder, (1, 2), 30):
        with _started(folder, jobs) as run:
            time.sleep(at * took)
            os.killpg(run.pid, signal.SIGINT)
            out, err = run.communicate(timeout=SECONDS)
        name = f"{number} with {jobs} processes"
        if _is_alive(run.pid):
            yield name, "!left a process"
        elif run.returncode == 2 and err.endswith("funcpipe-lint: interrupted\n"):
            yield name, "interrupted"
        elif run.returncode == 1 and out.count(FOUND) == _FILES and not err:
            yield name, "had ended"
        elif "funcpipe_lint" not in err and (run.returncode < 0 or "KeyboardInterrupt" in err):
            yield name, "ended while Python started"
        else:
            yield name, f"!exit {run.returncode}, {' '.join(err.split())[-200:]}"


def _kills(folder: Path) -> Iterator[tuple[str, str]]:
    whole = sorted(_run(folder, "--no-cache", ".").out.splitlines())
    ways = {signal.SIGKILL: "killed", signal.SIGTERM: "terminated"}
    for jobs, number, took, at in _moments(folder, (2,), 30):
        way = [*ways][number % 2]
        with _started(folder, jobs) as run:
            time.sleep(at * took)
            run.send_signal(way)
            run.communicate(timeout=SECONDS)  # what it started holds its outputs open
        again = sorted(_run(folder, ".").out.splitlines())
        if again != whole and whole:
            yield str(number), "!the next run finds something else"
        elif run.returncode == -way:
            yield str(number), f"{ways[way]}, no process left, the next run the same"
        else:
            yield str(number), "had ended"


def _moments(
    folder: Path, jobs: Iterable[int], count: int
) -> Iterator[tuple[int, int, float, float]]:
    """(processes, number, seconds of a whole run, the part of it after which to disturb)."""
    _leaky(folder, _FILES)
    chance = random.Random(_SEED)
    for many in jobs:
        start = time.monotonic()
        _run(folder, "--no-cache", "--jobs", str(many), ".")
        took = time.monotonic() - start
        for number in range(count):
            yield many, number, took, chance.uniform(0.05, 1.0)


def _started(folder: Path, jobs: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*CHECK, "--no-cache", "--jobs", str(jobs), "."],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=_heed_interrupts,
    )


def _is_alive(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True
