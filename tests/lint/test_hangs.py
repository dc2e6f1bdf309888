"""No input hangs the linter: what grew faster than the text, run through the command."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROWS = "async def rows(p):\n    async with p as c:\n        yield c\n\n\n"
LEAK = "async def leak(p):\n    async for r in rows(p):\n        yield r\n"
# Each is checked in well under a second. Where a pattern has two ways to read what is repeated, it
# takes longer than there is time.
INPUTS: dict[str, str] = {
    "a banner behind a word that ends in `in`": ROWS
    + LEAK.replace("    async for", f"    # begin {'#' * 60}\n    async for"),
    "escaped line ends behind `async`": f"{ROWS}{LEAK}\nTEXT = '''async{chr(92)}\n"
    + "\\\n" * 60
    + "'''\n",
    "`in` before suppressions": f"{ROWS}{LEAK}# in {'# noqa: async with ' * 60}\n",
    "`async` many times in a comment": f"{ROWS}{LEAK}# {'async #' * 16_000}\n",
    "`async` in many comments": ROWS + "# async # x\n" * 8_000 + LEAK,
    "many suppressions that silence nothing": ROWS + LEAK + "x = 1  # noqa: FP303\n" * 8_000,
    "many loops in one function": ROWS + LEAK + LEAK.partition("\n")[2] * 800,
    "comments between `in` and `self`": f"{ROWS}{LEAK}# in {'# self' * 60}\n",
}


@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize("name", INPUTS)
def test_no_text_hangs_the_linter(name: str, end: str, tmp_path: Path) -> None:
    """What made a pattern read on and on is checked in a moment, and its leak is found."""
    path = tmp_path / "m.py"
    path.write_bytes(INPUTS[name].replace("\n", end).encode())
    command = [sys.executable, "-m", "funcpipe_lint", "check", "--isolated", "--no-cache"]
    done = subprocess.run(
        [*command, "--profile=strict", "--output-format=concise", str(path)],
        timeout=60,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert "FP303" in done.stdout
