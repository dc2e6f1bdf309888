"""pytest as a user's shell runs it, in a folder of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]


def pytest_in(
    folder: Path, *arguments: str, plugins: Sequence[str] = ()
) -> subprocess.CompletedProcess[str]:
    """One run, with ours and the named plugins: loading all that are installed takes seconds."""
    named = [f"-p{name}" for name in ("no:cacheprovider", "funcpipe_laws.pytest_plugin", *plugins)]
    return subprocess.run(
        [sys.executable, "-m", "pytest", *named, *arguments],
        cwd=folder,
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def outcomes(output: str) -> dict[str, int]:
    """The totals of pytest's last line."""
    words = "passed|failed|skipped|xfailed|errors?|warnings?|deselected"
    return {word.rstrip("s"): int(n) for n, word in re.findall(rf"(\d+) ({words})", last(output))}


def last(output: str) -> str:
    """Its last line."""
    return output.strip().splitlines()[-1]


def seen(output: str) -> list[str]:
    """The headings of the places in the summary."""
    summary = output.partition("= stream leaks =")[2]
    return re.findall(r"^(?:failure|warning|note|known): .*", summary, flags=re.MULTILINE)
