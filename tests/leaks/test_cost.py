"""What watching costs that can be counted; times are in `make bench-leaks`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
LIMIT = 1_024


def test_at_most_a_kibibyte_is_kept_of_a_live_stream() -> None:
    """Counted over 2,000 streams that are suspended at once, in a process without other tools."""
    program = "from benchmarks.bench_leaks import bytes_kept; print(bytes_kept(2_000))"
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert 0 < float(done.stdout) <= LIMIT
