"""Which names of a file are annotated with the type of an async stream, from its bytes.

What stands between a type and the sign before it (`->`, `:` or `=`) says what the type is for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from funcpipe_lint.model import Settings
from funcpipe_lint.model.vocabulary import STREAM_TYPES, last_words
from funcpipe_lint.read.mentions import bound_names, last_function, line_before, places
from funcpipe_lint.screen.text.prefilter import GAP

# All that may stand in an annotation before the type: names, brackets, strings, comments.
_IN_TYPE = re.compile(rb"(?:[\w\x80-\xff\s.,|)\[\]\"'\\]|(?<![\w)\]])\(|#[^\n]*\n)*")
# One search for all takes a quarter of the time of one for each.
_KNOWN_TYPE = re.compile(
    rb"Async(?<![\w\x80-\xff]Async)(?:Gen(?:erator)?|Itera(?:tor|ble))(?![\w\x80-\xff])"
)
_DESCRIPTION = (b"AsyncGen", True)
_NAME = re.compile(rb"(?<!\w)(\w+)[ \t\\\r\n]*$")
_RENAMED = re.compile(GAP + rb"as" + GAP + rb"(\w+)")
_TYPE_STATEMENT = re.compile(rb"[ \t]*type[ \t]+(\w+)")
_THUNK = re.compile(rb"\[(?:%s)?\[(?:%s)?\]" % (GAP, GAP))
_COMMENT = re.compile(rb"#[^\n]*")
_END_OF_LINE = re.compile(rb"(?<!\\)\r?\n")


class TypedNames:
    """The names that annotations give a stream's meaning. All are over-approximations."""

    def __init__(self, raw: bytes, settings: Settings) -> None:
        self._raw = raw
        self.functions: set[bytes] = set()
        """Plain functions that are annotated as returning one."""
        self.builders: set[bytes] = set()
        """What is annotated as giving a description of one when it is called, or as being one."""
        self.passed: set[bytes] = set()
        """What may be annotated as a function that returns one."""
        self.are_certain = True
        """Whether every alias is understood."""
        known = {_DESCRIPTION, *((word.encode(), False) for word in STREAM_TYPES)}
        configured = {(word.encode(), True) for word in last_words(settings.descriptions)}
        self._types = known | configured
        """Names of types, and whether they are of descriptions."""
        for found in _KNOWN_TYPE.finditer(raw):
            self._read(*found.span(), found[0] == _DESCRIPTION[0])
        waiting = self._types - known
        while waiting:
            done = set(self._types)
            for word, is_description in waiting:
                for at in places(raw, word):
                    self._read(at, at + len(word), is_description)
            waiting = self._types - done

    def _read(self, at: int, end: int, is_description: bool) -> None:
        """What one mention of a type makes of the names around it."""
        text, is_comment, _ = line_before(self._raw, at).partition(b"#")
        if is_comment:
            # Unless it is in a string: an annotation that has one is not worth reading.
            self.are_certain &= b"'" not in text and b'"' not in text
            return
        renamed = _RENAMED.match(self._raw, end)
        if renamed:
            self._types.add((renamed[1], is_description))
        for sign, before in self._signs(at):
            is_described = is_description or _THUNK.search(before) is not None
            line = line_before(self._raw, sign)
            kind = self._raw[sign : sign + 1]
            if kind == b">":
                function, is_async = last_function(self._raw, sign)
                if not is_async:
                    (self.builders if is_described else self.functions).add(function)
            elif kind == b"=":
                self._alias(sign, line, is_described)
            elif (name := _NAME.search(line)) is not None:
                # Of a plain stream type a name holds a stream, and calling that is an error.
                if is_described:
                    self.builders.add(name[1])
                elif b"," in before:
                    self.passed.add(name[1])

    def _alias(self, sign: int, line: bytes, is_described: bool) -> None:
        statement = _TYPE_STATEMENT.match(line)
        names = set(bound_names(self._raw[max(sign - 300, 0) : sign + 1]))
        if statement:
            names.add(statement[1])
        self._types |= {(name, is_described) for name in names}
        if not names and line.rstrip().endswith(b"]"):
            self.are_certain = False  # an item, or a type with parameters over several lines

    def _signs(self, at: int) -> Iterator[tuple[int, bytes]]:
        """The signs that a type at a place may belong to, and what stands between."""
        raw = self._raw
        end = at
        is_nested = False
        while True:
            sign = raw.rfind(b":", 0, end)
            sign = max(sign, raw.rfind(b"=", sign + 1, end))
            sign = max(sign, raw.rfind(b"->", sign + 1, end) + 1)
            if sign < 1:
                return
            between = raw[sign + 1 : at]
            # In the arguments of something before the type, as in `[Literal["a=b"]], TYPE`.
            is_inside = _open_brackets(between) < 0
            is_type = is_nested or _is_in_type(between)
            if is_type and not is_inside:
                yield sign, between
            comment = line_before(raw, sign).find(b"#")
            if comment >= 0:
                end = raw.rfind(b"\n", 0, sign) + 1 + comment
            elif is_inside:
                end, is_nested = sign, True
            else:
                return


def _is_in_type(between: bytes) -> bool:
    """Whether a text may stand within a type, in one statement."""
    if _IN_TYPE.fullmatch(between) is None:
        return False
    ends = [found.start() for found in _END_OF_LINE.finditer(between)]
    is_text = b'"""' in between or b"'''" in between
    return is_text or all(_open_brackets(between[:end]) > 0 for end in ends)


def _open_brackets(text: bytes) -> int:
    """How many more brackets are opened than closed."""
    text = _COMMENT.sub(b"", text)
    opened = text.count(b"[") + text.count(b"(")
    return opened - text.count(b"]") - text.count(b")")
