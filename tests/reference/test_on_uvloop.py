"""The tests of concurrent streams and of release, once more on another loop."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
FILES = ["test_concurrent.py", "test_concurrent_close.py", "test_plans.py", "test_release.py"]


def test_all_of_it_holds_on_uvloop() -> None:
    """Nothing depends on how the stock loop is made."""
    pytest.importorskip("uvloop", reason="uvloop is not installed")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*command, "-p", "tests.reference.on_uvloop", *(str(HERE / file) for file in FILES)],
        capture_output=True,
        text=True,
        cwd=HERE.parent.parent,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert " passed" in done.stdout
