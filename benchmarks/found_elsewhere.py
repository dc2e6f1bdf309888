"""What other linters say at the places where ours found a defect that was read and is true.

The places are those of docs/precision.md outside of what the rules were narrowed on first:
published packages, each finding read by hand. ruff runs with its default rules, and with every rule
that it has on asyncio, on likely bugs and of its own, previews included; flake8-async with all that
it has. A tool counts as reporting a place where it reports anything on that line.

`python benchmarks/found_elsewhere.py` fetches the packages (500 MB, once), takes minutes, most of
them flake8's, and prints the table; `--readme` writes it into README.md.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.bench_lint import peer
from docs.programs.filling import filled
from docs.studies import precision

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
MARKS = ("<!-- others: written by benchmarks/found_elsewhere.py -->", "<!-- end of others -->")
RUFF = [sys.executable, "-m", "ruff", "check", "--isolated", "--output-format", "json"]
BUGS = ["--preview", "--select", "ASYNC,B,F,PLE,PLW,RUF"]


class Said(NamedTuple):
    """One thing that a tool reports."""

    path: str
    line: int
    code: str


def places(cache: Path) -> tuple[list[tuple[str, int]], int]:
    """The places of the true findings, and in how many packages; fetches these."""
    later = precision.PAGE.read_text("utf-8").partition(precision.LATER)[2]
    read = precision.readings(later)
    true = [at for (_, at), one in read.items() if one.verdict == "true" and one.is_reported]
    versions = dict(precision.PINNED.findall(later))
    names = sorted({at.partition("/")[0] for at in true})
    precision.fetch(cache, {name: versions[name] for name in names})
    return [(at.rpartition(":")[0], int(at.rpartition(":")[2])) for at in true], len(names)


def said_by_ruff(cache: Path, options: Sequence[str], files: Iterable[str]) -> list[Said]:
    """What ruff reports."""
    done = subprocess.run(
        [*RUFF, *options, *files], cwd=cache, capture_output=True, text=True, check=False
    )
    root = str(cache.resolve())
    return [
        Said(str(Path(one["filename"]).relative_to(root)), one["location"]["row"], one["code"])
        for one in json.loads(done.stdout)
    ]


def said_by_flake8(cache: Path, options: Sequence[str], files: Iterable[str]) -> list[Said]:
    """What flake8-async reports."""
    command = [str(peer(cache.parent)), "--isolated", "--format", "%(path)s|%(row)d|%(code)s"]
    done = subprocess.run(
        [*command, "--select", "ASYNC", *options, *files],
        cwd=cache,
        capture_output=True,
        text=True,
        check=False,
    )
    rows = [line.split("|") for line in done.stdout.splitlines()]
    return [Said(path.removeprefix("./"), int(line), code) for path, line, code in rows]


def main() -> int:
    """Measures, and prints or writes the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--cache", type=Path, default=ROOT / ".cache" / "precision")
    parser.add_argument("--readme", action="store_true", help="write the table into README.md")
    options = parser.parse_args()
    cache = options.cache.resolve()
    true, packages = places(cache)
    files = sorted({path for path, _ in true})
    tools = {
        "ruff, default rules": said_by_ruff(cache, [], files),
        "ruff, `ASYNC,B,F,PLE,PLW,RUF` and previews": said_by_ruff(cache, BUGS, files),
        "flake8-async, all rules": said_by_flake8(cache, ["--enable", "ASYNC"], files),
    }
    lines = [
        f"| on {len(true)} true defects in {packages} published packages | reported there |"
        " reports in those files |",
        "|---|---|---|",
        f"| funcpipe-lint, default rules | {len(true)} | {ours(cache, files)} |",
    ]
    for name, said in tools.items():
        at = {(one.path, one.line) for one in said}
        found = [place for place in true if place in at]
        codes = sorted({one.code for one in said if (one.path, one.line) in true})
        which = f" ({', '.join(codes)})" if codes else ""
        lines.append(f"| {name} | {len(found)}{which} | {len(said):,} |")
    table = "\n".join(lines)
    print(table)
    if options.readme:
        README.write_text(filled(README.read_text("utf-8"), MARKS, table), "utf-8")
    return 0


def ours(cache: Path, files: Iterable[str]) -> str:
    """How much our default rules report in the same files."""
    return f"{len(precision.findings(cache, files)):,}"


if __name__ == "__main__":
    sys.exit(main())
