"""What the linter survives, counted: `python docs/reliability.py` runs it over everything below and
writes the counts into `reliability.md`; the words around them are kept.

`--corpus PATH...` is where the published packages are (default: this environment's), `--generated
N` how many files are generated. `--screens PATH...` only compares the findings with and without
screens on every Python file below the paths, and fails where they differ.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import subprocess
import sys
import sysconfig
import tempfile
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from docs.generated_code import generate
from docs.screens import OPTIONS, compare, python_files
from docs.traps import TRAPS

PAGE = Path(__file__).with_name("reliability.md")
START, END = "<!-- counts: written by reliability.py -->", "<!-- end of counts -->"
# Every rule, in every module; nothing left out, nothing remembered.
CHECK = "check --isolated --no-cache --select ALL --discipline all --output-format json"
# A run of 20,000 files takes minutes; what takes hours has hung.
_HANGS_AFTER = 3 * 3600
# A list of 5 MB takes libcst half a minute and 2 GB.
_COMPARED_UP_TO = 2_000_000
_KINDS = {
    "is not valid Python": "no Python",
    "cannot be decoded": "not decodable",
    "libcst cannot parse it": "refused by libcst",
    "cannot be checked: its": "nested too deep",
    "cannot be parsed": "nested too deep",
}


class Group(NamedTuple):
    """Files that are checked in one run."""

    name: str
    folder: Path


class Row(NamedTuple):
    """What one run gave."""

    name: str
    files: int
    findings: int
    unchecked: Counter[str]
    wrong: tuple[str, ...]
    """What must not happen: a crash, a hang, a wrong exit code, a failing rule, a wrong verdict."""


def survey(group: Group) -> Row:
    """Runs the command on a group, and holds what it says against CPython's own parser."""
    try:
        done = subprocess.run(
            [sys.executable, "-m", "funcpipe_lint", *CHECK.split(), "."],
            cwd=group.folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=_HANGS_AFTER,
        )
    except subprocess.TimeoutExpired:
        return Row(group.name, 0, 0, Counter(), (f"hung for {_HANGS_AFTER} s",))
    if done.returncode not in (0, 1, 2) or done.stderr:
        said = done.stderr.strip().splitlines()[-1:] or [""]
        return Row(group.name, 0, 0, Counter(), (f"exit code {done.returncode}: {said[0]}",))
    document = json.loads(done.stdout)
    errors = {error["path"]: error["message"] for error in document["errors"]}
    wrong = list(_wrong_verdicts(group.folder, errors))
    expected = 2 if errors else int(bool(document["violations"]))
    if done.returncode != expected:
        wrong.append(f"exit code {done.returncode}, not {expected}")
    kinds = Counter(_kind(message) for message in errors.values())
    return Row(group.name, document["files"], len(document["violations"]), kinds, tuple(wrong))


def _kind(message: str) -> str:
    return next((kind for start, kind in _KINDS.items() if message.startswith(start)), message)


def _wrong_verdicts(folder: Path, errors: dict[str, str]) -> Iterator[str]:
    """Files that were called no Python though CPython compiles them; files that it cannot compile
    and of which nothing was said; rules that failed."""
    for path, message in errors.items():
        if message.startswith("rule "):
            yield f"{path}: {message}"
        elif message.startswith("is not valid Python") and _is_python(folder / path):
            yield f"{path}: {message}, but CPython compiles it"


def _is_python(file: Path) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            compile(file.read_bytes(), str(file), "exec", 0x400)  # to a syntax tree, no further
        except (SyntaxError, ValueError, RecursionError, MemoryError, OSError):
            return False
    return True


def interpreters() -> Iterator[Group]:
    """CPython's own tests, of this interpreter and of others beside it."""
    here = Path(sysconfig.get_path("stdlib"))
    found = {here.name.removeprefix("python"): here / "test"}
    for other in sorted(here.parent.parent.parent.glob("3.1[1-9]*/lib/python3.1[1-9]/test")):
        found[other.parent.name.removeprefix("python")] = other
    for version, folder in sorted(found.items()):
        if (folder / "test_grammar.py").exists():
            yield Group(f"CPython {version}: its own tests", folder)


def groups(corpus: Iterable[str], generated: int, scratch: Path) -> Iterator[Group]:
    """Everything that the page tells of."""
    yield from interpreters()
    for path in corpus:
        yield Group(f"published packages ({Path(path).name})", Path(path))
    made = scratch / "generated"
    generate(made, generated)
    yield Group("generated by hypothesmith", made)
    traps = scratch / "traps"
    traps.mkdir()
    for number, trap in enumerate(TRAPS.values()):
        (traps / f"trap_{number:02}.py").write_bytes(trap.raw)
    yield Group("traps", traps)


def table(rows: Iterable[Row], compared: dict[str, str]) -> str:
    """The counts in Markdown."""
    out = [
        "| what | files | findings | not checked (FP002) | screens: differences | went wrong |",
        "|---|---|---|---|---|---|",
    ]
    for row in rows:
        kinds = ", ".join(f"{n} {kind}" for kind, n in sorted(row.unchecked.items())) or "none"
        cells = [row.name, f"{row.files:,}", f"{row.findings:,}", kinds, compared[row.name]]
        out.append(f"| {' | '.join(cells)} | {'; '.join(row.wrong) or 'nothing'} |")
    return "\n".join(out)


def write(counts: str) -> None:
    """Puts the counts into the page; its words stay."""
    text = PAGE.read_text(encoding="utf-8")
    counted = f"{START}\n{counts}\n{END}"
    PAGE.write_text(
        re.sub(f"{START}.*?{END}", lambda _: counted, text, flags=re.DOTALL), encoding="utf-8"
    )


def sample(files: list[str], number: int) -> list[str]:
    """All files, or a random choice of them, the same one each time; none of those on which libcst
    would take gigabytes."""
    files = [file for file in files if Path(file).stat().st_size <= _COMPARED_UP_TO]
    return files if len(files) <= number else sorted(random.Random(0).sample(files, number))


def compare_screens(files: list[str], options: list[str], jobs: int) -> int:
    """Prints each difference and the count; returns how many."""
    found = 0
    for some in compare(files, options, jobs):
        found += len(some)
        for difference in some:
            print(difference, flush=True)
    print(f"{len(files)} files, {found} differences under {', '.join(options)}", flush=True)
    return found


def main(arguments: list[str] | None = None) -> int:
    """Runs what was asked for; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--screens", nargs="+", metavar="PATH")
    parser.add_argument("--options", nargs="+", choices=OPTIONS, default=list(OPTIONS))
    parser.add_argument("-j", "--jobs", type=int, default=0)
    parser.add_argument("--corpus", nargs="+", default=[sysconfig.get_path("purelib")])
    parser.add_argument("--generated", type=int, default=1000)
    parser.add_argument(
        "--compare", type=int, default=1 << 30, metavar="N", help="on N files a group, not on all"
    )
    given = parser.parse_args(arguments)
    if given.screens:
        return int(bool(compare_screens(python_files(given.screens), given.options, given.jobs)))
    rows: list[Row] = []
    differing = 0
    compared: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as scratch:
        for group in groups(given.corpus, given.generated, Path(scratch)):
            rows.append(survey(group))
            print(rows[-1], flush=True)
            files = sample(python_files([str(group.folder)]), given.compare)
            found = compare_screens(files, given.options, given.jobs)
            compared[group.name] = f"{found or 'none'} in {len(files):,} files"
            differing += found
    write(table(rows, compared))
    return int(any(row.wrong for row in rows) or bool(differing))


if __name__ == "__main__":
    sys.exit(main())
