"""The example programs do what their texts say."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command], cwd=ROOT, capture_output=True, text=True, check=False
    )


def test_both_reports_print_the_same() -> None:
    """The pipeline written well prints what the naive one prints."""
    naive, careful = run("examples/orders_naive.py"), run("examples/orders.py")
    assert (naive.returncode, careful.returncode) == (0, 0), naive.stderr + careful.stderr
    assert "CURRENCY: no rate for CHF" in careful.stdout
    assert naive.stdout == careful.stdout


def test_naive_report_has_the_five_faults() -> None:
    """The naive pipeline breaks each of the five founding rules once."""
    answer = run("-m", "funcpipe_lint", "check", "--output-format=json", "examples/orders_naive.py")
    codes = sorted(violation["code"] for violation in json.loads(answer.stdout)["violations"])
    assert codes == ["FP101", "FP201", "FP301", "FP302", "FP303"]


def test_careful_report_is_clean() -> None:
    """The pipeline written well breaks none."""
    answer = run("-m", "funcpipe_lint", "check", "examples/orders.py")
    assert answer.returncode == 0, answer.stdout
