"""How often the default rules are right: findings in published packages, counted and read by hand.

`python docs/studies/precision.py` fetches the packages from the registry (400 MB, once), runs the
default rules over them and writes the counts into `precision.md`; the readings there are kept.
`--check` writes nothing and fails when the counts have changed; `--unread` prints each finding that
nobody has read yet, with its lines. `--all` fetches those packages of the later samples too
in which the rules find nothing, and fails where they find something.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from docs.programs.filling import filled

PAGE = Path(__file__).parents[1] / "precision.md"
# What the rules were narrowed on.
NAMED = {
    "aiohttp": "3.14.5",
    "anthropic": "2.12.0",
    "anyio": "4.16.0",
    "bijux-canon-ingest": "0.3.9",
    "distributed": "2026.8.0",
    "faust-streaming": "0.15.3",
    "google-genai": "3.4.0",
    "langchain-core": "1.8.2",
    "litellm": "1.109.1",
    "llama-index-core": "0.14.25",
    "mcp": "2.3.0",
    "openai": "3.54.0",
    "pydantic-ai-slim": "2.68.0",
    "starlette": "1.10.0",
    "trio": "0.35.0",
}
# Those of 165 packages that stream in which the rules find something: read after the others.
FURTHER = {
    "a2a-sdk": "1.3.0",
    "agno": "3.1.10",
    "aioitertools": "0.13.0",
    "aiosqlite": "0.22.1",
    "arize-phoenix": "20.26.1",
    "asyncssh": "2.24.1",
    "autogen-agentchat": "0.7.5",
    "autogen-ext": "0.7.5",
    "crawl4ai": "0.9.5",
    "crawlee": "1.11.0",
    "dagster": "1.13.29",
    "dspy": "3.4.1",
    "elasticsearch": "9.5.1",
    "gradio": "6.31.0",
    "langchain-community": "0.4.2",
    "langgraph": "1.2.24",
    "langserve": "0.3.3",
    "langsmith": "0.15.1",
    "mistralai": "3.7.0",
    "modal": "1.6.4",
    "nemoguardrails": "0.24.1",
    "openai-agents": "0.24.0",
    "pipecat-ai": "1.14.0",
    "sanic": "25.12.1",
    "scrapling": "0.5",
    "streamable": "2.0.0",
    "zarr": "3.1.6",
}
# Several lines of one file may share a reading. What is silent was reported when it was read.
READING = re.compile(
    r"\| (?P<code>FP\d{3}) \| `(?P<path>[^`]+):(?P<lines>[\d, ]+)` "
    r"\| (?P<verdict>true|debatable|false) \|(?: (?P<now>reported|silent) \|)?"
)
PINNED = re.compile(r"`([\w.-]+) (\d[^` ]*)`")
MARKS = ("<!-- counts: written by precision.py -->", "<!-- end of counts -->")
LATER = "\n## Out of sample"
QUIET = "\n### Nothing found\n"
VERDICTS = ("true", "debatable", "false")


class Finding(NamedTuple):
    """One finding: its code, its place below the cache folder, and the message."""

    code: str
    place: str
    message: str


class Reading(NamedTuple):
    """What was judged of a finding, and whether the rules still report it."""

    verdict: str
    is_reported: bool


Readings = dict[tuple[str, str], Reading]


def fetch(cache: Path, packages: Mapping[str, str]) -> None:
    """Unpack each package's pinned wheel below `cache`, once."""
    for name, version in packages.items():
        target = cache / name
        if (target / ".complete").exists():
            continue
        wheels = cache / "wheels" / name
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        command += ["--only-binary=:all:", "--dest", str(wheels), f"{name}=={version}"]
        subprocess.run(command, check=True)
        for wheel in wheels.glob("*.whl"):
            with zipfile.ZipFile(wheel) as archive:
                sources = [member for member in archive.namelist() if member.endswith(".py")]
                archive.extractall(target, sources)
        (target / ".complete").touch()


def findings(cache: Path, packages: Iterable[str], *options: str) -> list[Finding]:
    """What the rules report in the packages: the default ones, or those that options choose."""
    command = [sys.executable, "-m", "funcpipe_lint", "check", "--isolated", *options]
    command += ["--output-format", "json", *packages]
    run = subprocess.run(command, cwd=cache, capture_output=True, check=False)
    if run.returncode not in (0, 1, 2):
        sys.exit(run.stderr.decode())
    report = json.loads(run.stdout)
    return [
        Finding(each["code"], f"{each['path']}:{each['line']}", each["message"])
        for each in report["violations"]
    ]


def readings(text: str) -> Readings:
    """The judgements in a part of the page."""
    return {
        (m["code"], f"{m['path']}:{line.strip()}"): Reading(m["verdict"], m["now"] != "silent")
        for m in READING.finditer(text)
        for line in m["lines"].split(",")
    }


def cells(verdicts: Iterable[str]) -> list[str]:
    """How many were read, how many of each verdict, and the share that is true."""
    counts = Counter(verdicts)
    read = sum(counts.values())
    share = f"{counts['true'] / read:.0%}" if read else "-"
    return [str(n) for n in (read, *(counts[v] for v in VERDICTS), share)]


def rows(codes: Iterable[str], columns: Mapping[str, list[str]]) -> Iterator[str]:
    """A Markdown table: its heads, and a line for each code."""
    yield "| rule | " + " | ".join(columns["heads"]) + " |"
    yield "|---" * (len(columns["heads"]) + 1) + "|"
    for code in codes:
        yield "| " + " | ".join([code, *columns[code]]) + " |"


def first_table(found: list[Finding], read: Readings, files: int) -> str:
    """The counts of the first sample, one line a rule and a line of sums."""
    counts = Counter(each.code for each in found)
    codes = [*sorted(counts), "all"]
    columns = {"heads": ["findings", "read", *VERDICTS, "true, of those read"]}
    for code in codes:
        verdicts = [one.verdict for (of, _), one in read.items() if code in (of, "all")]
        total = counts[code] if code != "all" else len(found)
        columns[code] = [str(total), *cells(verdicts)]
    packages = len(NAMED | FURTHER)
    head = f"{packages} packages, {files:,} files, {len(found)} findings."
    return "\n".join([head, "", *rows(codes, columns)])


def later_table(read: Readings, packages: tuple[int, int]) -> str:
    """The counts of a later sample, as it was first met and as the rules are now."""
    codes = [*sorted({code for code, _ in read}), "all"]
    then = ("read", *VERDICTS, "true, of those read")
    columns = {"heads": [*then, "reported now", *VERDICTS, "true, of those reported"]}
    for code in codes:
        of = [one for (each, _), one in read.items() if code in (each, "all")]
        now = cells(one.verdict for one in of if one.is_reported)
        columns[code] = [*cells(one.verdict for one in of), *now]
    head = f"{sum(packages)} packages; the rules found something in {packages[0]} of them."
    return "\n".join([head, "", *rows(codes, columns)])


def wrong(found: Iterable[Finding], read: Readings, page: str = PAGE.name) -> Iterator[str]:
    """Where the judgements of a page and the findings differ."""
    known = {(each.code, each.place) for each in found}
    for (code, place), one in read.items():
        if one.is_reported and (code, place) not in known:
            yield f"{page} judges {code} at {place}, which is no finding any more"
        if not one.is_reported and (code, place) in known:
            yield f"{page} calls {code} at {place} silent, and it is reported"


def unread(found: Iterable[Finding], read: Readings) -> Iterator[Finding]:
    """The findings that nobody has judged."""
    return (each for each in found if (each.code, each.place) not in read)


def excerpt(cache: Path, place: str) -> str:
    """The lines around a finding."""
    path, _, line = place.rpartition(":")
    text = (cache / path).read_text("utf-8", "replace").splitlines()
    first = max(0, int(line) - 16)
    return "\n".join(
        f"{n:>6} {'>' if n == int(line) else ' '} {text[n - 1]}"
        for n in range(first + 1, min(len(text), int(line) + 12) + 1)
    )


def cache_folder(given: Path | None) -> Path:
    """Where the packages are kept unpacked: what was given, or a folder of the user's cache."""
    home = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
    cache = (given or home / "funcpipe-precision").resolve()
    cache.mkdir(parents=True, exist_ok=True)
    return cache


def main() -> int:
    """Write, check or list, as the command line says; 0 when the page holds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, help="where the packages are kept unpacked")
    parser.add_argument("--check", action="store_true", help="only compare, write nothing")
    parser.add_argument("--unread", action="store_true", help="print the findings not read yet")
    parser.add_argument("--all", action="store_true", help="also check what is found to be quiet")
    options = parser.parse_args()
    cache = cache_folder(options.cache)
    page = PAGE.read_text("utf-8")
    first, *later = page.split(LATER)
    named = NAMED | FURTHER
    fetch(cache, named)
    found = findings(cache, named)
    files = sum(1 for name in named for _ in (cache / name).rglob("*.py"))
    parts = [filled(first, MARKS, first_table(found, readings(first), files))]
    problems = list(wrong(found, readings(first)))
    for part in later:
        loud, _, quiet = (dict(PINNED.findall(text)) for text in part.partition(QUIET))
        packages = loud | (quiet if options.all else {})
        fetch(cache, packages)
        here, read = findings(cache, packages), readings(part)
        problems += wrong(here, read)
        problems += [f"nobody has read {one.code} at {one.place}" for one in unread(here, read)]
        parts.append(filled(part, MARKS, later_table(read, (len(loud), len(quiet)))))
        found += here
    if options.unread:
        for each in unread(found, readings(page)):
            print(f"{each.place} {each.code} {each.message}\n{excerpt(cache, each.place)}\n")
        return 0
    print(*problems, sep="\n", end="\n" if problems else "")
    new = LATER.join(parts)
    if not options.check:
        PAGE.write_text(new, "utf-8")
    return int(bool(problems) or (options.check and new != page))


if __name__ == "__main__":
    sys.exit(main())
