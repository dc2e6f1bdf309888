"""One run of the command over a folder, and whether CPython's own parser says the same of each file
as it does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import warnings
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from importlib.util import decode_source
from pathlib import Path
from typing import NamedTuple

import libcst

# Every rule, in every module; nothing remembered, and no file left out but notebooks, which CPython
# does not read.
CHECK = "check --no-cache --select ALL --discipline all --output-format json"
EVERYTHING = 'exclude = ["*.ipynb"]\nrespect-gitignore = false\n'
# A run of 20,000 files takes minutes; what takes an hour has hung.
_HANGS_AFTER = 3600
# In a run over more files, what no rule can ask of a file is not parsed: FP002's page says so.
_PARSED_WHOLE_UP_TO = 500
_SUFFIXES = (".py", ".pyi", ".pyw")
# How a reason for which a file was not checked begins, and what it is counted as.
_KINDS = {
    "is not valid Python": "no Python",
    "cannot be decoded": "not decodable",
    "cannot be parsed": "nested too deep",
    "cannot be checked: its": "nested too deep",
    "libcst cannot parse it": "refused by libcst",
}
# These say that CPython cannot read the file; the last one says that it can.
_REFUSED_BY_PYTHON = ("is not valid Python", "cannot be decoded", "cannot be parsed")
_REFUSED_BY_LIBCST = "libcst cannot parse it"
UNNOTICED = "unnoticed (no Python)"
LATER = "of a later Python"


class Row(NamedTuple):
    """What one run gave."""

    files: int
    findings: int
    told: Counter[str]
    """How many files were not checked, by kind; and of those that were, what is odd about them."""
    wrong: tuple[str, ...]
    """What must not happen: a crash, a hang, a wrong exit code, a failing rule, a wrong verdict, a
    file that nobody looked at."""


class Failed(Exception):
    """The command gave no report: it hung, or crashed."""


class Report(NamedTuple):
    """What the command said."""

    files: int
    findings: int
    errors: Mapping[str, list[str]]
    exit_code: int


def survey(folder: Path, jobs: int = 0) -> Row:
    """Runs the command on all files of a folder, and holds what it says against CPython."""
    files = sorted(_sources(folder))
    try:
        report = _report(folder, ["."])
        with ProcessPoolExecutor(jobs or os.cpu_count()) as pool:
            absolute = [str(folder / file) for file in files]
            accepted = dict(zip(files, pool.map(_is_python, absolute, chunksize=50), strict=True))
        wrong = list(_wrong_errors(report, accepted))
        told = Counter(_kind(each) for said in report.errors.values() for each in set(said))
        silent = [f for f in files if not accepted[f] and f not in report.errors]
        unknown = [file for file in silent if not _is_later_python(folder / file)]
        told[LATER] += len(silent) - len(unknown)
        if len(files) > _PARSED_WHOLE_UP_TO:
            told[UNNOTICED] += len(unknown)
            unknown = list(_silent_of(folder, unknown))
        wrong += [f"{file}: nothing is said of it, but it is no Python" for file in unknown]
    except Failed as failure:
        return Row(len(files), 0, Counter(), (str(failure),))
    if report.files != len(files):
        wrong.append(f"{report.files} of {len(files)} files were looked at")
    return Row(len(files), report.findings, +told, tuple(wrong))


def _report(folder: Path, paths: list[str]) -> Report:
    """What the command says of paths in a folder; raises Failed."""
    command = [sys.executable, "-m", "funcpipe_lint", *CHECK.split()]
    with tempfile.TemporaryDirectory() as scratch:
        configuration = Path(scratch, "everything.toml")
        configuration.write_text(EVERYTHING, encoding="utf-8")
        try:
            done = subprocess.run(
                [*command, "--config", str(configuration), "--", *paths],
                cwd=folder,
                capture_output=True,
                text=True,
                check=False,
                timeout=_HANGS_AFTER,
            )
        except subprocess.TimeoutExpired:
            raise Failed(f"hung for {_HANGS_AFTER} s") from None
    if done.returncode not in (0, 1, 2) or done.stderr:
        said = done.stderr.strip().splitlines()[-1:] or [""]
        raise Failed(f"exit code {done.returncode}: {said[0]}")
    document = json.loads(done.stdout)
    errors: defaultdict[str, list[str]] = defaultdict(list)
    for error in document["errors"]:
        errors[error["path"]].append(error["message"])
    return Report(document["files"], len(document["violations"]), errors, done.returncode)


def _sources(folder: Path) -> Iterator[str]:
    """The files that the command has to look at, as it names them; links are not followed."""
    for above, _, names in os.walk(folder):
        inside = Path(above).relative_to(folder)
        yield from (str(inside / name) for name in names if name.endswith(_SUFFIXES))


def _wrong_errors(report: Report, accepted: Mapping[str, bool]) -> Iterator[str]:
    """Reasons that CPython contradicts: a file called no Python that it compiles, or one called
    Python that it does not; what is no reason at all, as a rule that failed; and an exit code that
    does not fit what was said."""
    for path, messages in report.errors.items():
        for message in messages:
            if _kind(message) == message:
                yield f"{path}: {message}"
            elif message.startswith(_REFUSED_BY_PYTHON) and accepted.get(path):
                yield f"{path}: {message}, but CPython compiles it"
            elif message.startswith(_REFUSED_BY_LIBCST) and not accepted.get(path):
                yield f"{path}: {message}, but CPython does not compile it"
    expected = 2 if report.errors else int(bool(report.findings))
    if report.exit_code != expected:
        yield f"exit code {report.exit_code}, not {expected}"


def _silent_of(folder: Path, files: list[str]) -> Iterator[str]:
    """Of files that are no Python, those of which nothing is said although they are named."""
    for start in range(0, len(files), _PARSED_WHOLE_UP_TO):
        some = files[start : start + _PARSED_WHOLE_UP_TO]
        errors = _report(folder, some).errors
        yield from (file for file in some if file not in errors)


def _kind(message: str) -> str:
    return next((kind for start, kind in _KINDS.items() if message.startswith(start)), message)


def _is_python(file: str) -> bool:
    """Whether this interpreter reads and compiles a file."""
    raw = Path(file).read_bytes()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            # Given bytes, `compile` decodes no comments; `python FILE` refuses what is in them.
            decode_source(raw)
            compile(raw, file, "exec", 0x400)  # to a syntax tree, no further
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return False
    return True


def _is_later_python(file: Path) -> bool:
    """Whether libcst, which knows later versions than this interpreter, parses a file."""
    try:
        libcst.parse_module(file.read_bytes())
    except Exception:  # libcst raises AttributeError and more on odd layouts
        return False
    return True
