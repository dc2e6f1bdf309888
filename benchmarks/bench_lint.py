"""The linter beside ruff, libcst, flake8-async and an idle interpreter.

    bench_lint.py [--rounds N] [--corpus FOLDER] [--peer-files N] [--page docs/speed.md]

The corpus is what the packages below hold: about 20,000 files, of which about 870 hold `async for`
or an asynchronous generator (the "stream files", copied into a folder of their own). Packages and
peers come from the registry, once, into the cache folder; `--corpus` takes any other folder.

Runs alternate, each in a process of its own, one process at a time. A row is the median over the
rounds of the ratio of two runs in one round: of their CPU seconds (user and system), or, where it
says so, of the time that they took. The control row is one command against itself: what it differs
from 1 by is noise. Warm rows run once before, each tool with a cache of its own. `--page` puts the
table into a page, whose words stay.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import venv
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from benchmarks.figures import COLUMNS, MARKS, Figure, line, write
from docs.programs.filling import filled
from funcpipe_lint.screen.text.prefilter import may_hold_streams

PACKAGES = (
    *("aiohttp", "aioreactive", "aiostream", "anthropic", "anyio", "asyncstdlib", "dask"),
    *("distributed", "fastapi", "faust-streaming", "google-genai", "haystack-ai", "httpx"),
    *("langchain-core", "langgraph", "litellm", "llama-index-core", "mcp", "openai"),
    *("pydantic-ai-slim", "redis", "starlette", "streamable", "trio"),
)
# Needs a later Python than the others: its files are only read.
LATER = ("homeassistant", "3.14")
LINT = [sys.executable, "-m", "funcpipe_lint", "check", "--isolated", "--quiet", "--jobs", "1"]
RUFF = [str(Path(sys.executable).with_name("ruff")), "check", "--isolated", "--quiet"]
RUFF += ["--select", "ASYNC"]
COLD = "--no-cache"
# Five modules of the standard library: what a commit hook usually gets.
FEW = [str(file) for file in sorted(Path(json.__file__).parent.glob("*.py"))]
PARSE = """
import sys, pathlib, libcst
for path in sorted(pathlib.Path(sys.argv[1]).rglob("*.py")):
    try:
        libcst.parse_module(path.read_bytes())
    except Exception as error:
        print(path, error)
"""
# Every file is parsed by libcst, and each rule asked: what a rule costs where nothing is screened.
UNSCREENED = """
import json, pathlib, sys
from funcpipe_lint.check.engine import Engine
from funcpipe_lint.config.resolver import Resolver
settings = Resolver(json.loads(sys.argv[2]), isolated=True).config_for("").settings
engine = Engine(settings, use_screens=False)
for path in sorted(pathlib.Path(sys.argv[1]).rglob("*.py")):
    engine.check(str(path), path.read_bytes())
"""


class Row(NamedTuple):
    """Two commands, and the ratio that is wanted."""

    name: str
    ours: list[str]
    theirs: list[str]
    target: str
    is_wall: bool = False


class Run(NamedTuple):
    """What one run took, in seconds."""

    cpu: float
    wall: float


def rows(corpus: Path, streams: Path, some: Path, flake8: Path, caches: str) -> list[Row]:
    """The table; `some` holds a few of the stream files, for a peer that takes seconds a file."""
    idle = [sys.executable, "-c", "pass"]
    warm, ruff_warm = (f"--cache-dir={caches}/{tool}" for tool in ("funcpipe", "ruff"))
    cold = [*LINT, COLD]
    strict = [*cold, "--profile", "strict"]
    unscreened = [sys.executable, "-c", UNSCREENED, str(some)]
    return [
        Row("control: python -c pass", idle, idle, "1"),
        Row("5 files without streams / python -c pass", [*cold, *FEW], idle, "4"),
        Row("whole corpus, cold / ruff", [*cold, str(corpus)], [*RUFF, COLD, str(corpus)], "1"),
        Row(
            "whole corpus, warm / ruff, warm",
            [*LINT, warm, str(corpus)],
            [*RUFF, ruff_warm, str(corpus)],
            "1",
        ),
        Row("stream files / ruff", [*cold, str(streams)], [*RUFF, COLD, str(streams)], "12"),
        Row(
            "stream files / libcst.parse_module",
            [*cold, str(streams)],
            [sys.executable, "-c", PARSE, str(streams)],
            "0.25",
        ),
        Row(
            f"{sum(1 for _ in some.rglob('*.py'))} of them / flake8 with flake8-async",
            [*cold, str(some)],
            [str(flake8), "--isolated", "--select", "ASYNC", "--jobs", "1", str(some)],
            "0.01",
        ),
        Row(
            "stream files, every rule / FP303 alone",
            [*strict, str(streams)],
            [*cold, "--select", "FP303", str(streams)],
            "1.25",
        ),
        # The rule that says most: two thirds of the strict profile's findings.
        Row(
            "stream files, every rule / FP603 alone",
            [*strict, str(streams)],
            [*cold, "--select", "FP603", str(streams)],
            "1.25",
        ),
        Row(
            "no screens, every rule / FP303 alone",
            [*unscreened, '{"profile": "strict"}'],
            [*unscreened, '{"select": ["FP303"]}'],
            "1.25",
        ),
        Row(
            "stream files, every rule, 2 processes / 1, time",
            [*strict, "--jobs", "2", str(streams)],
            [*strict, str(streams)],
            "0.59",
            is_wall=True,
        ),
        Row(
            "stream files, 2 processes / 1, time taken",
            [*cold, "--jobs", "2", str(streams)],
            [*cold, str(streams)],
            "0.59",
            is_wall=True,
        ),
    ]


def run(command: list[str]) -> Run:
    """One run of a command; exit codes 0, 1 and 2 are results."""
    # As installed: with bytecode, which this variable would keep an editable install from having.
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(command, capture_output=True, check=False, env=environment)
    wall = time.perf_counter() - start
    if done.returncode not in (0, 1, 2):
        raise SystemExit(f"{command[:4]} left with {done.returncode}: {done.stderr.decode()}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return Run(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, wall)


def measure(row: Row, rounds: int) -> Figure:
    """Runs both commands of a row in turns."""
    run(row.ours)
    if "warm" in row.name:
        run(row.theirs)
    ratios, seconds = [], []
    for number in range(rounds):
        pair = [run(row.ours), run(row.theirs)] if number % 2 else [run(row.theirs), run(row.ours)]
        ours, theirs = pair if number % 2 else reversed(pair)
        took = (ours.wall, theirs.wall) if row.is_wall else (ours.cpu, theirs.cpu)
        ratios.append(took[0] / took[1])
        seconds.append(took[0])
    middle = statistics.median(ratios)
    ours_took = statistics.median(seconds)
    return Figure(row.name, middle, min(ratios), max(ratios), row.target, ours_took)


def release(command: Path) -> str:
    """What a program says of its version, in a word."""
    said = subprocess.run([str(command), "--version"], capture_output=True, text=True, check=True)
    return said.stdout.split()[-1 if "ruff" in command.name else 0]


def fetched(cache: Path) -> Path:
    """The corpus, unpacked below the cache folder."""
    corpus = cache / "corpus"
    if (corpus / ".complete").exists():
        return corpus
    wheels = cache / "wheels"
    download = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    download += ["--disable-pip-version-check", "--only-binary=:all:", "--dest", str(wheels)]
    subprocess.run([*download, *PACKAGES], check=True)
    name, version = LATER
    subprocess.run([*download, "--python-version", version, name], check=True)
    for wheel in wheels.glob("*.whl"):
        with zipfile.ZipFile(wheel) as archive:
            sources = [member for member in archive.namelist() if member.endswith(".py")]
            archive.extractall(corpus, sources)
    shutil.rmtree(wheels)
    (corpus / ".complete").touch()
    return corpus


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


def main() -> int:
    """Measures and prints the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5, help="default: %(default)s")
    parser.add_argument("--corpus", type=Path, help="a folder of Python files; else the packages")
    parser.add_argument("--peer-files", type=int, default=40, help="how many flake8 is given")
    parser.add_argument("--page", type=Path, help="the page that takes the table")
    parser.add_argument("--cache", type=Path, default=Path(".cache/bench_lint"))
    options = parser.parse_args()
    if options.page:
        try:  # before the minutes that the table takes
            filled(options.page.read_text(encoding="utf-8"), MARKS, "")
        except (OSError, ValueError) as error:
            parser.error(f"--page {options.page}: {error}")
    options.cache.mkdir(parents=True, exist_ok=True)
    corpus = (options.corpus or fetched(options.cache)).resolve()
    flake8 = peer(options.cache.resolve())
    files = sorted(path for path in corpus.rglob("*.py") if path.is_file())
    held = [path for path in files if may_hold_streams(path.read_bytes())]
    said = f"{len(files):,} files, {len(held):,} of them with streams; {options.rounds} rounds"
    print(f"{said}\n{line(COLUMNS)}")
    figures = []
    with tempfile.TemporaryDirectory() as folder:
        streams = copied(held, corpus, Path(folder, "streams"))
        few = random.Random(0).sample(held, min(options.peer_files, len(held)))
        some = copied(few, corpus, Path(folder, "some"))
        for row in rows(corpus, streams, some, flake8, folder):
            figures.append(measure(row, options.rounds))
            print(line(figures[-1].cells), flush=True)
    if options.page:
        python = f"CPython {platform.python_version()}, {os.cpu_count()} cores"
        peers = f"ruff {release(Path(RUFF[0]))}, flake8 {release(flake8)}"
        write(options.page, f"{python}; {peers}; {said}.", figures)
    return 0


if __name__ == "__main__":
    sys.exit(main())
