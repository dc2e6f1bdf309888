"""Which shapes a file may show by its words, and which of its async functions are parsed for the
rest: those whose text holds the words of what is asked."""

from __future__ import annotations

from funcpipe_lint.model import Settings
from funcpipe_lint.screen.declaration import ANYWHERE, WORDS, Shape
from funcpipe_lint.screen.text.blocks import Start
from funcpipe_lint.screen.text.extents import reach_of_function
from funcpipe_lint.screen.text.wording import Wording
from funcpipe_lint.screen.text.words import FileWords


class Functions:
    """The async functions of one file. O(bytes) a word."""

    def __init__(
        self, raw: bytes, starts: list[Start], words: FileWords, settings: Settings, asked: Shape
    ) -> None:
        self.starts = starts
        wording = Wording(words, settings)
        self._stream = wording.mask((("yield",),))
        told = {shape: wording.mask(WORDS[shape]) for shape in asked if shape in WORDS}
        ends = (reach_of_function(raw, start.at - start.line, start.after) for start in starts)
        self._held = [
            wording.held(raw, start.at, end) for start, end in zip(starts, ends, strict=True)
        ]
        self._masks = {shape: mask for shape, mask in told.items() if self._having(mask)}
        self.shown = Shape.NONE
        """Those of the shapes that the file may show, by its words."""
        for shape in asked:
            is_held = shape in (self._masks if shape in WORDS else ANYWHERE)
            if is_held and None not in map(wording.mask, ANYWHERE.get(shape, ())):
                self.shown |= shape

    @property
    def streams(self) -> list[Start]:
        """The async generators, and what may be one."""
        return self._having(self._stream)

    def wanted(self, shapes: Shape) -> list[Start]:
        """The functions that may show one of the shapes."""
        masks = {self._masks[shape] for shape in shapes if shape in self._masks}
        found = {start for mask in masks for start in self._having(mask)}
        return sorted(found)

    def _having(self, mask: int | None) -> list[Start]:
        if mask is None:
            return []
        return [s for s, held in zip(self.starts, self._held, strict=True) if held & mask == mask]
