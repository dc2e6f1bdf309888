"""How often the default rules are right: findings in published packages, counted and read by hand.

`python docs/precision.py` fetches the packages below from the registry (about 120 MB, once), runs
the default rules over them and writes the counts into `precision.md`; the readings there are kept.
`--check` writes nothing and fails when the counts have changed; `--unread` prints each finding that
nobody has read yet, with its lines.
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
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

PAGE = Path(__file__).with_name("precision.md")
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
PACKAGES = NAMED | FURTHER
READING = re.compile(
    r"\| (?P<code>FP\d{3}) \| `(?P<place>[^`]+:\d+)` \| (?P<verdict>true|debatable|false) \|"
)
START, END = "<!-- counts: written by precision.py -->", "<!-- end of counts -->"


class Finding(NamedTuple):
    """One finding: its code, its place below the cache folder, and the message."""

    code: str
    place: str
    message: str


def fetch(cache: Path) -> None:
    """Unpack each package's pinned wheel below `cache`, once."""
    for name, version in PACKAGES.items():
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


def findings(cache: Path) -> tuple[list[Finding], int]:
    """What the default rules say of the packages, and how many files were read."""
    command = [sys.executable, "-m", "funcpipe_lint", "check", "--output-format", "json"]
    run = subprocess.run([*command, *PACKAGES], cwd=cache, capture_output=True, check=False)
    if run.returncode not in (0, 1, 2):
        sys.exit(run.stderr.decode())
    report = json.loads(run.stdout)
    found = [
        Finding(each["code"], f"{each['path']}:{each['line']}", each["message"])
        for each in report["violations"]
    ]
    return found, sum(1 for name in PACKAGES for _ in (cache / name).rglob("*.py"))


def table(found: Iterable[Finding], read: dict[tuple[str, str], str], files: int) -> str:
    """The counts as a Markdown table, one line a rule and a line of sums."""
    counts = Counter(each.code for each in found)
    verdicts = Counter((code, verdict) for (code, _), verdict in read.items())
    lines = [
        f"{len(PACKAGES)} packages, {files:,} files, {sum(counts.values())} findings.",
        "",
        "| rule | findings | read | true | debatable | false | true, of those read |",
        "|---|---|---|---|---|---|---|",
    ]
    sums: Counter[str] = Counter()
    for code in [*sorted(counts), "all"]:
        of = {v: verdicts[code, v] for v in ("true", "debatable", "false")}
        total = counts[code]
        if code == "all":
            of, total = {v: sums[v] for v in of}, sum(counts.values())
        sums.update(of)
        seen = sum(of.values())
        share = f"{of['true'] / seen:.0%}" if seen else "-"
        row = [code, total, seen, *of.values(), share]
        lines.append("| " + " | ".join(str(cell) for cell in row) + " |")
    return "\n".join(lines)


def excerpt(cache: Path, place: str) -> str:
    """The lines around a finding."""
    path, _, line = place.rpartition(":")
    text = (cache / path).read_text("utf-8", "replace").splitlines()
    first = max(0, int(line) - 16)
    return "\n".join(
        f"{n:>6} {'>' if n == int(line) else ' '} {text[n - 1]}"
        for n in range(first + 1, min(len(text), int(line) + 12) + 1)
    )


def main() -> int:
    """Write, check or list, as the command line says; 0 when the page holds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, help="where the packages are kept unpacked")
    parser.add_argument("--check", action="store_true", help="only compare, write nothing")
    parser.add_argument("--unread", action="store_true", help="print the findings not read yet")
    options = parser.parse_args()
    home = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
    cache = (options.cache or home / "funcpipe-precision").resolve()
    cache.mkdir(parents=True, exist_ok=True)
    fetch(cache)
    found, files = findings(cache)
    page = PAGE.read_text("utf-8")
    read = {(m["code"], m["place"]): m["verdict"] for m in READING.finditer(page)}
    if options.unread:
        for each in found:
            if (each.code, each.place) not in read:
                print(f"{each.place} {each.code} {each.message}\n{excerpt(cache, each.place)}\n")
        return 0
    known = {(each.code, each.place) for each in found}
    gone = [key for key in read if key not in known]
    for code, place in gone:
        print(f"{PAGE.name} judges {code} at {place}, which is no finding any more")
    before, _, rest = page.partition(START)
    after = rest.partition(END)[2]
    new = f"{before}{START}\n{table(found, read, files)}\n{END}{after}"
    if options.check:
        return int(new != page or bool(gone))
    PAGE.write_text(new, "utf-8")
    return int(bool(gone))


if __name__ == "__main__":
    sys.exit(main())
