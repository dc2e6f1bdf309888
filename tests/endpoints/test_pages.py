"""The commands of docs/endpoints.md and docs/purity.md print what the pages show."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"```(console|text)\n(.*?)```", re.DOTALL)


@pytest.mark.parametrize("page", ["endpoints.md", "purity.md"])
def test_a_page_shows_what_its_command_prints(page: str) -> None:
    """Each line of the blocks after the first command is a line of its output."""
    text = (ROOT / "docs" / page).read_text("utf-8")
    blocks = BLOCK.findall(text)
    [command] = [line for line in blocks[0][1].splitlines() if line.startswith("pytest ")]
    done = subprocess.run(
        [sys.executable, "-m", *shlex.split(command), "-p", "no:cacheprovider"],
        env={**os.environ, "PYTEST_ADDOPTS": ""},
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=300,
        check=False,
    )
    printed = {line.rstrip() for line in done.stdout.splitlines()}
    shown = [block for kind, block in blocks[1:] if kind == "text" and "shop/" not in block]
    assert shown
    for line in "".join(shown).splitlines():
        assert line.rstrip() in printed, (line, done.stdout)
