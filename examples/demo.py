"""What the kit finds in an example, in published packages, and in two stream libraries.

`make demo` runs it. Every step states what is expected of it; the exit code is 1 if one of them
turns out otherwise.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parent.parent
CACHE = ROOT / ".cache" / "demo"
LINT = [sys.executable, "-m", "funcpipe_lint", "check"]
LAWS = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--laws"]

# Pinned, so that the findings are the same for everyone; what is expected of each is on the right.
PACKAGES = {
    "langchain-core==1.8.2": "FP303",
    "pydantic-ai-slim==2.68.0": "FP303",
    "aiostream==0.8.1": None,
}

HAS_COLOUR = sys.stdout.isatty() and "NO_COLOR" not in os.environ
COLOURS = re.compile(r"\x1b\[[\d;]*m")

# The laws that say when, and in which order, what a stream holds is released, faults included.
RELEASE_LAWS = {"S9", "S10", "S11", "S14", "C2", "O3", "D1", "D2", "D3", "D6", "D8", "D9"}


def run(command: list[str], show: bool = True) -> subprocess.CompletedProcess[str]:
    """Run a command as a user would, and show its output."""
    if show:
        words = [word.replace(sys.executable, "python") for word in command]
        print(bold(f"$ {' '.join(words)}"), flush=True)
    environment = {**os.environ, "FORCE_COLOR": "1"} if show and HAS_COLOUR else None
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    if show:
        print(done.stdout + done.stderr, flush=True)
    done.stdout = COLOURS.sub("", done.stdout)
    return done


def bold(text: str) -> str:
    """A text that stands out, where the terminal can show it."""
    return f"\x1b[1m{text}\x1b[0m" if HAS_COLOUR else text


def lint_examples() -> bool:
    """The same pipeline twice: five findings in one, none in the other."""
    naive = run([*LINT, "examples/orders_naive.py"])
    careful = run([*LINT, "examples/orders.py"])
    return naive.returncode == 1 and careful.returncode == 0


def unpacked(requirement: str) -> Path:
    """The package's wheel, downloaded and unpacked, without being installed or imported."""
    folder = CACHE / requirement
    if not folder.exists():
        print(f"fetching {requirement} ...", flush=True)
        wheels = CACHE / "wheels"
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        options = ["--disable-pip-version-check", "--only-binary=:all:", "--dest", str(wheels)]
        subprocess.run([*pip, *options, requirement], check=True, stderr=subprocess.DEVNULL)
        stem = requirement.partition("==")[0].replace("-", "_")
        with zipfile.ZipFile(next(wheels.glob(f"{stem}-*.whl"))) as wheel:
            wheel.extractall(folder)
    return folder


def lint_packages() -> bool:
    """Code that nobody here wrote: true findings in two packages, silence in the third."""
    right = True
    for requirement, expected in PACKAGES.items():
        folder = unpacked(requirement).relative_to(ROOT)
        shown = run([*LINT, "--quiet", str(folder)], show=False).stdout
        counts = Counter(re.findall(r"^\S+:\d+:\d+: (FP\d+) ", shown, re.MULTILINE))
        summary = ", ".join(f"{n} x {code}" for code, n in sorted(counts.items())) or "nothing"
        print(f"{requirement}: {summary}")
        if counts:
            print("\n".join(["the first of them:", *shown.split("\n\n")[:2], ""]))
        right &= expected in counts if expected else not counts
    return right


def laws_on_naive_streams() -> bool:
    """Combinators of nested loops: they break the laws of release, and only those."""
    shown = run([*LAWS, "examples.naive_streams"]).stdout
    broken = set(re.findall(r"^FAILED \S+::([A-Z]\d+)-", shown, re.MULTILINE))
    return {"S10", "S11", "S14"} <= broken <= RELEASE_LAWS


def laws_on_reference() -> bool:
    """The reference: every law holds."""
    return run([*LAWS, "funcpipe_streams"]).returncode == 0


STEPS: list[tuple[str, Callable[[], bool]]] = [
    ("Lint a pipeline written naively, and the same one written well", lint_examples),
    ("Lint packages from the registry: two with findings, one without", lint_packages),
    (
        "Run the laws on nested loops: closing them does not release",
        laws_on_naive_streams,
    ),
    ("Run the laws on the reference: all hold", laws_on_reference),
]

NEXT = """\
Next, on your own code:
  .venv/demo/bin/funcpipe init                propose a gate for the project in the current folder
  .venv/demo/bin/funcpipe-lint check PATH     lint it; --fix mends what is safe
  .venv/demo/bin/pytest --laws YOUR.MODULE    run the laws on your own combinators
  README.md                                   pre-commit, flake8, and an instance in ten lines\
"""


def main() -> int:
    """Run the steps; 0 if each came out as stated."""
    failed = []
    for number, (title, step) in enumerate(STEPS, 1):
        print(bold(f"\n=== {number} of {len(STEPS)}. {title} ===\n"), flush=True)
        started = time.perf_counter()
        if not step():
            failed.append(title)
        print(f"({time.perf_counter() - started:.1f} s)")
    print(f"\n{NEXT}")
    for title in failed:
        print(f"\nNOT AS STATED: {title}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
