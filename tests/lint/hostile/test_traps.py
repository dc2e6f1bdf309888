"""Files that break parsers: found, or refused with a reason; never a crash. A process for each."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from docs.studies.traps import TRAPS

RUN = [sys.executable, "-m", "funcpipe_lint", "check", "--isolated", "--output-format", "concise"]


@pytest.mark.parametrize("name", TRAPS)
def test_traps(name: str, tmp_path: Path) -> None:
    """The leak in it is found, or the file is FP002 in one line that says why."""
    trap = TRAPS[name]
    file = tmp_path / "trap.py"
    file.write_bytes(trap.raw)
    done = subprocess.run(
        [*RUN, "--select", "FP303", str(file)], capture_output=True, text=True, check=False
    )
    if done.returncode == 2:
        assert trap.refusal is not None, done.stderr
        (line,) = done.stderr.splitlines()
        assert "FP002 " in line
        assert trap.refusal in line
        assert "please report" not in line
    else:
        assert done.stderr == ""
        assert not trap.refusal, f"should be refused: {trap.refusal}"
        found = [line.split(": ")[1].split()[0] for line in done.stdout.splitlines()]
        leaks = ["FP303"] if b"leak" in trap.raw else []
        assert found == leaks
        assert done.returncode == int(bool(leaks))
