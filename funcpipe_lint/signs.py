"""What the text of an async function holds that shows a shape: most functions are parsed for none.

Words alone decide, each looked for only where the one that it needs is there.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, cached_property
from typing import NamedTuple

from funcpipe_lint.blocks import Start
from funcpipe_lint.extents import is_surely_transformed, reach_of_function
from funcpipe_lint.mentions import may_be_handed_on, places
from funcpipe_lint.prefilter import GAP
from funcpipe_lint.screen import Shape
from funcpipe_lint.vocabulary import CLOSING, LOCK_WORDS, last_words
from funcpipe_lint.words import FileWords

# The marks of a function: each stands for words in its text, or in a function within it.
_YIELD, _STREAM, _FOR, _LEAVES, _PULL, _LIST = (1 << n for n in range(6))
_WITH, _SCOPE, _LOCK, _CLEANS, _CLOSES, _SPAWNS = (1 << n for n in range(6, 12))


class Sign(NamedTuple):
    """What has to be in a file that shows a shape."""

    marks: int
    """A function shows it that has these marks."""
    owner: int = 0
    """It calls, by whatever name, a function that has these."""
    between: int = 0
    """Functions with these may stand between the two."""


_OWNING = _STREAM | _CLEANS
_HANDS_ON = _FOR | _YIELD

SIGNS: dict[Shape, Sign] = {
    Shape.ASYNC_FOR: Sign(_FOR),
    Shape.ASYNC_COMPREHENSION: Sign(_FOR),
    Shape.ASYNC_GENERATOR: Sign(_YIELD),
    Shape.CALL_LEFT: Sign(_FOR | _LEAVES),
    Shape.CALL_YIELD: Sign(_FOR | _YIELD),
    Shape.CALL_PULLED: Sign(_PULL),
    Shape.OWNING_LEFT: Sign(_FOR | _LEAVES, _OWNING, _HANDS_ON),
    Shape.OWNING_YIELD: Sign(_FOR | _YIELD, _OWNING, _HANDS_ON),
    Shape.OWNING_PULLED: Sign(_PULL, _OWNING, _HANDS_ON),
    Shape.YIELD_IN_WITH: Sign(_STREAM | _WITH),
    # The manager may be another function of the file, which enters the scope.
    Shape.SCOPE_YIELD: Sign(_STREAM | _SCOPE, between=_YIELD | _WITH),
    Shape.LOCK_YIELD: Sign(_STREAM | _LOCK),
    Shape.CLOSING_YIELD: Sign(_STREAM | _CLOSES),
    Shape.SPAWN: Sign(_STREAM | _SPAWNS),
    Shape.REPLAY: Sign(_FOR | _LIST),
    Shape.REPLAY_LOOP: Sign(_FOR),
}

_ASYNC_FOR = re.compile(rb"async" + GAP + rb"for\b")
_YIELD_WORD = re.compile(rb"yield")
_ANEXT = re.compile(rb"anext")
_AWAIT = re.compile(rb"await")
_ASYNC_WITH = re.compile(rb"async" + GAP + rb"with\b")
_LISTED = re.compile(rb"in(?:[\s(\\]|#[^\r\n]*)*\[")
_WITH_WORD = re.compile(rb"with\b")
_LOCKS = (b"lock", b"mutex", b"semaphore", b"condition", b"limiter")
_CATCHES_ALL = re.compile(rb"except(?:[ \t\f]|\\\r?\n)*:")
# As vocabulary.LOCK, the last word of a manager: no call follows.
_LOCKED = re.compile(
    rb"(?:\b|_|(?<=[a-z0-9])(?=[A-Z]))(?:%s)\b(?!\()" % "|".join(LOCK_WORDS).encode()
)
_CLOSING = tuple(word.encode() for word in last_words(CLOSING))
_NAME = re.compile(rb"def%s([\w\x80-\xff]+)" % GAP)


@cache
def _signs_of(shapes: Shape) -> tuple[tuple[Sign, ...], int]:
    """The signs of some shapes, and the marks that these name."""
    signs = tuple({SIGNS[shape] for shape in shapes if shape in SIGNS})
    needed = _YIELD | _STREAM | _FOR
    for sign in signs:
        needed |= sign.marks | sign.owner | sign.between
    # Both are told by what a `with` enters.
    return signs, needed | (_WITH if needed & (_SCOPE | _LOCK) else 0)


def _place(pattern: re.Pattern[bytes], raw: bytes, at: int) -> int:
    found = pattern.search(raw, at)
    return found.start() if found else len(raw)


class Outline:
    """The async functions of a file, by what their text holds. O(bytes)."""

    def __init__(self, raw: bytes, starts: list[Start], words: FileWords, shapes: Shape) -> None:
        """`shapes` are those that are asked for: the marks of no others are looked for."""
        self._raw = raw
        self._starts = starts
        self._words = words
        self._signs, self._needed = _signs_of(shapes)
        self._marks = self._read()

    @property
    def streams(self) -> set[bytes]:
        """The names of its async generators."""
        return {self._name(start) for start in self._having(_STREAM)}

    def wanted(self) -> list[Start]:
        """The functions that may show one of the shapes, and those that it takes to tell."""
        wanted: set[Start] = set()
        for sign in self._signs:
            if showing := self._having(sign.marks):
                owners = self._having(sign.owner) if sign.owner else []
                if not sign.owner or self._are_used(owners):
                    wanted.update(showing, owners)
                    if sign.between:
                        wanted.update(self._having(sign.between))
        return sorted(wanted)

    def _having(self, marks: int) -> list[Start]:
        return [start for start, held in self._marks if held & marks == marks]

    def _name(self, start: Start) -> bytes:
        found = _NAME.match(self._raw, start.after - 3)
        return found[1] if found else b""

    def _are_used(self, functions: list[Start]) -> bool:
        """Whether what the functions give may be looped over or pulled from in the file."""
        names = {self._name(function) for function in functions}
        mentions = (at for name in names for at in places(self._raw, name))
        if self._having(_PULL):
            return any(
                not self._raw[max(at - 40, 0) : at].rstrip().endswith(b"def") for at in mentions
            )
        return any(may_be_handed_on(self._raw, at) for at in mentions)

    def _read(self) -> list[tuple[Start, int]]:
        """The functions that have marks, and which."""
        raw, size = self._raw, len(self._raw)
        pull = _AWAIT if self._has_other_anext else _ANEXT
        # Where the next word is of which a function with a mark has one.
        next_yield = next_loop = next_pull = -1
        if not self._needed & _PULL:
            next_pull = size
        found = []
        for start in self._starts:
            at = start.at
            if next_yield < at:
                next_yield = _place(_YIELD_WORD, raw, at)
            if next_loop < at:
                next_loop = _place(_ASYNC_FOR, raw, at)
            if next_pull < at:
                next_pull = _place(pull, raw, at)
            telling = min(next_yield, next_loop, next_pull)
            if telling == size:
                break
            end = reach_of_function(raw, at - start.line, start.after)
            if telling < end:
                found.append((start, self._marks_of(start, end)))
        return found

    def _marks_of(self, start: Start, end: int) -> int:
        raw, begin = self._raw, start.at
        found = 0
        if _ASYNC_FOR.search(raw, begin, end) is not None:
            found |= _FOR | self._shown(_OF_LOOPS, begin, end)
        if self._needed & _PULL and self._pulls(begin, end):
            found |= _PULL
        first = raw.find(b"yield", begin, end)
        if first >= 0:
            found |= _YIELD
            last = raw.rfind(b"yield", first, end)
            if self._needed & _WITH and _WITH_WORD.search(raw, begin, last) is not None:
                found |= _WITH
            if not is_surely_transformed(raw, start.line):
                found |= _STREAM | self._shown(_OF_STREAMS, begin, end)
                found |= self._shown(_BETWEEN_YIELDS, first, last)
                if found & _WITH:
                    found |= self._shown(_IN_WITH, begin, last)
        return found

    def _shown(self, tests: tuple[tuple[int, _Test], ...], begin: int, end: int) -> int:
        """The marks, of those that are needed, that a part of the file shows."""
        found = 0
        for mark, is_shown in tests:
            if self._needed & mark and is_shown(self, begin, end):
                found |= mark
        return found

    def _matches(self, pattern: re.Pattern[bytes], begin: int, end: int) -> bool:
        return pattern.search(self._raw, begin, end) is not None

    def _holds(self, word: bytes, begin: int, end: int) -> bool:
        return self._raw.find(word, begin, end) >= 0

    @cached_property
    def _has_other_anext(self) -> bool:
        return bool(self._needed & _PULL) and self._words.has_other_anext

    def _pulls(self, begin: int, end: int) -> bool:
        if not self._holds(b"await", begin, end):
            return False
        return self._has_other_anext or self._holds(b"anext", begin, end)

    def _leaves(self, begin: int, end: int) -> bool:
        return any(self._holds(word, begin, end) for word in (b"return", b"break", b"raise"))

    def _lists(self, begin: int, end: int) -> bool:
        return self._matches(_LISTED, begin, end)

    def _spawns(self, begin: int, end: int) -> bool:
        return (
            any(self._holds(word, begin, end) for word in self._words.spawners)
            or self._words.has_other_spawner
        )

    def _cleans(self, begin: int, end: int) -> bool:
        return self._holds(b"finally", begin, end) or self._matches(_ASYNC_WITH, begin, end)

    def _enters_scope(self, begin: int, end: int) -> bool:
        return self._words.enters_scope

    def _enters_lock(self, begin: int, end: int) -> bool:
        text = self._raw[begin:end].lower()
        if not any(word in text for word in _LOCKS):  # ten times faster than the pattern
            return False
        return self._matches(_LOCKED, begin, end)

    def _closes(self, begin: int, end: int) -> bool:
        """Whether a part has a `finally`, or a handler that closing may reach."""
        if self._holds(b"finally", begin, end):
            return True
        if not self._holds(b"except", begin, end):
            return False
        return (
            self._matches(_CATCHES_ALL, begin, end)
            or self._words.has_other_closing
            or any(self._holds(word, begin, end) for word in _CLOSING)
        )


_Test = Callable[[Outline, int, int], bool]
_OF_LOOPS: tuple[tuple[int, _Test], ...] = ((_LEAVES, Outline._leaves), (_LIST, Outline._lists))
_OF_STREAMS: tuple[tuple[int, _Test], ...] = (
    (_CLEANS, Outline._cleans),
    (_SPAWNS, Outline._spawns),
)
_IN_WITH: tuple[tuple[int, _Test], ...] = (
    (_SCOPE, Outline._enters_scope),
    (_LOCK, Outline._enters_lock),
)
# A `try` yields, and what follows it yields again.
_BETWEEN_YIELDS: tuple[tuple[int, _Test], ...] = ((_CLOSES, Outline._closes),)
