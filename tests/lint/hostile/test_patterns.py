"""No pattern of the linter does more work than its text is long."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_every_pattern_is_linear() -> None:
    """Each one that checking the cases uses is pumped with every piece that may stand in a file."""
    command = [sys.executable, "-m", "tests.lint.hostile.pumping", "--quick"]
    done = subprocess.run(
        command, timeout=600, capture_output=True, text=True, check=True, cwd=ROOT
    )
    pumped, *growing = done.stdout.splitlines()
    assert int(pumped.partition(" ")[0]) > 120
    assert growing == []
