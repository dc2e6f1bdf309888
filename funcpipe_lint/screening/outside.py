"""What of a file stands in none of its async functions."""

from __future__ import annotations

from bisect import bisect_right
from functools import cached_property

from funcpipe_lint.screening.blocks import Start
from funcpipe_lint.screening.extents import reach_of_function


class Outside:
    """What certainly is outside, by where the functions start."""

    def __init__(self, raw: bytes, starts: list[Start]) -> None:
        self._raw = raw
        self._starts = starts

    def holds(self, offset: int) -> bool:
        """Whether a place of the file is outside."""
        index = bisect_right(self._reaches, (offset, len(self._raw) + 1)) - 1
        return index < 0 or offset >= self._reaches[index][1]

    @cached_property
    def _reaches(self) -> list[tuple[int, int]]:
        """Where the outermost functions begin, and what they do not go beyond."""
        found: list[tuple[int, int]] = []
        for start in self._starts:
            if not found or start.at >= found[-1][1]:
                end = reach_of_function(self._raw, start.at - start.line, start.after)
                found.append((start.at, end))
        return found
