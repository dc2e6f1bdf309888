"""Which async functions of a file are parsed: those whose text holds the words of what is asked."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cached_property

from funcpipe_lint.model import Settings
from funcpipe_lint.screen.declaration import BESIDE, OF_BUILDERS, WORDS, Shape
from funcpipe_lint.screen.text.blocks import Start
from funcpipe_lint.screen.text.extents import reach_of_function
from funcpipe_lint.screen.text.wording import Wording, two_words
from funcpipe_lint.screen.text.words import FileWords

_GATHER = re.compile(rb"gather")
_QUOTED_ACLOSE = re.compile(rb"['\"]aclose")
_REBINDS = re.compile(rb"global|nonlocal")


class Functions:
    """The async functions of one file. O(bytes) a word."""

    def __init__(
        self, raw: bytes, starts: list[Start], words: FileWords, settings: Settings, asked: Shape
    ) -> None:
        self._raw = raw
        self.starts = starts
        wording = Wording(words, settings)
        self._stream = wording.mask((("yield",),))
        self._loop = wording.mask((("async for",),))
        found = {s: [wording.mask(g) for g in (WORDS[s], *BESIDE.get(s, ()))] for s in asked & TOLD}
        self._ends = [reach_of_function(raw, s.at - s.line, s.after) for s in starts]
        self._held = [
            wording.held(raw, start.at, end) for start, end in zip(starts, self._ends, strict=True)
        ]
        # The first two have to be in the file, what may stand between them need not.
        self._masks = {
            shape: [mask for mask in masks if mask is not None]
            for shape, masks in found.items()
            if all(map(self._having, masks[:2]))
        }
        self.shown_outside = self._shown_outside(asked)
        """The shapes that code in no async function may show."""
        self.shown = self.shown_outside | (asked & (OF_BUILDERS | ~TOLD))
        """Those of the shapes that the file may show, by its words."""
        for shape in self._masks:
            self.shown |= shape

    @property
    def streams(self) -> list[Start]:
        """The async generators, and what may be one."""
        return self._having(self._stream)

    def wanted(self, shapes: Shape) -> list[Start]:
        """The functions that may show one of the shapes, and those that it takes to tell."""
        masks = {mask for shape in shapes for mask in self._masks.get(shape, ())}
        pairs = zip(self.starts, self._held, strict=True)
        return [start for start, held in pairs if any(held & mask == mask for mask in masks)]

    def _having(self, mask: int | None) -> list[Start]:
        if mask is None:
            return []
        return [s for s, held in zip(self.starts, self._held, strict=True) if held & mask == mask]

    def _shown_outside(self, asked: Shape) -> Shape:
        shown = Shape.NONE
        if Shape.FAN_OUT in asked and self._is_outside(_GATHER):
            # A stream's generator expression, or a name that is bound to what a loop gave.
            reaches = zip(self._held, self.starts, self._ends, strict=True)
            loops = (r for r in reaches if self._loop is not None and r[0] & self._loop)
            binds = any(_REBINDS.search(self._raw, start.at, end) for _, start, end in loops)
            if binds or self._is_outside(two_words("async for")):
                shown |= Shape.FAN_OUT
        if Shape.HAND_CLOSED in asked and self._is_outside(_QUOTED_ACLOSE):
            shown |= Shape.HAND_CLOSED  # `getattr(stream, "aclose")`
        return shown

    def _is_outside(self, pattern: re.Pattern[bytes]) -> bool:
        """Whether something stands in no async function."""
        places = [found.start() for found in pattern.finditer(self._raw)]
        for at in places:
            index = bisect_right(self._outermost, (at, len(self._raw) + 1)) - 1
            if index < 0 or at >= self._outermost[index][1]:
                return True
        return False

    @cached_property
    def _outermost(self) -> list[tuple[int, int]]:
        found: list[tuple[int, int]] = []
        for start, end in zip(self.starts, self._ends, strict=True):
            if not found or start.at >= found[-1][1]:
                found.append((start.at, end))
        return found


TOLD = Shape.NONE
"""The shapes that async functions show, by their words."""
for _shape in WORDS:
    TOLD |= _shape
