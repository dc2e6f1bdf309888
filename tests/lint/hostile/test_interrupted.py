"""Ctrl-C ends a run of the command as it should, wherever it meets it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.lint.conftest import LEAKY

ROOT = Path(__file__).parents[3]
NEVER_ENDS = 120

# What a module does while it is imported.
PRESSED = {
    "anywhere": "press()",
    "in a string that is executed, as dataclasses' are": "exec('press()')",
    "in a destructor": "class A:\n    def __del__(self):\n        press()\nA()",
    "in a callback": "import weakref\nweakref.finalize(type('A', (), {})(), press)",
}


@pytest.mark.parametrize("options", [["check"], ["check", "--fix", "--select", "FP"]], ids=" ".join)
def test_ctrl_c_at_moments_spread_over_a_run(tmp_path: Path, options: list[str]) -> None:
    """One line and exit 2, from the command's first call to its end, imports included."""
    (tmp_path / "leaky.py").write_text(LEAKY, encoding="utf-8")
    done = _run("tests.lint.hostile.interrupted", "9001", *options, "--no-cache", str(tmp_path))
    moments, *wrong = done.stdout.splitlines()
    assert int(moments.partition(" ")[0]) > 30, done.stderr
    assert wrong == []


@pytest.mark.parametrize("where", PRESSED)
def test_ctrl_c_where_python_makes_something_of_it(tmp_path: Path, where: str) -> None:
    """Neither a swallowed one nor the interpreter's own notes on it change how a run ends."""
    pressed = f"import signal\ndef press(): signal.raise_signal(signal.SIGINT)\n{PRESSED[where]}\n"
    (tmp_path / "pressed.py").write_text(pressed, encoding="utf-8")
    (tmp_path / "leaky.py").write_text(LEAKY, encoding="utf-8")
    done = _run("funcpipe_lint", "check", "--plugin", "pressed", "leaky.py", folder=tmp_path)
    assert (done.returncode, done.stderr) == (2, "funcpipe-lint: interrupted\n")


def _run(module: str, *arguments: str, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:

    return subprocess.run(
        [sys.executable, "-m", module, *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        timeout=NEVER_ENDS,
        env={**os.environ, "PYTHONPATH": str(folder)},
    )
