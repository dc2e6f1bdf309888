"""Fixes as unified diffs (`--diff`)."""

from __future__ import annotations

import difflib
import io
import sys

from funcpipe_lint.report.concise import spelt
from funcpipe_lint.source import Source, is_notebook


def show(path: str, before: bytes, after: bytes) -> None:
    """Prints what a fix changes in a file; in a notebook, cell by cell."""
    parts = [{"": Source.decode(raw).text} for raw in (before, after)]
    if is_notebook(path):
        from funcpipe_lint.notebook import Notebook

        cells = (Notebook.read(raw).cells for raw in (before, after))
        parts = [{f":cell {cell.number}": f"{cell.source}\n" for cell in some} for some in cells]
    for name in parts[0]:
        # Unlike str.splitlines this ends no line at a form feed, which a diff would take for a file
        # without an end.
        old, new = (io.StringIO(part[name], newline="").readlines() for part in parts)
        label = spelt(path) + name
        for line in difflib.unified_diff(old, new, label, label):
            has_end = line.endswith(("\n", "\r"))
            sys.stdout.write(line if has_end else f"{line}\n\\ No newline at end\n")
