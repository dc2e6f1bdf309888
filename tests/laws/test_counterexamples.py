"""docs/counterexamples: each script shows its defect with the library and asyncio alone."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "docs" / "counterexamples"
SCRIPTS = sorted(FOLDER.glob("*.py"))
MAKES_USE_OF = {"aioreactive": ("expression",), "openinference": ("opentelemetry",)}
"""A library -> others without which it cannot be used."""


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_the_defect_is_still_there(script: Path) -> None:
    """The script's own assertion holds: the library does what the first line says."""
    if script.stem.startswith("openinference") and sys.version_info >= (3, 15):
        pytest.skip("the library is for Python up to 3.14")
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_it_is_short_and_needs_nothing_of_ours(script: Path) -> None:
    """At most 15 lines of code below the docstring; imported are Python's modules and its own."""
    text = script.read_text()
    tree = ast.parse(text)
    first, *code = tree.body
    assert ast.get_docstring(tree), "the first line says what goes wrong"
    lines = [line for line in text.splitlines()[first.end_lineno :] if line.strip()]
    assert len(lines) <= 15
    assert any(isinstance(node, ast.Assert) for node in ast.walk(tree)), "nothing is held"
    imported = {
        name.partition(".")[0]
        for node in code
        for name in (
            [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else []
        )
    }
    library = script.stem.partition("_")[0]
    assert imported - sys.stdlib_module_names <= {library, *MAKES_USE_OF.get(library, ())}


def test_there_are_scripts() -> None:
    """An empty folder would pass the tests above."""
    assert SCRIPTS
