"""The source lines that findings stand in, for excerpts, fingerprints and baselines."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping

from funcpipe_lint.model import Violation
from funcpipe_lint.read.source import Source, UndecodableError, is_notebook, read_bytes


class Texts:
    """Reads files when first asked for, and holds the last one; `given` are contents by path that
    are not on disk."""

    def __init__(self, given: Mapping[str, bytes] | None = None) -> None:
        self._given = dict(given or {})
        self._path = ""
        self._cells: Mapping[int, list[str]] = {}
        self._text = ""

    def lines(self, path: str, cell: int = 0) -> list[str]:
        """The lines of a file, or of a notebook's cell; none where it can no longer be read."""
        self._load(path)
        return self._cells.get(cell, [])

    def place(self, path: str, offset: int) -> tuple[int, int]:
        """The line and column, from 1, of an offset in a file's text."""
        self._load(path)
        before = split(self._text[:offset])
        return len(before), len(before[-1]) + 1

    def line(self, violation: Violation) -> str:
        """The line that a violation begins on, its blanks made one each."""
        lines = self.lines(violation.path, violation.cell)
        inside = 1 <= violation.line <= len(lines)
        return " ".join(lines[violation.line - 1].split()) if inside else ""

    def _load(self, path: str) -> None:
        if path == self._path:
            return
        self._path, self._text, self._cells = path, "", {}
        try:
            raw = self._given[path] if path in self._given else read_bytes(path)
            if is_notebook(path):
                self._cells = _cells(raw)
                return
            self._text = Source.decode(raw).text
        except (OSError, UndecodableError):
            pass
        self._cells = {0: split(self._text)}


def _cells(raw: bytes) -> dict[int, list[str]]:
    """The lines of a notebook's code cells, by their numbers."""
    from funcpipe_lint.read.notebooks.ipynb import NotebookError
    from funcpipe_lint.read.notebooks.notebook import Notebook

    try:
        return {cell.number: split(cell.source) for cell in Notebook.read(raw).cells}
    except NotebookError:
        return {}


def split(text: str) -> list[str]:
    """The lines of a text, as Python counts them: form feeds and the like end none."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def fingerprints(violations: Iterable[Violation], texts: Texts) -> list[str]:
    """A name for each violation that survives edits elsewhere in its file: from path, code, the
    text of its line, and which of several such it is."""
    import hashlib  # openssl costs 2 ms that most formats need not pay

    seen: dict[tuple[str, str, str], int] = {}
    found = []
    for violation in violations:
        key = (shown(violation.path), violation.code, texts.line(violation))
        seen[key] = seen.get(key, 0) + 1
        named = "\0".join((*key, str(seen[key])))
        found.append(hashlib.sha256(named.encode(errors="surrogatepass")).hexdigest())
    return found


def shown(path: str) -> str:
    """A path as CI services want it: relative to the current folder if below, with slashes."""
    absolute = os.path.abspath(path)  # not resolved: a link keeps its name
    below = os.path.join(os.getcwd(), "")
    return absolute.removeprefix(below).replace(os.sep, "/")
