"""Where a file may build the description of a stream, by its bytes.

A builder is annotated as returning what gives a stream when it is called, or returns a lambda over
a stream or a generator that is defined in it. In a loop, a lambda or a generator is enough.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from itertools import chain
from typing import NamedTuple

from funcpipe_lint.model import Settings
from funcpipe_lint.model.vocabulary import SYNC_TYPES, UNIONS, last_words
from funcpipe_lint.read.mentions import Texts, line_before, places
from funcpipe_lint.screen.text.aliases import (
    expression_at,
    return_types,
    up_to_bracket,
    without_brackets,
)
from funcpipe_lint.screen.text.extents import reach_of_function
from funcpipe_lint.screen.text.words import FileWords

# Blanks, line ends, escaped ones and comments; and brackets that open.
_GAP = rb"[\s\\]*+(?:#[^\n]{0,1000}+\n[\s\\]*+){0,200}+"
_OPEN_GAP = rb"[\s\\(]*+(?:#[^\n]{0,1000}+\n[\s\\(]*+){0,200}+"
_THUNK = re.compile(rb"\[" + _GAP + rb"\[" + _GAP + rb"\]" + _GAP + rb",")
_LAMBDA = re.compile(
    rb"lambda" + _GAP + rb":" + _OPEN_GAP + rb"(?:\w+" + _GAP + rb"\." + _GAP + rb")*(\w+)"
    rb"[\s)\\]*+(?:#[^\n]{0,1000}+\n[\s)\\]*+){0,200}+\("
)  # fmt: skip
_DEF = re.compile(rb"def[ \t\\\r\n]+(\w+)" + _GAP)
_PARAMETERS = re.compile(rb"(?:\[[^(]*\])?" + _GAP + rb"\(" + _GAP + rb"([^)]*)")
_CALLED = re.compile(_GAP + rb"\(")
_NOTED = re.compile(rb"[ \t]*:")
_ALIAS = re.compile(rb"[ \t]*(?::[^=\n]*)?=(?!=)" + _OPEN_GAP + rb"(\w+)[ \t)]*(?:[#;\r\n]|$)")
_WORD = re.compile(rb"[A-Za-z]+")
_TYPES = tuple(word.encode() for word in SYNC_TYPES)
_CALLABLE = (b"Callable",)


class _Definition(NamedTuple):
    name: bytes
    indent: bytes
    at: int
    after: int


class Builders:
    """Asks one file. Every answer is an over-approximation."""

    def __init__(self, words: FileWords, settings: Settings) -> None:
        self._raw = raw = words.raw
        self._words = words
        self._aliases = words.aliases
        described = last_words((*settings.descriptions, *settings.sync_descriptions))
        self._described = tuple(word.encode() for word in ("AsyncGen", "IOGen", *described))
        configured = last_words(settings.stream_functions)
        self._has_configured = any(name.encode() in raw for name in configured)
        self._making: dict[bytes, bool] = {}

    def may_build(self) -> bool:
        """Whether the file may describe a stream. O(bytes)."""
        return next(self.spots(), None) is not None

    def spots(self) -> Iterator[int]:
        """Where a description may be built, in no order: the first place of the file where that is
        not certain."""
        if b"\r" in self._raw and self._raw.count(b"\r") != self._raw.count(b"\r\n"):
            yield 0
        for at in chain(self._thunks(), self._lambdas(), self._inner_generators()):
            if not self._texts.are_certain or self._texts.around(at) is None:
                yield at

    @cached_property
    def _texts(self) -> Texts:
        return Texts(self._raw)

    @cached_property
    def _defined(self) -> dict[bytes, list[_Definition]]:
        found: dict[bytes, list[_Definition]] = {}
        for each in _DEF.finditer(self._raw):
            before = line_before(self._raw, each.start())
            indent = before[: len(before) - len(before.lstrip())]
            made = _Definition(each[1], indent, each.start(), each.end())
            found.setdefault(each[1], []).append(made)
        return found

    # -- types

    def _thunks(self) -> Iterator[int]:
        """Where a function may be annotated to return `Callable[[], <a stream>]`."""
        raw = self._raw
        if b"Callable" not in raw or not self._holds_thunk(raw):
            return
        for at, annotation in return_types(raw, 0, len(raw)):
            if annotation is None or self._is_thunk(annotation):
                yield at

    def _is_thunk(self, annotation: bytes) -> bool:
        if b"Callable" in annotation:
            return self._holds_thunk(annotation)
        return self._aliases.may_be(annotation, _CALLABLE)

    def _holds_thunk(self, text: bytes) -> bool:
        return any(
            self._may_be_stream(up_to_bracket(text, found.end())) for found in _THUNK.finditer(text)
        )

    def _may_be_stream(self, annotation: bytes | None) -> bool:
        """Whether an annotation may be that of a stream: what is in its brackets is not."""
        outer = None if annotation is None else without_brackets(annotation)
        if self._aliases.may_be(outer, _TYPES):
            return True
        return self._aliases.may_be(annotation, _TYPES) and self._may_be_union(outer)

    def _may_be_union(self, outer: bytes | None) -> bool:
        named = map(bytes.decode, () if outer is None else _WORD.findall(outer))
        return outer is None or any(self._words.may_mean(name, UNIONS) for name in named)

    # -- lambdas

    def _lambdas(self) -> Iterator[int]:
        """Where a lambda without parameters may call what gives a stream."""
        for found in _LAMBDA.finditer(self._raw):
            if self._has_configured or self._may_make(found[1]):
                yield found.start()

    def _may_make(self, name: bytes) -> bool:
        """Whether a call of a name may give a stream."""
        if name not in self._making:
            self._making[name] = self._makes(name)
        return self._making[name]

    def _makes(self, name: bytes) -> bool:
        waiting, seen = {name}, set[bytes]()
        while waiting:
            name = waiting.pop()
            seen.add(name)
            if any(map(self._is_stream, self._defined.get(name, ()))) or self._is_noted(name):
                return True
            for at in places(self._raw, name):
                alias = _ALIAS.match(self._raw, at + len(name))
                waiting |= {alias[1]} - seen if alias else set()
        return False

    def _is_stream(self, definition: _Definition) -> bool:
        """Whether a function yields, or may be annotated as returning a stream."""
        start, end = self._reach(definition)
        if self._raw.find(b"yield", start, end) >= 0:
            return True
        return any(self._may_be_stream(kind) for _, kind in return_types(self._raw, start, end))

    def _is_noted(self, name: bytes) -> bool:
        """Whether a parameter of that name may be annotated as what gives a stream."""
        for at in places(self._raw, name):
            noted = _NOTED.match(self._raw, at + len(name))
            if noted is None:
                continue
            annotation = expression_at(self._raw, noted.end())
            if self._aliases.may_be(annotation, self._described):
                return True
            if self._aliases.may_be(annotation, _CALLABLE):
                return True
        return False

    # -- generators in functions

    def _inner_generators(self) -> Iterator[int]:
        """Where a generator without parameters is defined further in, and may be handed on."""
        for definitions in self._defined.values() if b"yield" in self._raw else ():
            for each in definitions:
                start, end = self._reach(each)
                is_generator = each.indent and b"yield" in self._raw[start:end]
                if is_generator and self._takes_nothing(each) and self._is_mentioned(each.name):
                    yield each.at

    def _is_mentioned(self, name: bytes) -> bool:
        """Whether a name stands where it is neither defined nor called."""
        return any(
            not self._raw[max(at - 20, 0) : at].rstrip().endswith(b"def")
            and _CALLED.match(self._raw, at + len(name)) is None
            for at in places(self._raw, name)
        )

    def _takes_nothing(self, definition: _Definition) -> bool:
        found = _PARAMETERS.match(self._raw, definition.after)
        if found is None:
            return True
        first = found[1][:1]
        return not (first.isalnum() or first == b"_" or first >= b"\x80") or b"/" in found[1]

    def _reach(self, definition: _Definition) -> tuple[int, int]:
        """Where a function's header and body are, or more."""
        # Python has what is further in begin with more characters, be they tabs or blanks.
        width = len(definition.indent.rpartition(b"\f")[2])
        return definition.after, reach_of_function(self._raw, width, definition.after)
