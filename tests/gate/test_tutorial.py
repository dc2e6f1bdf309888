"""Pages to follow, block by block, in the order in which a reader meets them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "tutorial.md").read_text("utf-8")
# By page: how many lines of output it shows at least.
PAGES = {
    "tutorial.md": 11,
    "adopting.md": 7,
    "flake8.md": 1,
    "open-streams.md": 2,
    "extending.md": 0,
    "release-contract.md": 1,
    "simulated-loop.md": 2,
}
BLOCK = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)
FILE = re.compile(r"`([\w./]+\.(?:py|toml))`")


@pytest.mark.parametrize("name", PAGES)
def test_the_page(tmp_path: Path, name: str) -> None:
    """Each file is written where the text above it says, each command is run, and the lines of a
    block of output are in what the commands above it have printed, in this order."""
    page = (DOCS / name).read_text("utf-8")
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", "CI"))}
    environment["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment |= {"COLUMNS": "200", "NO_COLOR": "1"}
    printed, code, end, shown = "", 0, 0, 0
    for block in BLOCK.finditer(page):
        kind, text = block.groups()
        check_code(page[end : block.start()], code)
        if kind in ("python", "toml"):
            file = FILE.findall(page[end : block.start()])[-1]
            (tmp_path / file).parent.mkdir(exist_ok=True)
            (tmp_path / file).write_text(text)
        elif kind == "console":
            printed = ""
            for command in text.splitlines():
                if not command.startswith("pip "):
                    said, code = run(command, tmp_path, environment)
                    printed += said
        else:
            flat, at = " ".join(printed.split()), 0
            for line in text.splitlines():
                words = " ".join(line.split())
                assert words in flat[at:], f"{line}\n{printed}"
                at = flat.index(words, at) + len(words)
                shown += 1
        end = block.end()
    check_code(page[end:], code)
    assert shown >= PAGES[name]


def check_code(prose: str, code: int) -> None:
    """What the text says of the last command's exit code is so."""
    for said in re.findall(r"[Ee]xit code (\d)", prose):
        assert int(said) == code, prose


def run(command: str, folder: Path, environment: dict[str, str]) -> tuple[str, int]:
    """What a command prints, and its exit code; it may fail, but not break."""
    done = subprocess.run(
        [*command.split()],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode in (0, 1), f"{command}\n{done.stdout}{done.stderr}"
    return f"{done.stdout}\n{done.stderr}\n", done.returncode


def test_the_last_command_passes() -> None:
    """The page ends in a green gate, and says so."""
    assert "Exit code 0." in PAGE.rpartition("```")[2]
    assert [text for kind, text in BLOCK.findall(PAGE) if kind == "console"][
        -1
    ] == "funcpipe check\n"
