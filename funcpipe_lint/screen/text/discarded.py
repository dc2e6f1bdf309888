"""Whether a statement of a file may be a call that makes a stream and drops it.

Every name that the file may give a stream's meaning is looked for, and what stands around it is
read: an alias, a lambda, a `return`, or a statement of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum
from functools import cached_property

from funcpipe_lint.read.mentions import (
    GAP_TO_NAME,
    Texts,
    bound_names,
    functions_around,
    is_alone,
    is_continued,
    is_in_passing,
    last_function,
    line_before,
    places_of,
    text_before,
)
from funcpipe_lint.screen.text.typed import TypedNames

_RETURN = re.compile(rb"\breturn\b" + GAP_TO_NAME)
_LAMBDA = re.compile(rb"\blambda[\s\\]*:" + GAP_TO_NAME)
_IN_LAMBDA = re.compile(rb"\blambda\b(?:(?!\blambda\b)[^:])*+:$")
_CALLED = re.compile(rb"(?:[\s)\\]|#[^\n]*\n)*\(")
_DOT = re.compile(rb"(?<!\.\.)\.(?:[\s\\]|#[^\n]{0,1000}+\n)*$")
# A name before the dot: of a method of anything else no file tells what it is.
_RECEIVER = re.compile(
    rb"(?:(?<![\w.\x80-\xff])[\w\x80-\xff]+|\([\s(]{0,300}[\w\x80-\xff]{1,300}[\s)]{0,300}\))"
    rb"(?:[\s\\]|#[^\n]{0,1000}+\n){0,300}+\.(?:[\s\\]|#[^\n]{0,1000}+\n){0,300}+$"
)
_BRACKET = re.compile(rb"[()\[\]{}]")
_IN_OWN_BRACKETS = re.compile(rb"(?:[\s(\\]|#[^\n]*\n)*")


class Role(Enum):
    """What calling a name may give."""

    GENERATOR = "a stream of its own"
    STREAM = "a stream"
    BUILDER = "the description of a stream"
    DESCRIPTION = "a stream, by what the name holds"
    PASSED = "a stream, and whatever else the function does that is passed in"


class Bearers:
    """The names of a file whose call may give an async stream, or the description of one.

    `streams` are its async generators, `typed` is what annotations say. O(bytes) a name.
    """

    def __init__(self, raw: bytes, streams: set[bytes], typed: TypedNames) -> None:
        self._raw = raw
        self._is_certain = typed.are_certain
        self._waiting = {(name, Role.GENERATOR) for name in streams}
        self._waiting |= {(name, Role.STREAM) for name in typed.functions}
        self._waiting |= {(name, Role.BUILDER) for name in typed.builders}
        self._waiting |= {(name, Role.PASSED) for name in typed.passed}
        self._done: set[tuple[bytes, Role]] = set()

    def may_be_discarded(self) -> bool:
        """Whether one of them may be called in a statement of its own."""
        return not self._is_certain or any(map(self._is_statement, self._starts()))

    def _starts(self) -> Iterator[int]:
        """Where the calls begin, and lambdas around them. The names that they make bearers of are
        followed on the way."""
        while new := self._waiting - self._done:
            self._done |= new
            roles: dict[bytes, list[Role]] = {}
            for name, role in new:
                roles.setdefault(name, []).append(role)
            for name, at in places_of(self._raw, roles):
                start = self._start(at)
                if start is not None and not is_in_passing(self._raw, start):
                    for role in roles[name]:
                        yield from self._read(start, at + len(name), role)

    def _start(self, at: int) -> int | None:
        """Where a mention begins, with the object that its method is called on; None if this is
        more than a name."""
        if self._raw[at - 5 : at] == b"self." and not _is_named(self._raw[at - 6 : at - 5]):
            return at - 5
        begin = max(at - 300, 0)
        before = self._raw[begin:at]
        if b"#" not in before and not before.rstrip(b" \t\f\v\r\n\\").endswith(b"."):
            return at  # twenty times faster than the pattern
        if not _DOT.search(before):
            return at
        found = _RECEIVER.search(before)
        if found is None:
            return None
        is_number = found[0][:1].isdigit()  # `x = 1.` on the line above
        return at if is_number else begin + found.start()

    def _read(self, start: int, end: int, role: Role) -> Iterator[int]:
        before = text_before(self._raw, start)
        is_called = _CALLED.match(self._raw, end) is not None
        described = _LAMBDA.search(before) if is_called else None
        if described is not None:
            begin = start - len(before) + described.start()
            self._follow(begin, before[: described.start()], Role.DESCRIPTION, is_made=True)
            yield begin
        if not is_called and is_alone(self._raw, end):
            self._follow(start, before, role, is_made=role is Role.GENERATOR)
        elif is_called and role is not Role.PASSED:
            if role is Role.BUILDER:
                self._follow(start, before, Role.DESCRIPTION, is_made=False)
            yield start

    def _follow(self, at: int, before: bytes, role: Role, *, is_made: bool) -> None:
        """Adds the names that something is bound to; where a function makes it, those of what
        returns it."""
        self._waiting |= {(name, role) for name in bound_names(before)}
        returned = _RETURN.search(before) if is_made else None
        if returned is not None:
            place = at - len(before) + returned.start()
            self._waiting |= {(name, Role.BUILDER) for name in self._functions_of(place)}

    def _functions_of(self, place: int) -> Iterator[bytes]:
        """The function that a `return` stands in; some more where it is not certain which."""
        if line_before(self._raw, place).strip():  # on the line that ends its header
            yield last_function(self._raw, place)[0]
        for name, line in functions_around(self._raw, place):
            yield name
            if not self._may_be_text(line, place):
                return

    def _may_be_text(self, line: int, place: int) -> bool:
        """Whether a header above a place may be in a string that the place is not in, or, where its
        line goes on with another, of a function beside the place."""
        if is_continued(self._raw, line):
            return True
        between = self._raw[line:place]
        if b'"""' not in between and b"'''" not in between:
            return False
        return not self._texts.are_certain or self._texts.around(line) is not None

    def _is_statement(self, at: int) -> bool:
        """Whether a statement may begin at a place, or at brackets that open right before it."""
        raw = self._raw
        if not _may_begin(line_before(raw, at)):
            return False
        if not self._texts.are_certain:
            return True
        if self._texts.around(at) is not None:
            return False
        while (opened := self._opening(at)) >= 0:
            if _IN_OWN_BRACKETS.fullmatch(raw, opened, at) is None:
                return False
            at = opened
        line = raw.rfind(b"\n", 0, at) + 1
        before = raw[line:at].rstrip()
        if not before and raw[max(line - 3, 0) : line].rstrip(b"\r\n").endswith(b"\\"):
            return True  # what the line above begins goes on
        return not before or before.endswith(b";") or self._ends_header(line, before)

    def _ends_header(self, line: int, before: bytes) -> bool:
        """Whether a statement may follow the colon at the end of this text: not in a lambda."""
        made = _IN_LAMBDA.search(before)
        is_code = made is not None and self._texts.around(line + made.start()) is None
        return before.endswith(b":") and not is_code

    def _opening(self, at: int) -> int:
        """The bracket that is open at a place, at most 10,000 bytes before it; -1: none is."""
        depth = 0
        for found in reversed(list(_BRACKET.finditer(self._raw, max(at - 10_000, 0), at))):
            if self._texts.around(found.start()) is not None:
                continue
            depth += -1 if found[0] in b"([{" else 1
            if depth < 0:
                # Right behind a quote it may be in the braces of a string within a string.
                is_text = self._raw[found.start() - 1 : found.start()] in (b'"', b"'")
                return -1 if is_text else found.start()
        return -1

    @cached_property
    def _texts(self) -> Texts:
        return Texts(self._raw)


def _is_named(last: bytes) -> bool:
    """Whether a name, or what belongs to one, ends with this character."""
    return last.isalnum() or last in (b"_", b".") or last >= b"\x80"


def _may_begin(before: bytes) -> bool:
    """Whether a statement may begin behind this part of a line."""
    before = before.rstrip(b" \t\f(")
    return not before or before.endswith((b";", b":"))
