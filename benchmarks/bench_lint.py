"""The linter beside ruff, libcst, flake8-async and an idle interpreter.

    bench_lint.py [--rounds N] [--draw SEED] [--corpus FOLDER] [--only WORD] [--skip WORD]
                  [--page docs/speed.md]

The corpora are four: what the linter was made faster on, and three that are drawn from the packages
of `corpora.txt`, of which nobody looked at a file for that. They come from the registry, once, into
the cache folder, and so do the peers; `--corpus` takes any other folder instead. "Stream files" are
those with an `async for` or an asynchronous generator, copied into a folder of their own.

A row is the median over the rounds of the ratio of two runs in one round, beside the least and the
most: of their CPU seconds, or, where it says so, of the time that they took. The control row is one
command against itself: what it differs from 1 by is noise. `--page` puts the tables into a page,
whose words stay.
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import shutil
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterable
from pathlib import Path

from benchmarks.corpora import drawn, fetched
from benchmarks.figures import COLUMNS, MARKS, Figure, line, side_by_side, table, write
from benchmarks.lint_rows import (
    RUFF,
    Changing,
    middle_of,
    of_corpus,
    of_sizes,
    of_stream_files,
)
from benchmarks.processes import Row, measured
from docs.programs.filling import filled
from funcpipe_lint.screen.text.prefilter import may_hold_streams

_BENCHMARK = "the benchmark's"


def release(command: Path) -> str:
    """What a program says of its version, in a word."""
    said = subprocess.run([str(command), "--version"], capture_output=True, text=True, check=True)
    return said.stdout.split()[-1 if "ruff" in command.name else 0]


def peer(cache: Path) -> Path:
    """flake8 with flake8-async, in an environment of its own below the cache folder."""
    home = cache / "peers"
    program = home / "bin" / "flake8"
    if not program.exists():
        venv.create(home, with_pip=True)
        install = [str(home / "bin" / "python"), "-m", "pip", "install", "--quiet"]
        subprocess.run(
            [*install, "--disable-pip-version-check", "flake8", "flake8-async"], check=True
        )
    return program


def copied(files: Iterable[Path], corpus: Path, target: Path) -> Path:
    """Copies of some files of the corpus, in folders as they were."""
    for file in files:
        copy = target / file.relative_to(corpus)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, copy)
    return target


def with_streams(corpus: Path) -> tuple[int, list[Path]]:
    """How many files a corpus has, and those with streams."""
    files = sorted(path for path in corpus.rglob("*.py") if path.is_file())
    return len(files), [path for path in files if may_hold_streams(path.read_bytes())]


class Table:
    """Measures rows, and prints each as soon as it is known."""

    def __init__(self, rounds: int, only: str, skip: str) -> None:
        self._rounds = rounds
        self._only = only
        self._skip = skip

    def of_corpus(self, corpus: Path, held: list[Path], work: Path) -> list[Figure]:
        """The rows of a corpus, and the memory of its cold runs."""
        changed = middle_of(held)
        changing = Changing(changed)
        try:
            rows = of_corpus(corpus, work, changing, changed)
            figures = self.of(rows[1:])
            if self._only in rows[0].name or self._only in "peak memory, MB":
                cold = measured(rows[0], self._rounds)
                peaks = [run.peak for run in cold.runs]
                peak = Figure.of("peak memory, MB", peaks, "400", f"{max(peaks):.0f} MB")
                figures = [self._shown(cold.figure), *figures, self._shown(peak)]
        finally:
            changing.restore()
        return figures

    def of(self, rows: Iterable[Row]) -> list[Figure]:
        """Some rows."""
        wanted = (row for row in rows if self._only in row.name)
        if self._skip:
            wanted = (row for row in wanted if self._skip not in row.name)
        return [self._shown(measured(row, self._rounds).figure) for row in wanted]

    def _shown(self, figure: Figure) -> Figure:
        print(line(figure.cells), flush=True)
        return figure


def main() -> int:
    """Measures and prints the tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3, help="default: %(default)s")
    parser.add_argument("--draw", type=int, default=1, help="the seed of what is drawn")
    parser.add_argument("--corpus", type=Path, help="a folder of Python files; else the packages")
    parser.add_argument("--only", default="", help="the rows with this in their names")
    parser.add_argument("--skip", default="", help="not those with this: one may take an hour")
    parser.add_argument("--peer-files", type=int, default=40, help="how many flake8 is given")
    parser.add_argument("--page", type=Path, help="the page that takes the tables")
    parser.add_argument("--cache", type=Path, default=Path(".cache/bench_lint"))
    options = parser.parse_args()
    if options.page:
        try:  # before the minutes that the tables take
            filled(options.page.read_text(encoding="utf-8"), MARKS, "")
        except (OSError, ValueError) as error:
            parser.error(f"--page {options.page}: {error}")
    cache = options.cache.resolve()
    cache.mkdir(parents=True, exist_ok=True)
    if options.corpus is None:
        corpora = {_BENCHMARK: fetched(cache), **drawn(cache, options.draw)}
    else:
        corpora = {options.corpus.name: options.corpus.resolve()}
    flake8 = peer(cache)
    tables = Table(options.rounds, options.only, options.skip)
    columns: dict[str, list[Figure]] = {}
    sizes = []
    with tempfile.TemporaryDirectory() as folder:
        for number, (name, corpus) in enumerate(corpora.items()):
            count, held = with_streams(corpus)
            sizes.append(f"{name}: {count:,} files, {len(held):,} of them with streams")
            print(f"{sizes[-1]}\n{line(COLUMNS)}", flush=True)
            work = Path(folder, f"corpus-{number}")
            work.mkdir()
            columns[name] = tables.of_corpus(corpus, held, work)
            if number == 0:
                few = random.Random(0).sample(held, min(options.peer_files, len(held)))
                streams = copied(held, corpus, Path(folder, "streams"))
                some = copied(few, corpus, Path(folder, "some"))
        rows = [*of_sizes(Path(folder)), *of_stream_files(streams, some, flake8)]
        others = tables.of(rows)
    if options.page:
        python = f"CPython {platform.python_version()}, {os.cpu_count()} cores"
        peers = f"ruff {release(Path(RUFF[0]))}, flake8 {release(flake8)}"
        said = f"{python}; {peers}; {options.rounds} rounds. {'; '.join(sizes)}."
        write(options.page, said, side_by_side(columns), table(others))
    return 0


if __name__ == "__main__":
    sys.exit(main())
