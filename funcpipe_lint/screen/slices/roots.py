"""Which statements of a file the rules may speak of: a slice begins with them."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Collection, Iterable, Sequence

from funcpipe_lint.model import Settings
from funcpipe_lint.model.vocabulary import DEPENDENCIES, last_words
from funcpipe_lint.read.outline import Part
from funcpipe_lint.screen.declaration import Need, Shape, Words
from funcpipe_lint.screen.text.building import Builders
from funcpipe_lint.screen.text.wording import Wording
from funcpipe_lint.screen.text.words import FileWords

_WORD = re.compile(r"\w+")
_DEFINED = re.compile(r"def[\s\\]+(\w+)")
# Parts of the names of all types of streams, and of descriptions.
_ALL_STREAMS = (b"Iterator", b"Generator", b"Iterable", b"AsyncGen", b"IOGen")
_BEARS = re.compile(r"yield|lambda|Iterator|Generator|Iterable|AsyncGen|IOGen")
_DRIVERS = frozenset(last_words(DEPENDENCIES))
_NO_WORDS: frozenset[str] = frozenset()


class Roots:
    """The roots of one file, given by its functions and its other statements."""

    def __init__(
        self,
        text: str,
        asked: Collection[Need],
        holding: Sequence[Words],
        settings: Settings,
        functions: Sequence[Part],
        plain: Sequence[Part],
    ) -> None:
        self._text = text
        self._functions = functions
        raw = text.encode("utf-8", "surrogatepass")
        words = FileWords(raw, settings)
        self.aliases = words.aliases
        self._wording = Wording(words, settings)
        self._masks = self._masks_of(holding)
        self.drivers: frozenset[str] | None = _NO_WORDS
        """What may be handed a stream function to drive it as a manager; None: anything."""
        if any(one.with_drivers for one in holding):
            self.drivers = words.known_as(_DRIVERS.union(last_words(settings.dependencies)))
        # Who may make a stream no word of a function tells: its names do.
        is_dropped = Shape.DISCARDED_CALL in asked
        self._bearers = self._named_bearers([*functions, *plain]) if is_dropped else _NO_WORDS
        built = sorted(Builders(words, settings).spots()) if Shape.BUILDER in asked else []
        if not text.isascii():
            built = [len(raw[:at].decode(errors="replace")) for at in built]
        self._built = built
        """Where descriptions may be built."""

    def are_in(self, start: int, end: int) -> bool:
        """Whether a rule may speak of what stands between two offsets."""
        named = self._bearers | (self.drivers or _NO_WORDS)
        if named and not named.isdisjoint(_WORD.findall(self._text, start, end)):
            return True
        is_built = bisect_left(self._built, start) < bisect_left(self._built, end)
        return is_built or self._holds(start, end, self._masks)

    def having(self, holding: Iterable[Words]) -> list[str]:
        """The texts of the functions that hold some words."""
        masks = self._masks_of(holding)
        parts = (part.one for part in self._functions) if masks else ()
        return [self._text[p.start : p.end] for p in parts if self._holds(p.start, p.end, masks)]

    def _masks_of(self, holding: Iterable[Words]) -> set[int]:
        """The bits of what may hold the words, or is to be shown beside that."""
        every = [groups for one in holding for groups in (one.groups, *one.beside) if groups]
        return {bits for groups in every if (bits := self._wording.mask(groups)) is not None}

    def _holds(self, start: int, end: int, masks: set[int]) -> bool:
        raw = self._text[start:end].encode("utf-8", "surrogatepass")
        held = self._wording.held(raw, 0, len(raw))
        return any(held & mask == mask for mask in masks)

    def _named_bearers(self, waiting: list[Part]) -> frozenset[str]:
        """The names that may stand for a stream, a type of one, or what makes or describes one."""
        found = set(map(bytes.decode, self.aliases.of(_ALL_STREAMS)))
        before = -1
        while before != len(found):
            before = len(found)
            left = []
            for part in waiting:
                text = self._text[part.one.start : part.one.end]
                if _BEARS.search(text) or not found.isdisjoint(_WORD.findall(text)):
                    found.update(part.one.names, _DEFINED.findall(text))
                else:
                    left.append(part)
            waiting = left
        return frozenset((*found, "yield", "lambda"))
