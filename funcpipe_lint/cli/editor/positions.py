"""Places in a text, as editors count them: lines from 0, columns in UTF-16 units."""

from __future__ import annotations

from bisect import bisect_right

from lsprotocol.types import Position, Range

from funcpipe_lint.read.offsets import line_starts


class Positions:
    """The lines of a text; building it is linear, each question is logarithmic in their number."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._starts = line_starts(text)

    def at(self, offset: int) -> Position:
        """The position of an offset in characters."""
        line = bisect_right(self._starts, offset) - 1
        return Position(line, _units(self._text[self._starts[line] : offset]))

    def range(self, start: int, end: int) -> Range:
        """The range between two offsets."""
        return Range(self.at(start), self.at(end))

    def of(self, line: int, column: int) -> Position:
        """The position of a line and a column that both count from 1, as violations have them."""
        row = min(line, len(self._starts)) - 1
        start = self._starts[row]
        return Position(row, _units(self._text[start : start + column - 1]))


def _units(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2
