"""The marks of each async function, by the words of its text: each is looked for only where the one
that it needs is there."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable
from functools import cached_property

from funcpipe_lint.mentions import places
from funcpipe_lint.screening.aliases import STREAM_WORDS, return_types
from funcpipe_lint.screening.blocks import Start
from funcpipe_lint.screening.drivers import Marked
from funcpipe_lint.screening.extents import is_surely_transformed, reach_of_function
from funcpipe_lint.screening.heads import heads
from funcpipe_lint.screening.marks import (
    APPENDS,
    AWAITED,
    CANCELS,
    CLEANS,
    CLOSES,
    FANS,
    FOR,
    HAND_CLOSED,
    HIDES,
    LEAVES,
    LIST,
    LOCK,
    PULL,
    QUEUE,
    SCOPE,
    SPAWNS,
    STREAM,
    TWIN,
    WITH,
    YIELD,
)
from funcpipe_lint.screening.prefilter import GAP
from funcpipe_lint.screening.scopes import Scopes
from funcpipe_lint.screening.words import FileWords
from funcpipe_lint.vocabulary import CLOSING, LOCK_WORDS, UNCLOSABLE, last_words

# They begin with the rarest letter of their word, the last one with none.
_ASYNC_FOR = re.compile(rb"y(?<=asy)nc" + GAP + rb"for\b")
_YIELD = re.compile(rb"yield")
_ANEXT = re.compile(rb"x(?<=anex)t")
_AWAIT_OR_ANEXT = re.compile(rb"await|anext")
_ASYNC_WITH = re.compile(rb"async" + GAP + rb"with\b")
# A list of plain names and strings is no comprehension.
_LISTED = re.compile(
    rb"in(?:[\s(\\]|#[^\r\n]*+)*+\["
    rb"(?!(?:[^\[\]{}\"'#\\a]|a(?!sync)|\"[^\"\\\n{]*+\"|'[^'\\\n{]*+')*+\][\s)]*+:)"
)
_WITH_WORD = re.compile(rb"with\b")
_LOCKS = (b"lock", b"mutex", b"semaphore", b"condition", b"limiter")
_CATCHES_ALL = re.compile(rb"except(?:[ \t\f]|\\\r?\n)*:")
# As vocabulary.LOCK, the last word of a manager: no call follows.
_LOCKED = re.compile(
    rb"(?:\b|_|(?<=[a-z0-9])(?=[A-Z]))(?:%s)\b(?!\()" % "|".join(LOCK_WORDS).encode()
)
_CLOSING = tuple(word.encode() for word in last_words(CLOSING))
_SELF_LOOP = re.compile(
    rb"\bin(?:[\s(\\]|#[^\r\n]*+)*+self(?:%s)?\.(?:%s)?([\w\x80-\xff]+)" % (GAP, GAP)
)
_GATHER = frozenset(("gather",))
_CANCELLED = frozenset(("CancelledError",))


def _place(pattern: re.Pattern[bytes], raw: bytes, at: int) -> int:
    found = pattern.search(raw, at)
    return found.start() if found else len(raw)


class Marking:
    """Reads the async functions of one file. O(bytes)."""

    def __init__(
        self, raw: bytes, starts: list[Start], words: FileWords, needed: int, scopes: Scopes
    ) -> None:
        """The marks that are not `needed` are not looked for."""
        self._raw = raw
        self._starts = starts
        self._words = words
        self._needed = needed
        self._scopes = scopes

    def functions(self) -> list[Marked]:
        """The functions that have marks, and which."""
        raw, size = self._raw, len(self._raw)
        pull = _AWAIT_OR_ANEXT if self._has_other_anext else _ANEXT
        typed = self._typed if self._needed & AWAITED else []
        # Where the next word is of which a function with a mark has one.
        next_yield = next_loop = next_pull = -1
        if not self._needed & PULL:
            next_pull = size
        found = []
        for start in self._starts:
            at = start.at
            if next_yield < at:
                next_yield = _place(_YIELD, raw, at)
            if next_loop < at:
                next_loop = _place(_ASYNC_FOR, raw, at)
            if next_pull < at:
                next_pull = _place(pull, raw, at)
            telling = min(next_yield, next_loop, next_pull)
            if typed:
                telling = min(telling, self._next_typed(at))
            if telling == size:
                break
            end = reach_of_function(raw, at - start.line, start.after)
            if telling < end:
                found.append(Marked(start, end, self._marks_of(start, end)))
        return found

    def _marks_of(self, start: Start, end: int) -> int:
        raw, begin = self._raw, start.at
        found = self._shown(_OF_ANY, begin, end)
        if _ASYNC_FOR.search(raw, begin, end) is not None:
            found |= FOR | self._shown(_OF_LOOPS, begin, end)
        if self._needed & PULL and self._pulls(begin, end):
            found |= PULL
        first = raw.find(b"yield", begin, end)
        if first >= 0:
            found |= YIELD
            last = raw.rfind(b"yield", first, end)
            if self._needed & WITH and _WITH_WORD.search(raw, begin, last) is not None:
                found |= WITH
            if not is_surely_transformed(raw, start.line):
                found |= STREAM | self._shown(_OF_STREAMS, begin, end)
                found |= self._shown(_BETWEEN_YIELDS, first, last)
                if found & WITH and self._needed & (SCOPE | LOCK):
                    found |= self._entered(begin, last)
        return found

    def _shown(self, tests: tuple[tuple[int, _Test], ...], begin: int, end: int) -> int:
        """The marks, of those that are needed, that a part of the file shows."""
        found = 0
        for mark, is_shown in tests:
            if self._needed & mark and is_shown(self, begin, end):
                found |= mark
        return found

    def _entered(self, begin: int, end: int) -> int:
        """The marks of what a part enters by `with`."""
        entered = list(heads(self._raw, begin, end))
        found = LOCK if any(map(_may_name_lock, entered)) else 0
        if self._needed & SCOPE and self._scopes.may_be_entered(entered):
            found |= SCOPE
        return found

    def _matches(self, pattern: re.Pattern[bytes], begin: int, end: int) -> bool:
        return pattern.search(self._raw, begin, end) is not None

    def _holds(self, word: bytes, begin: int, end: int) -> bool:
        return self._raw.find(word, begin, end) >= 0

    def _next_typed(self, at: int) -> int:
        index = bisect_left(self._typed, at)
        return self._typed[index] if index < len(self._typed) else len(self._raw)

    @cached_property
    def _typed(self) -> list[int]:
        """Where functions are annotated as returning what may be a stream."""
        aliases = self._words.aliases
        found = return_types(self._raw, 0, len(self._raw))
        return [at for at, annotation in found if aliases.may_be(annotation, STREAM_WORDS)]

    @cached_property
    def _has_other_anext(self) -> bool:
        return bool(self._needed & PULL) and self._words.has_other_anext

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
            any(
                self._words.may_spawn_at(word, at)
                for word in self._words.spawners
                for at in places(self._raw, word, begin, end)
            )
            or self._words.has_other_spawner
        )

    def _fans_out(self, begin: int, end: int) -> bool:
        words = (*self._words.spawners, b"start_soon", b"gather")
        return (
            any(self._holds(word, begin, end) for word in words)
            or self._words.has_other_spawner
            or self._words.renames(_GATHER)
        )

    def _appends(self, begin: int, end: int) -> bool:
        return self._holds(b"append", begin, end)

    def _may_queue(self, begin: int, end: int) -> bool:
        queues = self._words.queues
        if any(self._holds(word.encode(), begin, end) for word in queues):
            return True
        return self._words.renames(queues)

    def _closes_by_hand(self, begin: int, end: int) -> bool:
        return self._holds(b"aclose", begin, end)

    def _awaits_stream(self, begin: int, end: int) -> bool:
        return self._next_typed(begin) < end and self._holds(b"return", begin, end)

    def _names_cancellation(self, begin: int, end: int) -> bool:
        is_named = self._holds(b"CancelledError", begin, end)
        return is_named or self._words.renames(_CANCELLED)

    def _hides_aclose(self, begin: int, end: int) -> bool:
        if not self._holds(b"->", begin, end):
            return False
        is_named = any(self._holds(word.encode(), begin, end) for word in UNCLOSABLE)
        return is_named or self._words.renames(UNCLOSABLE)

    def _loops_over_twin(self, begin: int, end: int) -> bool:
        loops = _SELF_LOOP.finditer(self._raw, begin, end)
        return any(b"a" + loop[1].lstrip(b"_") in self._raw for loop in loops)

    def _cleans(self, begin: int, end: int) -> bool:
        return self._holds(b"finally", begin, end) or self._matches(_ASYNC_WITH, begin, end)

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


def _may_name_lock(head: bytes) -> bool:
    text = head.lower()
    if not any(word in text for word in _LOCKS):  # ten times faster than the pattern
        return False
    return _LOCKED.search(head) is not None


_Test = Callable[[Marking, int, int], bool]
_OF_ANY: tuple[tuple[int, _Test], ...] = (
    (QUEUE, Marking._may_queue),
    (HAND_CLOSED, Marking._closes_by_hand),
    (AWAITED, Marking._awaits_stream),
)
_OF_LOOPS: tuple[tuple[int, _Test], ...] = (
    (LEAVES, Marking._leaves),
    (LIST, Marking._lists),
    (APPENDS, Marking._appends),
    (FANS, Marking._fans_out),
)
_OF_STREAMS: tuple[tuple[int, _Test], ...] = (
    (CLEANS, Marking._cleans),
    (SPAWNS, Marking._spawns),
    (CANCELS, Marking._names_cancellation),
    (HIDES, Marking._hides_aclose),
    (TWIN, Marking._loops_over_twin),
)
# A `try` yields, and what follows it yields again.
_BETWEEN_YIELDS: tuple[tuple[int, _Test], ...] = ((CLOSES, Marking._closes),)
