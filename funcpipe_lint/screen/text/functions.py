"""What a file may hold by its words, and which of its async functions are parsed to see more: those
whose text holds the words of what is asked."""

from __future__ import annotations

from collections.abc import Iterable

from funcpipe_lint.model import Settings
from funcpipe_lint.screen.declaration import YIELD, Need, words_of
from funcpipe_lint.screen.text.blocks import Start
from funcpipe_lint.screen.text.extents import reach_of_function
from funcpipe_lint.screen.text.wording import Wording
from funcpipe_lint.screen.text.words import FileWords


class Functions:
    """The async functions of one file. O(bytes) a word."""

    def __init__(
        self,
        raw: bytes,
        starts: list[Start],
        words: FileWords,
        settings: Settings,
        asked: Iterable[Need],
    ) -> None:
        self.starts = starts
        wording = Wording(words, settings)
        self._stream = wording.mask((YIELD,))
        told = [(need, one) for need in asked if (one := words_of(need)) is not None]
        masks = {need: wording.mask(one.groups) for need, one in told}
        ends = (reach_of_function(raw, start.at - start.line, start.after) for start in starts)
        self._held = [
            wording.held(raw, start.at, end) for start, end in zip(starts, ends, strict=True)
        ]
        self._masks = {
            need: mask
            for need, one in told
            if ((mask := masks[need]) == 0 or self._having(mask))
            and mask is not None
            and None not in map(wording.mask, one.beside)
        }

    @property
    def shown(self) -> frozenset[Need]:
        """Of what is asked, what the file may hold by its words."""
        return frozenset(self._masks)

    @property
    def streams(self) -> list[Start]:
        """The async generators, and what may be one."""
        return self._having(self._stream)

    def wanted(self, needs: Iterable[Need]) -> list[Start]:
        """The functions that may show something."""
        masks = {self._masks[need] for need in needs if need in self._masks}
        found = {start for mask in masks for start in self._having(mask)}
        return sorted(found)

    def _having(self, mask: int | None) -> list[Start]:
        if mask is None:
            return []
        return [s for s, held in zip(self.starts, self._held, strict=True) if held & mask == mask]
