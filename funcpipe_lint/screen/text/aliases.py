"""What the words of an annotation may stand for, from a file's bytes: its aliases followed."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple

from funcpipe_lint.model.vocabulary import STREAM_TYPES
from funcpipe_lint.read.mentions import line_before, places

STREAM_WORDS = tuple(word.encode() for word in STREAM_TYPES)
_WORD = re.compile(rb"[^\W\d]\w*")
_RENAMED = re.compile(rb"\w*[\s\\]+as[\s\\]+(\w+)")
# What stands before a type on a line that certainly binds no alias: an import, a header, a name
# whose annotation it is.
_NO_ALIAS = re.compile(
    rb"[ \t]*+(?:(?:from|import|def|class|async[ \t]+def)\b[^;]*+$"
    rb"|(?=[^=]*+$)(?:(?:[^-]|-(?!>))*+->|\*{0,2}\w++[ \t]*+:))"
)
_IMPORTED = re.compile(rb"import[ \t]*\([\w\s,]*$")
# No bracket can hold such a line.
_HEADER = re.compile(rb"\n[ \t]*(?:async[ \t]+)?(?:def|class)\b")
# A name, parameters of its type or an annotation, `=`: first on a line, behind a header or another
# statement, or behind the `=` of another target. A literal prefix makes it fast.
_EQUALS = rb"(?:[ \t)]|\\\r?\n)*=(?!=)"
_NAME = rb"[ \t\f(]*(?:type[ \t]+)?([^\W\d]\w*)[ \t]*"
_BOUND = _NAME + rb"(?:[:\[][^\n=]*)?" + _EQUALS
_FIRST = re.compile(rb"\n" + _BOUND)
_OVER_LINES = re.compile(rb"\n" + _NAME + rb"(?:[:\[][^\n=]*)?[\[(][ \t]*(?:#[^\n]*)?\n[^=]*=(?!=)")
_BEHIND = re.compile(rb"[;:]" + _NAME + rb"(?:[:\[][^\n=]{0,500})?" + _EQUALS)
_NOTED = re.compile(rb"[ \t]*([\w.]+)[ \t]*")
_NEXT_TARGET = re.compile(_BOUND)
# What no annotation is followed to: what is called, awaited or displayed.
_NO_TYPE = re.compile(rb"[\s\\(]*(?:await\b|[\w.]+\(|[\[{\d])")
# An expression goes on where a bracket is open; none that matters is longer.
_MOST_LINES = 60
_LONGEST_LINE = 10_000
_BRACKET = re.compile(rb"[()\[\]{}]")


class _Binding(NamedTuple):
    """A name that is bound, and where its value is."""

    start: int
    end: int
    name: bytes
    reach: int
    """The last end of it and of those before."""


class Aliases:
    """The aliases of one file. Every answer is an over-approximation.

    They are followed from where a name is mentioned to what is bound to the value around that: few
    lines mention any that matters.
    """

    def __init__(self, raw: bytes) -> None:
        self._raw = b"\n" + raw
        self._known: dict[tuple[bytes, ...], frozenset[bytes]] = {}
        self._asked: dict[tuple[bytes, ...], dict[bytes, bool]] = {}
        self._bindings: dict[int, list[_Binding]] = {}

    def may_be(self, expression: bytes | None, parts: tuple[bytes, ...]) -> bool:
        """Whether an expression may name something whose name has one of the parts in it; None
        stands for one that cannot be read."""
        if expression is None:
            return True
        asked = self._asked.setdefault(parts, {})
        if expression not in asked:  # most are asked many times
            asked[expression] = any(part in expression for part in parts) or (
                not self.of(parts).isdisjoint(_WORD.findall(expression))
            )
        return asked[expression]

    def of(self, parts: tuple[bytes, ...]) -> frozenset[bytes]:
        """All aliases of the names that have one of the parts in them."""
        if parts not in self._known:
            self._known[parts] = self._found(parts)
        return self._known[parts]

    def _found(self, parts: tuple[bytes, ...]) -> frozenset[bytes]:
        mentions = (at for part in parts for at in _occurrences(self._raw, part))
        found: set[bytes] = set()
        waiting = {name for at in mentions for name in self._given(at)}
        while waiting:
            name = waiting.pop()
            found.add(name)
            waiting |= {n for at in places(self._raw, name) for n in self._given(at)} - found
        return frozenset(found)

    def _given(self, at: int) -> Iterator[bytes]:
        """The names that may stand for what is mentioned at a place, or for more around it."""
        renamed = _RENAMED.match(self._raw, at)
        if renamed is not None:
            yield renamed[1]
        if self._binds_nothing(at):
            return
        index = bisect_right(self._headers, at) - 1
        for place in (at, *self._openings(self._headers[index], at)):
            first = bisect_right(self._headers, place) - 1
            for block in range(first, index + 1):
                yield from self._around(block, place)

    def _binds_nothing(self, at: int) -> bool:
        begin = self._raw.rfind(b"\n", max(at - _LONGEST_LINE, 0), at) + 1
        if begin and _NO_ALIAS.match(self._raw[begin:at]) is not None:
            return True
        begin = self._raw.rfind(b"import", max(at - 1000, 0), at)
        return begin >= 0 and _IMPORTED.match(self._raw[begin:at]) is not None

    def _openings(self, start: int, at: int) -> Iterator[int]:
        """Where a string over several lines begins that a place may be in, `start` being code. What
        follows one that holds a header is no type."""
        for quotes in self._quotes:
            last = bisect_right(quotes, at)
            if (last - bisect_right(quotes, start)) % 2:
                yield quotes[last - 1]

    def _around(self, block: int, place: int) -> Iterator[bytes]:
        """The names bound, between a header and the next, to a value around a place."""
        if block not in self._bindings:
            self._bindings[block] = self._bound_in(block)
        bindings = self._bindings[block]
        index = bisect_right(bindings, place, key=lambda each: each.start)
        while index and bindings[index - 1].reach > place:
            index -= 1
            if bindings[index].end > place:
                yield bindings[index].name

    def _bound_in(self, block: int) -> list[_Binding]:
        """The names that are bound between a header and the next, where their values may be
        types."""
        raw = self._raw
        span = self._headers[block], (*self._headers, len(raw))[block + 1]
        found: list[tuple[int, int, bytes]] = []
        for pattern in (_FIRST, _OVER_LINES, _BEHIND):
            for each in pattern.finditer(raw, *span):
                if pattern is _BEHIND and _is_annotated(raw, each.start()):
                    continue
                target: re.Match[bytes] | None = each
                while target is not None:
                    start = target.end()
                    value = expression_at(raw, start)
                    # One side of a union may be a type, whatever the other is.
                    if value is None or b"|" in value or _NO_TYPE.match(value) is None:
                        end = len(raw) if value is None else start + len(value)
                        found.append((start, end, target[1]))
                    target = _NEXT_TARGET.match(raw, start)
        found.sort()
        reaches = accumulate((end for _, end, _ in found), max)
        return [_Binding(*each, reach) for each, reach in zip(found, reaches, strict=True)]

    @cached_property
    def _headers(self) -> list[int]:
        """Where functions and classes begin, and the file."""
        return [0, *(each.start() for each in _HEADER.finditer(self._raw))]

    @cached_property
    def _quotes(self) -> tuple[list[int], ...]:
        """Where strings over several lines begin and end, by what quotes them."""
        return tuple(list(_occurrences(self._raw, quotes)) for quotes in (b'"""', b"'''"))


def _occurrences(raw: bytes, part: bytes) -> Iterator[int]:
    at = raw.find(part)
    while at >= 0:
        yield at
        at = raw.find(part, at + len(part))


def _is_annotated(raw: bytes, colon: int) -> bool:
    """Whether what stands before a colon is a name that has its annotation behind it: that binds
    the name, and not the type."""
    before = line_before(raw, colon)
    noted = _NOTED.fullmatch(before)
    if (
        noted is None
        or raw[colon] != ord(":")
        or noted[1] in (b"else", b"try", b"except", b"finally")
    ):
        return False
    begin = colon - len(before)
    return not raw[max(begin - 3, 0) : begin].endswith((b"\\\n", b"\\\r\n"))


def expression_at(raw: bytes, at: int) -> bytes | None:
    """The lines of an expression that begins at a place; None where they are too many. Brackets in
    strings make it longer."""
    end = at
    for _ in range(_MOST_LINES):
        end = raw.find(b"\n", end) + 1 or len(raw)
        text = raw[at:end]
        if end == len(raw) or not _goes_on(text):
            return text
    return None


def _goes_on(text: bytes) -> bool:
    if text.endswith((b"\\\n", b"\\\r\n")):
        return True
    opened = text.count(b"(") + text.count(b"[") + text.count(b"{")
    return opened > 0 and opened > text.count(b")") + text.count(b"]") + text.count(b"}")


def return_types(raw: bytes, start: int, end: int) -> Iterator[tuple[int, bytes | None]]:
    """Where each `->` stands and the annotation after it; None where that is too long to read."""
    at = raw.find(b"->", start, end)
    while at >= 0:
        yield at, _up_to_colon(raw, at + 2)
        at = raw.find(b"->", at + 2, end)


def _up_to_colon(raw: bytes, at: int) -> bytes | None:
    end = at
    for _ in range(6):  # a colon in brackets belongs to the annotation
        end = raw.find(b":", end) + 1
        if not end or end - at > 2000:
            return None
        text = raw[at:end]
        if text.count(b"[") + text.count(b"(") <= text.count(b"]") + text.count(b")"):
            return text
    return None


def up_to_bracket(text: bytes, at: int) -> bytes | None:
    """The text from a place to where the bracket around it closes; None where it does not."""
    depth = 0
    for bracket in _BRACKET.finditer(text, at):
        depth += 1 if bracket[0] in b"([{" else -1
        if depth < 0:
            return text[at : bracket.start()]
    return None


def without_brackets(text: bytes) -> bytes:
    """What stands outside all brackets."""
    parts, depth, begin = [], 0, 0
    for bracket in _BRACKET.finditer(text):
        if bracket[0] in b"([{":
            if not depth:
                parts.append(text[begin : bracket.start()])
            depth += 1
        else:
            depth = max(depth - 1, 0)
            begin = bracket.end()
    return b" ".join([*parts, text[begin:] if not depth else b""])
