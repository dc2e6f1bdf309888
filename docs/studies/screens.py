"""Whether the screens are sound: each file checked with and without them has to give the same.

A screen lets the linter skip files, functions and rules without asking libcst. It may let too much
through, never too little. `docs/studies/reliability.py --screens PATH...` compares on any code.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path
from typing import NamedTuple

from funcpipe_lint.check.engine import Engine
from funcpipe_lint.config.settings import settings_for
from funcpipe_lint.model import FileReport, Settings
from funcpipe_lint.screen.text.prefilter import may_hold_streams

# What a screen may depend on: which rules run, and where.
OPTIONS: dict[str, dict[str, object]] = {
    "default": {},
    "strict": {"profile": "strict"},
    "every rule where it is on": {"select": ["ALL"]},
    "the rules of Results everywhere": {"discipline": "all"},
    "every rule everywhere": {
        "select": ["ALL"],
        "discipline": "all",
        "stream-functions": ["elsewhere.load"],
    },
}
# A list of 5 MB takes libcst half a minute and 2 GB.
_COMPARED_UP_TO = 2_000_000
# A file of 170 kB takes a dozen seconds: processes that get many at a time end far apart.
_FILES_AT_A_TIME = 4
# What differs by design: without screens libcst sees files that it cannot read.
_UNREADABLE = ("libcst cannot parse it", "cannot be checked: ")


class Difference(NamedTuple):
    """A finding that one of the two gave and the other did not."""

    path: str
    options: str
    line: int
    code: str
    message: str
    is_lost: bool
    """Given without screens only, so a screen lost it."""

    def __str__(self) -> str:
        kind = "lost by a screen" if self.is_lost else "given with screens only"
        return f"{self.path}:{self.line}: {self.code} {kind} ({self.options}): {self.message}"


@cache
def _engines(options: str) -> tuple[Engine, Engine]:
    settings: Settings = settings_for(OPTIONS[options])
    return Engine(settings), Engine(settings, use_screens=False)


def differences(path: str, raw: bytes, options: Iterable[str] = OPTIONS) -> list[Difference]:
    """How the findings with and without screens differ on one file."""
    found: list[Difference] = []
    for name in options:
        screened, unscreened = (engine.check(path, raw) for engine in _engines(name))
        if any(c.message.startswith(_UNREADABLE) for c in unscreened.crashes):
            continue  # libcst refuses the file: nothing to compare with
        seen, all_there = _told(screened), _told(unscreened)
        found += [Difference(path, name, *one, True) for one in sorted(all_there - seen)]
        found += [Difference(path, name, *one, False) for one in sorted(seen - all_there)]
    return found


def _told(report: FileReport) -> set[tuple[int, str, str]]:
    """The findings, with what a fix would do; and what failed within a rule."""
    told = {(v.line, v.code, f"{v.column} {v.message} {v.fix}") for v in report.violations}
    failed = (c for c in report.crashes if not c.message.startswith("cannot be checked: "))
    return told | {(c.line, "FP002", c.message) for c in failed}


def python_files(paths: Iterable[str]) -> list[str]:
    """The Python files at and below the paths, sorted."""
    found: set[str] = set()
    for path in map(Path, paths):
        below = (file for end in ("*.py", "*.pyi") for file in path.rglob(end) if file.is_file())
        found.update(map(str, below if path.is_dir() else [path]))
    return sorted(found)


def sample(files: Iterable[str], number: int | None) -> list[str]:
    """A random choice of files, the same one each time: as many as `number` that may hold async
    streams, of which most rules speak, and as many others. None: all files."""
    streams: list[str] = []
    others: list[str] = []
    for file in files:
        raw = _read(file)
        if len(raw) <= _COMPARED_UP_TO:
            (streams if may_hold_streams(raw) else others).append(file)
    chosen = [some if number is None else _some(some, number) for some in (streams, others)]
    return sorted(file for some in chosen for file in some)


def _some(files: list[str], number: int) -> list[str]:
    return random.Random(0).sample(files, min(number, len(files)))


def _of_files(task: tuple[tuple[str, ...], tuple[str, ...]]) -> list[Difference]:
    paths, options = task
    return [difference for path in paths for difference in differences(path, _read(path), options)]


def _read(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError:
        return b""


def compare(
    paths: list[str], options: Iterable[str] = OPTIONS, jobs: int = 0
) -> Iterator[list[Difference]]:
    """The differences on many files, a few at a time, over processes."""
    shuffled = _some(paths, len(paths))  # large files of one package share no chunk
    step = _FILES_AT_A_TIME
    chunks = [tuple(shuffled[i : i + step]) for i in range(0, len(shuffled), step)]
    with ProcessPoolExecutor(jobs or os.cpu_count()) as pool:
        yield from pool.map(_of_files, ((chunk, tuple(options)) for chunk in chunks))
