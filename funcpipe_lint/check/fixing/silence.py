"""Comments that silence today's findings, each with a reason (`--add-noqa`)."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterable
from pathlib import Path

from funcpipe_lint.check.fixing.writing import replace_file
from funcpipe_lint.model import Edit, Violation
from funcpipe_lint.model.codes import UNUSED_SUPPRESSION
from funcpipe_lint.read.source import Source, is_notebook
from funcpipe_lint.rule.edits import apply_edits


def silence_file(path: str, violations: Iterable[Violation], reason: str) -> int:
    """Adds a comment to each statement that a violation begins in; returns how many it covers.

    A suppression that does nothing (FP001) is left: `--fix` removes it. Raises OSError, and
    UndecodableError; the file is then as it was.
    """
    raw = Path(path).read_bytes()
    wanted = [v for v in violations if v.code != UNUSED_SUPPRESSION]
    if is_notebook(path):
        _silence_notebook(path, raw, wanted, reason)
        return len(wanted)
    source = Source.decode(raw)
    edits = comments(source.text, wanted, reason)
    if edits and source.is_stable:
        replace_file(path, source.encode(apply_edits(source.text, edits)), expected=raw)
    return len(wanted)


def _silence_notebook(path: str, raw: bytes, violations: list[Violation], reason: str) -> None:
    from funcpipe_lint.read.notebooks.notebook import Notebook

    notebook = Notebook.read(raw)
    joined = [v._replace(line=notebook.joined_line(v.cell, v.line)) for v in violations]
    silenced = notebook.edited(comments(notebook.source.text, joined, reason))
    if silenced is not None:
        replace_file(path, silenced.raw, expected=raw)


def comments(text: str, violations: Iterable[Violation], reason: str) -> list[Edit]:
    """One insertion a statement, at the end of its last line, where no string or backslash is."""
    ends = _statement_ends(text)
    codes: dict[int, set[str]] = {}
    for violation in violations:
        codes.setdefault(ends[violation.line], set()).add(violation.code)
    return [
        Edit(at, at, f"  # funcpipe: ignore[{', '.join(sorted(some))}] {reason}")
        for at, some in sorted(codes.items())
    ]


def _statement_ends(text: str) -> dict[int, int]:
    """For each line of a statement, the offset at which a comment to it can be added."""
    starts = [0, *(end.end() for end in re.finditer("\r\n|\r|\n", text))]
    reader = io.StringIO(text.replace("\r\n", "\n").replace("\r", "\n"))
    layout = (tokenize.NL, tokenize.COMMENT, tokenize.INDENT, tokenize.DEDENT)
    ends: dict[int, int] = {}
    first = 0
    for token in tokenize.generate_tokens(reader.readline):
        row, column = token.start
        if token.type == tokenize.NEWLINE:
            ends |= dict.fromkeys(range(first, row + 1), starts[row - 1] + column)
            first = 0
        elif first == 0 and token.type not in layout:
            first = row
    return ends
