"""Fixes as unified diffs (`--diff`)."""

from __future__ import annotations

import difflib
import io
import re
import sys

from funcpipe_lint.model.visible import beginning, visible
from funcpipe_lint.read.source import Source, is_notebook

# White space that Python's layout may be made of: escaped, the diff would not apply.
_KEPT = re.compile("([\t\f])")


def show(path: str, before: bytes, after: bytes) -> None:
    """Prints what a fix changes in a file; in a notebook, cell by cell."""
    parts = [{"": Source.decode(raw).text} for raw in (before, after)]
    if is_notebook(path):
        from funcpipe_lint.read.notebooks.notebook import Notebook

        cells = (Notebook.read(raw).cells for raw in (before, after))
        parts = [{f":cell {cell.number}": f"{cell.source}\n" for cell in some} for some in cells]
    for name in parts[0]:
        # Unlike str.splitlines this ends no line at a form feed, which a diff would take for a file
        # without an end.
        old, new = (io.StringIO(part[name], newline="").readlines() for part in parts)
        label = visible(path) + name
        for line in difflib.unified_diff(old, new, label, label):
            sys.stdout.write(_line(line))


def _line(line: str) -> str:
    """A line of a diff with its end. What is visible of it stays as it is, so that it applies."""
    text = line.rstrip("\r\n")
    end = line[len(text) :]
    shown = "".join(part if part in "\t\f" else visible(part) for part in _KEPT.split(text))
    shown = shown[:1] + beginning(shown[1:])
    if end == "\r":
        end = "\\r\n"  # alone it would end a line for some readers, and none for others
    return shown + (end or "\n\\ No newline at end\n")
