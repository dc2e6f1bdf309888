"""Whether what a stream enters may be a cancel scope, by the bytes of the file."""

from __future__ import annotations

import re
from functools import cached_property

from funcpipe_lint.mentions import is_called, places, text_before
from funcpipe_lint.screening.blocks import with_decorators
from funcpipe_lint.screening.drivers import Marked
from funcpipe_lint.screening.outside import Outside
from funcpipe_lint.screening.words import FileWords
from funcpipe_lint.vocabulary import TRANSFORMING

_NAME = re.compile(rb"[\w\x80-\xff]+")
_TRANSFORMING = tuple(word.encode() for word in TRANSFORMING)


class Scopes:
    """Answers for one file."""

    def __init__(self, raw: bytes, words: FileWords) -> None:
        self._raw = raw
        self._words = words

    def may_be_entered(self, heads: list[bytes]) -> bool:
        """Whether one of the heads of `with` statements may be a scope, or a name that holds one.
        Of the file's context managers `are_managed` tells."""
        words = self._words
        if not heads or not words.scope_words:
            return False
        return (
            any(word in head for head in heads for word in words.scope_words)
            or words.has_other_scope
            or any(map(self._may_be_assigned, heads))
        )

    def are_managed(self, functions: list[Marked], outside: Outside) -> bool:
        """Whether a context manager of the file may enter a scope."""
        if not self._words.scope_words or not _may_transform(self._raw):
            return False

        def may_be_entered(at: int) -> bool:
            # An async function without a yield holds no manager; a name may be any one's.
            return (
                self._is_bound(at)
                or outside.holds(at)
                or any(
                    _may_transform(self._raw[with_decorators(self._raw, start) : end])
                    for start, end, marks in functions
                    if start.at <= at < end
                )
            )

        return self._words.has_other_scope or any(map(may_be_entered, self._called))

    @cached_property
    def _called(self) -> list[int]:
        """Where something is called by the name of a scope."""
        raw = self._raw
        return [
            at
            for word in self._words.scope_words
            for at in places(raw, word)
            if is_called(raw, at + len(word))
        ]

    def _may_be_assigned(self, head: bytes) -> bool:
        return self._binds_one and any(
            self._words.is_assigned_scope(name.decode(errors="replace"))
            for name in _NAME.findall(head)
        )

    @cached_property
    def _binds_one(self) -> bool:
        return any(map(self._is_bound, self._called))

    def _is_bound(self, at: int) -> bool:
        """Whether what is called at a place may be bound to a name."""
        before = text_before(self._raw, at).rstrip(b" \t\f\r\n\\(")
        return before.endswith(b"=") or b"#" in before[before.rfind(b"\n") + 1 :]


def _may_transform(text: bytes) -> bool:
    """Whether a text may name a decorator that makes no stream of a generator."""
    text = text.lower()
    return any(word in text for word in _TRANSFORMING)
