"""What the words of an annotation may stand for, from a file's bytes: its aliases followed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property

from funcpipe_lint.mentions import line_before
from funcpipe_lint.vocabulary import STREAM_TYPES

STREAM_WORDS = tuple(word.encode() for word in STREAM_TYPES)
# Of what is annotated as one of these, an argument is the type.
UNION_WORDS = (b"Union", b"Optional", b"Annotated", b"Final", b"ClassVar")
_WORD = re.compile(rb"[^\W\d]\w*")
_AS = re.compile(rb"as[\s\\]+(\w+)")
_NAMED = re.compile(rb"(\w+)[\s\\]+$")
# What stands before a type on a line that certainly binds no alias: an import, a header, a name
# whose annotation it is.
_NO_ALIAS = re.compile(
    rb"[ \t]*(?:(?:from|import|def|class|async)\b|[^=]*->[^=]*$|\*{0,2}\w+[ \t]*:[^=]*$)"
)
_IMPORTED = re.compile(rb"import[ \t]*\([\w\s,]*$")
# A name, parameters of its type or an annotation, `=`: first on a line, behind a header or another
# statement, or behind the `=` of another target. A literal prefix makes it fast.
_BOUND = rb"[ \t\f]*(?:type[ \t]+)?([^\W\d]\w*)[ \t]*(?:[:\[][^\n=]*)?"
_FIRST = re.compile(rb"\n" + _BOUND + rb"=(?!=)")
_OVER_LINES = re.compile(rb"\n" + _BOUND + rb"[\[(][ \t]*(?:#[^\n]*)?\n[^=]*=(?!=)")
_BEHIND = re.compile(rb"[;:]" + _BOUND + rb"=(?!=)")
_NOTED = re.compile(rb"[ \t]*([\w.]+)[ \t]*")
_NEXT_TARGET = re.compile(_BOUND + rb"=(?!=)")
# What no annotation is followed to: what is called, awaited or displayed.
_NO_TYPE = re.compile(rb"[\s\\(]*(?:await\b|[\w.]+\(|[\[{\d])")
# An expression goes on where a bracket is open; none that matters is longer.
_MOST_LINES = 60


class Aliases:
    """The aliases of one file. Every answer is an over-approximation."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self._known: dict[tuple[bytes, ...], frozenset[bytes]] = {}

    def may_be(self, expression: bytes | None, parts: tuple[bytes, ...]) -> bool:
        """Whether an expression may name something whose name has one of the parts in it; None
        stands for one that cannot be read."""
        if expression is None or any(part in expression for part in parts):
            return True
        return not self._of(parts).isdisjoint(_WORD.findall(expression))

    def _of(self, parts: tuple[bytes, ...]) -> frozenset[bytes]:
        """All aliases of the names that have one of the parts in them."""
        if parts not in self._known:
            is_there = any(map(self._may_have_alias, parts))
            self._known[parts] = self._found(parts) if is_there else frozenset()
        return self._known[parts]

    def _may_have_alias(self, part: bytes) -> bool:
        raw = self._raw
        at = raw.find(part)
        while at >= 0:
            before = line_before(raw, at)
            if _NO_ALIAS.match(before) is None and not self._is_imported(at):
                return True
            at = raw.find(part, at + len(part))
        return any(part in value for _, value in self._named)

    def _is_imported(self, at: int) -> bool:
        begin = self._raw.rfind(b"import", max(at - 1000, 0), at)
        return begin >= 0 and _IMPORTED.match(self._raw[begin:at]) is not None

    def _found(self, parts: tuple[bytes, ...]) -> frozenset[bytes]:
        found = {
            name
            for name, value in self._values
            if value is None or any(part in value for part in parts)
        }
        grew = bool(found)
        while grew:
            new = {
                name
                for name, value in self._values
                if name not in found and value and not found.isdisjoint(_WORD.findall(value))
            }
            grew = bool(new)
            found |= new
        return frozenset(found)

    @cached_property
    def _named(self) -> list[tuple[bytes, bytes]]:
        """Each name after `as`, and the one before."""
        found = []
        for each in _AS.finditer(self._raw):
            named = _NAMED.search(self._raw, max(each.start() - 80, 0), each.start())
            if named is not None:
                found.append((each[1], named[1]))
        return found

    @cached_property
    def _values(self) -> list[tuple[bytes, bytes | None]]:
        """Each name that is bound, and the text of its value, where that may be a type."""
        raw = self._raw
        found: list[tuple[bytes, bytes | None]] = [*self._named]
        raw = b"\n" + raw
        for pattern in (_FIRST, _OVER_LINES, _BEHIND):
            for each in pattern.finditer(raw):
                if pattern is _BEHIND and _is_annotated(raw, each.start()):
                    continue
                target: re.Match[bytes] | None = each
                while target is not None:
                    value = expression_at(raw, target.end())
                    # One side of a union may be a type, whatever the other is.
                    if value is None or b"|" in value or _NO_TYPE.match(value) is None:
                        found.append((target[1], value))
                    target = _NEXT_TARGET.match(raw, target.end())
        return found


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
