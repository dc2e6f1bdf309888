"""What the linter's speed is measured by: its commands, and those that they are held against."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.processes import Row

LINT = [sys.executable, "-m", "funcpipe_lint", "check", "--quiet", "--jobs", "1"]
ALONE = [*LINT, "--isolated"]
RUFF = [str(Path(sys.executable).with_name("ruff")), "check", "--isolated", "--quiet"]
RUFF += ["--select", "ASYNC"]
COLD = "--no-cache"
IDLE = [sys.executable, "-c", "pass"]
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
# What a run cannot do without: to find and look at each file; to search each for a few words; to
# know what those hold that a loop may lead out of, and the types that it takes.
STAMPED = """
import os, sys
waiting = [sys.argv[1]]
while waiting:
    with os.scandir(waiting.pop()) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                waiting.append(entry.path)
            elif entry.name.endswith(".py"):
                os.stat(entry.path)
"""
SEARCHED = """
import sys
from funcpipe_lint.check.single import may_matter
from funcpipe_lint.config.discover import discover
from funcpipe_lint.config.resolver import Resolver
from funcpipe_lint.program.links import may_link
from funcpipe_lint.read.source import read_bytes
targets, _ = discover([sys.argv[1]], Resolver(isolated=True))
held = []
for target in targets:
    raw = read_bytes(target.path)
    if may_matter(target.config.settings, target.path, raw):
        if may_link(raw, target.config.settings.rules):
            held.append(raw)
"""
KNOWN = f"""{SEARCHED}
import ast, gc
import libcst
gc.disable()
for raw in held:
    try:
        ast.parse(raw)
    except SyntaxError:
        pass
"""
# Functions, classes and streams as people write them. One loop in fifty is left early.
BLOCK = """\
async def rows_{number}(pool):
    async with pool.connect() as db:
        async for row in db:
            yield row


async def first_{number}(pool):
    async for row in rows_{number}(pool):
        if row.key == {number}:
            {leaves}


class Table{number}:
    def name(self, key, value=None):
        total = key
        for each in value or ():
            total += each
        return total


"""
# 300,000 lines; the others are a half and a quarter of it.
_LARGEST = 6_000_000


class Changing:
    """A file that is another one each time that it is checked."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._was = file.read_bytes()
        self._times = 0

    def change(self) -> None:
        """Adds another comment to what it was."""
        self._times += 1
        self._file.write_bytes(self._was + b"\n# change %d\n" % self._times)

    def restore(self) -> None:
        """Makes it what it was."""
        self._file.write_bytes(self._was)


def of_corpus(corpus: Path, work: Path, changing: Changing, changed: Path) -> list[Row]:
    """The rows for each corpus; a folder of its own takes the caches. The first is a cold run."""
    kept, ruff_kept = (f"--cache-dir={work}/{tool}" for tool in ("funcpipe", "ruff"))
    every = work / "every.toml"
    every.write_text('discipline = "all"\n', encoding="utf-8")
    where = str(corpus)
    cold, warm = [*ALONE, COLD, where], [*ALONE, kept, where]
    ruff = [*RUFF, COLD, where]
    ruff_warm = [*RUFF, ruff_kept, where]
    stamped, searched, known = (
        [sys.executable, "-c", program, where] for program in (STAMPED, SEARCHED, KNOWN)
    )
    return [
        Row("cold / ruff", cold, [ruff], "2"),
        Row(
            'cold, `follow-imports = "all"` / ruff',
            [*ALONE, COLD, "--follow-imports", "all", where],
            [ruff],
            "2.5",
        ),
        Row(
            'cold, `discipline = "all"` / ruff',
            [*LINT, COLD, "--config", str(every), where],
            [ruff],
            "2.5",
        ),
        Row(
            'cold, `profile = "strict"` / default',
            [*ALONE, COLD, "--profile", "strict", where],
            [cold],
            "4",
        ),
        Row("floor: each file read and searched / ruff", searched, [ruff], ""),
        Row("floor: and libcst imported, files of loops parsed by ast / ruff", known, [ruff], ""),
        Row("warm / ruff, warm", warm, [ruff_warm], "0.7", is_warm=True),
        Row("floor: a look at each file / ruff, warm", stamped, [ruff_warm], "", is_warm=True),
        Row(
            "warm, one file changed / warm + that file alone",
            warm,
            [warm, [*ALONE, COLD, str(changed)]],
            "1",
            is_warm=True,
            between=changing.change,
        ),
    ]


def of_sizes(work: Path) -> list[Row]:
    """What does not depend on a corpus: start-up, and files that grow."""
    files = []
    for part in (4, 2, 1):
        files.append(work / f"generated_{part}.py")
        files[-1].write_text(_generated(_LARGEST // part), encoding="utf-8")
    config = work / "unlimited.toml"
    config.write_text("max-seconds = 0\nmax-memory = 0\n", encoding="utf-8")
    small, middle, large = ([*LINT, COLD, "--config", str(config), str(file)] for file in files)
    return [
        Row("control: python -c pass", IDLE, [IDLE], "1"),
        Row("5 files without streams / python -c pass", [*ALONE, COLD, *FEW], [IDLE], "4"),
        Row("a file of 3 MB / of 1.5 MB", middle, [small], "2"),
        Row("a file of 6 MB / of 3 MB", large, [middle], "2"),
    ]


def of_stream_files(streams: Path, some: Path, flake8: Path) -> list[Row]:
    """Where there is something to say; `some` holds a few of these files, for a peer that takes
    seconds a file."""
    cold = [*ALONE, COLD]
    unscreened = [sys.executable, "-c", UNSCREENED, str(some)]
    where = str(streams)
    parse = [sys.executable, "-c", PARSE, where]
    peer = [str(flake8), "--isolated", "--select", "ASYNC", "--jobs", "1", str(some)]
    few = sum(1 for _ in some.rglob("*.py"))
    return [
        Row("stream files / ruff", [*cold, where], [[*RUFF, COLD, where]], "12"),
        Row("stream files / libcst.parse_module", [*cold, where], [parse], "0.25"),
        Row(f"{few} of them / flake8 with flake8-async", [*cold, str(some)], [peer], "0.01"),
        Row(
            "no screens, every rule / FP303 alone",
            [*unscreened, '{"profile": "strict"}'],
            [[*unscreened, '{"select": ["FP303"]}']],
            "1.25",
        ),
        Row(
            "stream files, 2 processes / 1, time taken",
            [*cold, "--jobs", "2", where],
            [[*cold, where]],
            "0.59",
            is_wall=True,
        ),
    ]


def _generated(size: int) -> str:
    parts: list[str] = []
    while size > 0:
        number = len(parts)
        leaves = "print(row)" if number % 50 else "return row"
        parts.append(BLOCK.format(number=number, leaves=leaves))
        size -= len(parts[-1])
    return "".join(parts)


def middle_of(files: Sequence[Path]) -> Path:
    """The file that is neither large nor small."""
    return sorted(files, key=lambda file: (file.stat().st_size, str(file)))[len(files) // 2]
