"""Ratios of two commands as tables: in a terminal, and in a page of the documentation."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from docs.programs.filling import filled

COLUMNS = ["", "median", "least", "most", "target", "ours"]
MARKS = ("<!-- figures: written by the benchmark -->", "<!-- end of figures -->")


class Figure(NamedTuple):
    """A line of the table: the median of the ratios, their range, and what our runs took."""

    name: str
    median: float
    least: float
    most: float
    target: str
    ours: str

    @classmethod
    def of(cls, name: str, ratios: Sequence[float], target: str, ours: str) -> Figure:
        """The figure of some ratios."""
        return cls(name, statistics.median(ratios), min(ratios), max(ratios), target, ours)

    @property
    def cells(self) -> list[str]:
        """The figure in words."""
        ratios = (f"{ratio:.3g}" for ratio in (self.median, self.least, self.most))
        return [self.name, *ratios, self.target, self.ours]

    @property
    def range(self) -> str:
        """The figure in a cell."""
        if self.least == self.most:
            return f"{self.median:.3g}"
        return f"{self.median:.3g} ({self.least:.3g} to {self.most:.3g})"


def line(cells: list[str]) -> str:
    """A line of the table for a terminal."""
    name, *rest = cells
    return f"{name:<48}" + "".join(f"{cell:>9}" for cell in rest)


def table(figures: Iterable[Figure]) -> str:
    """Figures below each other, as Markdown."""
    return _table([COLUMNS, *(figure.cells for figure in figures)])


def side_by_side(columns: Mapping[str, Sequence[Figure]]) -> str:
    """The same figures of several corpora, a column each, as Markdown."""
    rows = [["", "target", *columns]]
    for figures in zip(*columns.values(), strict=True):
        first = figures[0]
        rows.append([first.name, first.target, *(figure.range for figure in figures)])
    return _table(rows)


def _table(rows: list[list[str]]) -> str:
    head, *rest = rows
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, ["---"] * len(head), *rest))


def write(page: Path, *parts: str) -> None:
    """Puts paragraphs and tables into a page."""
    text = page.read_text(encoding="utf-8")
    page.write_text(filled(text, MARKS, "\n\n".join(parts)), encoding="utf-8")
