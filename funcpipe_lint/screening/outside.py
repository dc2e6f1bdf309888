"""What of a file stands in none of its async functions."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cached_property

from funcpipe_lint.mentions import Texts
from funcpipe_lint.screening.blocks import Start
from funcpipe_lint.screening.extents import reach_of_function
from funcpipe_lint.screening.prefilter import GAP

_ASYNC_FOR = re.compile(rb"async" + GAP + rb"for\b")
_DECLARES = re.compile(rb"\b(?:global|nonlocal)\b((?:[^\n;\\]|\\\r?\n)*)")
_WORD = re.compile(rb"[\w\x80-\xff]+")
_STARRED = rb"\*(?:[\s\\(]|#[^\n]*\n)*%s(?![\w\x80-\xff])"


class Outside:
    """What certainly is outside, by where the functions start."""

    def __init__(self, raw: bytes, starts: list[Start]) -> None:
        self._raw = raw
        self._starts = starts

    def holds(self, offset: int) -> bool:
        """Whether a place of the file is outside."""
        index = bisect_right(self._reaches, (offset, len(self._raw) + 1)) - 1
        return index < 0 or offset >= self._reaches[index][1]

    def may_loop(self) -> bool:
        """Whether code out there may go through a stream."""
        loops = [found.start() for found in _ASYNC_FOR.finditer(self._raw)]
        loops = [at for at in loops if self.holds(at)]
        texts = Texts(self._raw) if loops else None
        return texts is not None and (not texts.are_certain or any(map(texts.may_be_code, loops)))

    def is_bound_by(self, start: Start) -> bool:
        """Whether a function may bind a name of something outside it that is handed on, its items
        one by one."""
        end = reach_of_function(self._raw, start.at - start.line, start.after)
        declared = _DECLARES.finditer(self._raw, start.at, end)
        names = {name for each in declared for name in _WORD.findall(each[1])}
        return any(re.search(_STARRED % name, self._raw) for name in names)

    @cached_property
    def _reaches(self) -> list[tuple[int, int]]:
        """Where the outermost functions begin, and what they do not go beyond."""
        found: list[tuple[int, int]] = []
        for start in self._starts:
            if not found or start.at >= found[-1][1]:
                end = reach_of_function(self._raw, start.at - start.line, start.after)
                found.append((start.at, end))
        return found
