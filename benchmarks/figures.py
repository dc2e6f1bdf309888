"""Ratios of two commands as a table: in a terminal, and in a page of the documentation."""

from __future__ import annotations

from collections.abc import Iterable
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
    seconds: float

    @property
    def cells(self) -> list[str]:
        """The figure in words."""
        ratios = (f"{ratio:.3g}" for ratio in (self.median, self.least, self.most))
        return [self.name, *ratios, self.target, f"{self.seconds:.2f} s"]


def line(cells: list[str]) -> str:
    """A line of the table for a terminal."""
    name, *rest = cells
    return f"{name:<48}" + "".join(f"{cell:>9}" for cell in rest)


def write(page: Path, said: str, figures: Iterable[Figure]) -> None:
    """Puts the table into a page."""
    rows = [COLUMNS, ["---"] * len(COLUMNS), *(figure.cells for figure in figures)]
    table = "\n".join(f"| {' | '.join(cells)} |" for cells in rows)
    text = page.read_text(encoding="utf-8")
    page.write_text(filled(text, MARKS, f"{said}\n\n{table}"), encoding="utf-8")
