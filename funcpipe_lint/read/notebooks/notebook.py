"""Jupyter notebooks: their Python as one text for the rules, findings by cell, fixes back into the
JSON with every other character of the file as it was."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from funcpipe_lint.model import Crash, Edit, FileReport, Note, Violation
from funcpipe_lint.read.notebooks.ipynb import (
    NotebookError,
    is_escaped,
    is_python_notebook,
    loaded,
    rewritten,
    source_of,
    source_spans,
)
from funcpipe_lint.read.notebooks.magics import blanked
from funcpipe_lint.read.source import Source
from funcpipe_lint.read.syntax import UNPARSABLE, failure, is_newer_python, is_python, parse

_LINES = re.compile("\r\n|\r|\n")


class Cell(NamedTuple):
    """A code cell."""

    number: int
    """Its place among all cells, from 1."""
    source: str
    code: str
    """The source with magics blanked: as long, line by line."""
    is_foreign: bool
    """It holds another language."""
    span: tuple[int, int]
    """The offsets of its source in the file's text."""
    start: int
    """Its offset in the text of all cells."""

    @property
    def end(self) -> int:
        """The offset behind it in the text of all cells."""
        return self.start + len(self.source)


class Notebook:
    """A notebook's cells, and the text that they make together: what one cell defines, another
    knows."""

    def __init__(self, text: str, has_bom: bool, cells: list[Cell]) -> None:
        self._text = text
        self._has_bom = has_bom
        self.cells = cells
        joined = "".join(cell.code + _joint(cell.source) for cell in cells)
        self.source = Source.of_text(joined)
        self._starts = [cell.start for cell in cells]
        ends = [0, *(end.end() for end in _LINES.finditer(joined))]
        self._first_lines = [bisect_right(ends, start) for start in self._starts]

    @classmethod
    def read(cls, raw: bytes) -> Notebook:
        """Raises NotebookError. A notebook of another language has no cells."""
        try:
            text = raw.decode("utf-8")
        except UnicodeDecodeError as error:
            raise NotebookError(f"is no notebook: it is not UTF-8 ({error.reason})") from None
        has_bom = text.startswith("\ufeff")
        text = text.removeprefix("\ufeff")
        document = loaded(text)
        if not is_python_notebook(document):
            return cls(text, has_bom, [])
        sources = [source_of(cell, number) for number, cell in enumerate(document["cells"], 1)]
        cells: list[Cell] = []
        start = 0
        spans = source_spans(text)
        for number, (source, span) in enumerate(zip(sources, spans, strict=True), 1):
            if source is None or span is None:
                continue
            code, is_foreign = blanked(source)
            cells.append(Cell(number, source, code, is_foreign, span, start))
            start += len(source) + len(_joint(source))
        return cls(text, has_bom, cells)

    @property
    def raw(self) -> bytes:
        """The file's bytes."""
        return (("\ufeff" if self._has_bom else "") + self._text).encode("utf-8")

    def problems(self, path: str) -> Iterator[Crash]:
        """The cells that are not Python."""
        for cell in self.cells:
            try:
                parse(cell.code)
            except UNPARSABLE as error:
                if isinstance(error, SyntaxError) and is_newer_python(cell.code):
                    continue
                (crash,) = failure(path, error).crashes
                yield crash._replace(cell=cell.number)

    # -- from the joined text to cells

    def place(self, line: int) -> tuple[int, int]:
        """(cell, line in it) of a line of the joined text."""
        index = max(0, bisect_right(self._first_lines, line) - 1)
        return self.cells[index].number, line - self._first_lines[index] + 1

    def joined_line(self, number: int, line: int) -> int:
        """The line of the joined text that a line of a cell is."""
        index = [cell.number for cell in self.cells].index(number)
        return self._first_lines[index] + line - 1

    def line_name(self, line: int) -> str:
        """A line of the joined text, for messages."""
        cell, local = self.place(line)
        return f"{local} of cell {cell}"

    def spread(self, report: FileReport) -> FileReport:
        """A report on the joined text as one on the cells."""
        violations = tuple(sorted(map(self._spread, report.violations), key=lambda v: v.order))
        return report._replace(violations=violations)

    def _spread(self, violation: Violation) -> Violation:
        cell, line = self.place(violation.line)
        end_cell, end_line = self.place(violation.end_line)
        notes = []
        for note in violation.notes:
            if note.path:  # in another file
                notes.append(note)
                continue
            note_cell, note_line = self.place(note.line)
            notes.append(Note(note_line, note.column, note.message, note_cell))
        can_fix = violation.fix is not None and self.takes(violation.fix.edits)
        return violation._replace(
            cell=cell,
            line=line,
            end_line=end_line if end_cell == cell else line,
            end_column=violation.end_column if end_cell == cell else violation.column + 1,
            notes=tuple(notes),
            fix=violation.fix if can_fix else None,
        )

    # -- fixes

    def takes(self, edits: Iterable[Edit]) -> bool:
        """Whether edits of the joined text can be made in its cells."""
        return self._placed(edits) is not None

    def edited(self, edits: Iterable[Edit]) -> Notebook | None:
        """The notebook with edits of the joined text in its cells; None where they fit no cell, or
        a cell would no longer be Python."""
        placed = self._placed(edits)
        if placed is None:
            return None
        text = self._text
        for index in sorted(placed, reverse=True):
            cell = self.cells[index]
            source = cell.source
            for edit in sorted(placed[index], reverse=True):
                source = source[: edit.start] + edit.text + source[edit.end :]
            if not is_python(blanked(source)[0]):
                return None
            start, end = cell.span
            value = rewritten(text[start:end], source, is_escaped(self._text))
            text = text[:start] + value + text[end:]
        return Notebook.read((("\ufeff" if self._has_bom else "") + text).encode())

    def _placed(self, edits: Iterable[Edit]) -> dict[int, list[Edit]] | None:
        """Edits of the joined text as edits within cells, by the cell's index."""
        placed: dict[int, list[Edit]] = {}
        for edit in edits:
            found = self._import_place(edit) or self._inside(edit)
            if found is None:
                return None
            index, own = found
            placed.setdefault(index, []).append(own)
        return placed

    def _inside(self, edit: Edit) -> tuple[int, Edit] | None:
        index = bisect_right(self._starts, edit.start) - 1
        cell = self.cells[index]
        end = edit.end
        if cell.end < end <= cell.end + len(_joint(cell.source)):
            end = cell.end  # the line end that joins two cells is in neither
        if cell.is_foreign or edit.start > cell.end or end > cell.end:
            return None
        start = edit.start - cell.start
        touched = cell.source[start : end - cell.start] != cell.code[start : end - cell.start]
        return None if touched else (index, Edit(start, end - cell.start, edit.text))

    def _import_place(self, edit: Edit) -> tuple[int, Edit] | None:
        """Where an inserted line of import goes that stands at the first character of a cell: to
        the end of the cell before, or below a cell's magic."""
        is_import = re.match(r"\s*(?:from|import) ", edit.text) and edit.text.endswith("\n")
        if not is_import or edit.start != edit.end or edit.start not in self._starts:
            return None
        index = self._starts.index(edit.start)
        if index and not self.cells[index - 1].is_foreign and self.cells[index - 1].source.strip():
            before = self.cells[index - 1]
            gap = "" if before.source.endswith("\n") else "\n"
            return index - 1, Edit(len(before.source), len(before.source), gap + edit.text.rstrip())
        for below, cell in enumerate(self.cells[index:], index):
            if cell.is_foreign:
                continue
            magic = re.match(r"\s*%%[^\n]*\n?", cell.source)
            at = magic.end() if magic else 0
            return below, Edit(at, at, edit.text)
        return None


def check_notebook(
    path: str, raw: bytes, check: Callable[[str, Source, Callable[[int], str]], FileReport]
) -> FileReport:
    """The report of a notebook; `check` is the engine's, for the text of its cells."""
    try:
        notebook = Notebook.read(raw)
    except NotebookError as error:
        crash = Crash(path, str(error), error.line, error.column)
        return FileReport(path, crashes=(crash,))
    problems = tuple(notebook.problems(path))
    if problems or not notebook.cells:
        return FileReport(path, crashes=problems)
    return notebook.spread(check(path, notebook.source, notebook.line_name))


def _joint(source: str) -> str:
    """What stands between a cell and the next one in the joined text."""
    return "\r\n" if "\r\n" in source else "\n"
