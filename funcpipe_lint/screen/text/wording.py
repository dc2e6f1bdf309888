"""Whether a part of a file holds one of some words, by whatever name the file knows them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cache

from funcpipe_lint.model import Settings
from funcpipe_lint.model.vocabulary import last_words
from funcpipe_lint.screen.declaration import TYPED, Group, Named, Words
from funcpipe_lint.screen.text.aliases import STREAM_WORDS, return_types
from funcpipe_lint.screen.text.prefilter import ASYNC_FOR, IN_STATEMENT
from funcpipe_lint.screen.text.words import FileWords

# Asked of a text, from one offset to another.
Test = Callable[[bytes, int, int], bool]


class Wording:
    """The groups of words that are asked for in one file, each by a bit of its own."""

    def __init__(self, words: FileWords, settings: Settings) -> None:
        self._words = words
        self._settings = settings
        self._tests: list[Test] = []
        self._bits: dict[Group, int | None] = {}

    def mask(self, groups: Iterable[Group]) -> int | None:
        """The bits of a part that holds a word of each group; None where the file holds none of
        one."""
        mask = 0
        for group in groups:
            if group not in self._bits:
                self._bits[group] = self._bit(group)
            bit = self._bits[group]
            if bit is None:
                return None
            mask |= bit
        return mask

    def may_hold(self, words: Words) -> bool:
        """Whether the file holds a word of each group of some words, and of what is beside them."""
        return None not in map(self.mask, (words.groups, *words.beside))

    def held(self, text: bytes, begin: int, end: int) -> int:
        """The bits of a part of the file, as the file's bytes or a text of its own. O(part)."""
        held = 0
        for number, is_in in enumerate(self._tests):
            if is_in(text, begin, end):
                held |= 1 << number
        return held

    def _bit(self, group: Group) -> int | None:
        """The bit of what holds a word of a group, by whatever name; none where it may be any."""
        words = self._named(group) if isinstance(group, Named) else group
        if words is None:
            return 0
        test = self._is_typed if group == TYPED else self._test(words)
        if test is None:
            return None
        self._tests.append(test)
        return 1 << len(self._tests) - 1

    def _named(self, names: Named) -> tuple[str, ...] | None:
        more = getattr(self._settings, names.setting) if names.setting else ()
        known = self._words.known_as(frozenset(last_words((*names.dotted, *more))))
        return None if known is None else tuple(sorted(known))

    def _test(self, words: tuple[str, ...]) -> Test | None:
        raw = self._words.raw
        plain = [word.encode() for word in words if " " not in word and self._words.holds(word)]
        apart = [two_words(word) for word in words if " " in word]
        patterns = [pattern for pattern in apart if pattern.search(raw)]
        if not plain and not patterns:
            return None
        if len(plain) == 1 and not patterns:
            (word,) = plain
            return lambda text, begin, end: text.find(word, begin, end) >= 0
        return lambda text, begin, end: (
            any(text.find(word, begin, end) >= 0 for word in plain)
            or any(pattern.search(text, begin, end) for pattern in patterns)
        )

    def _is_typed(self, text: bytes, begin: int, end: int) -> bool:
        may_be = self._words.aliases.may_be
        return any(may_be(note, STREAM_WORDS) for _, note in return_types(text, begin, end))


@cache
def two_words(words: str) -> re.Pattern[bytes]:
    """Two words, the first of which is `async`, and nothing that counts between; `y` is rare."""
    if words == "async for":
        return re.compile(rb"y" + ASYNC_FOR)
    second = words.encode().removeprefix(b"async ")
    return re.compile(rb"y(?<=asy)nc%s%s\b" % (IN_STATEMENT, second))
