"""Where a word stands in a file's bytes. `bytes.find` is ten times faster than a pattern."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Iterator

# `except WORD as error` names no class.
_CAUGHT = re.compile(rb"\bexcept[\s\\(*]*$")
_AS = re.compile(rb"\s+as\b(?:[\s\\]|#[^\n]{0,1000}+\n)*+([\w\x80-\xff]*)")
_LETTERS = bytes(code for code in range(128) if chr(code).isalnum()) + b"_"
_GAP = b" \t\f\v\r\n\\"
# Between a statement's `=` or `return` and a name: brackets, line ends, comments. No comment is
# followed further than 1,000 characters: one that no line ends would be, from each sign before it.
GAP_TO_NAME = rb"[\s(\\]*+(?:#[^\n]{0,1000}+\n[\s(\\]*+){0,200}+$"
# `name = ` in front of a value, an annotation between them or not.
BOUND = re.compile(rb"(?:^|[\s(,;])(\w+)(?:[ \t]|\\\r?\n)*+(?::[^=\n]{0,500})?:?=" + GAP_TO_NAME)
_EQUALS = re.compile(rb"(?<![=!<>])=" + GAP_TO_NAME)
_DEFINED = re.compile(rb"def[ \t\\\r\n]+(\w+)")
_HEADER = re.compile(rb"[ \t]*(?:async[ \t]+)?def[ \t]+(\w+)")
_ALONE = re.compile(rb"[ \t\f)]*(?:[#;\\\r\n]|$)")

_CALLED = re.compile(rb"(?:[\s\\)]|#[^\n]*\n)*\(")
_LONGEST_LINE = 2_000

TEXT = (
    rb'"""[^"\\]*(?:(?:\\.|"(?!""))[^"\\]*)*"""|'
    rb"'''[^'\\]*(?:(?:\\.|'(?!''))[^'\\]*)*'''|"
    rb'"[^"\\\n]*(?:\\.[^"\\\n]*)*"|'
    rb"'[^'\\\n]*(?:\\.[^'\\\n]*)*'|"
    rb"#[^\n]*"
)
"""The pattern of a string or comment, with DOTALL."""
_TEXT = re.compile(TEXT, re.DOTALL)
_LONG_F_STRING = re.compile(rb"[fFtT][rR]?(?:\"\"\"|''')")

_WHOLE = re.compile(rb"[\w\x80-\xff]+")
# So many words are looked for one by one sooner than all words of a file are looked at.
_FEW = 200
_BRACE = re.compile(r"\{\{?|\}\}?")
_IN_BRACES = re.compile(r"[{}]|'[^'\n]*'|\"[^\"\n]*\"")


def places(raw: bytes, word: bytes, begin: int = 0, limit: int | None = None) -> Iterator[int]:
    """The offsets at which a word stands, whole, in order; an empty word nowhere. O(bytes)."""
    at = raw.find(word, begin, limit) if word else -1
    while at >= 0:
        end = at + len(word)
        if not _is_letter(raw[at - 1 : at]) and not _is_letter(raw[end : end + 1]):
            yield at
        at = raw.find(word, end, limit)


def places_of(raw: bytes, words: Collection[bytes]) -> Iterator[tuple[bytes, int]]:
    """Where words stand, whole: (word, offset). O(bytes), however many they are."""
    if len(words) <= _FEW:
        for word in words:
            for at in places(raw, word):
                yield word, at
    else:
        for found in _WHOLE.finditer(raw):
            if found[0] in words:
                yield found[0], found.start()


def _is_letter(character: bytes) -> bool:
    return character.isalnum() or character == b"_" or character >= b"\x80"


def line_before(raw: bytes, at: int) -> bytes:
    """What stands before an offset on its line."""
    return raw[raw.rfind(b"\n", 0, at) + 1 : at]


def without_receiver(before: bytes) -> bytes:
    """What stands before a name, less the `self.` or `module.` that it belongs to."""
    while name := last_receiver(before):
        before = before[: before.rindex(name)]
    return before


def last_receiver(before: bytes) -> bytes | None:
    """The name whose attribute this text is cut off at; empty where it is that of something else,
    None where it is no attribute."""
    text = before.rstrip(_GAP)
    if not text.endswith(b"."):
        return None
    text = text[:-1].rstrip(_GAP)
    return text[len(text.rstrip(_LETTERS)) :]


def text_before(raw: bytes, at: int) -> bytes:
    """What stands before a name and its receiver: some lines of it, for an expression in brackets
    begins above. Comments between do not count, however long they are."""
    return without_receiver(raw[_begin_above(raw, at) : at])


def _begin_above(raw: bytes, at: int) -> int:
    """The start of a line some lines above a place, and above the comments right above that."""
    line = raw.rfind(b"\n", 0, at) + 1
    while line > 0:
        above = raw.rfind(b"\n", 0, line - 1) + 1
        if raw[above:line].lstrip()[:1] not in (b"", b"#"):
            break
        line = above
    begin = max(line - 300, 0)
    # A line of megabytes is data: read whole for each mention below it, it would take minutes.
    least = max(begin - _LONGEST_LINE, 0)
    return max(raw.rfind(b"\n", least, begin) + 1, least)


def bound_names(before: bytes) -> Iterator[bytes]:
    """The names that a statement binds to what stands behind this text: `a = b = `."""
    while (equals := _EQUALS.search(before)) is not None:
        bound = BOUND.search(before)
        if bound is not None:  # not an item or an attribute
            yield bound[1]
        head = before[: equals.start()]
        before = head[: max(map(head.rfind, (b"=", b"\n", b";"))) + 1]


def last_function(raw: bytes, at: int) -> tuple[bytes, bool]:
    """The name in the last `def` before a place, and whether it is an `async def`; empty where
    there is none."""
    while (at := raw.rfind(b"def", 0, at)) >= 0:
        before = line_before(raw, at).strip()
        found = _DEFINED.match(raw, at) if before in (b"", b"async") else None
        if found is not None:
            return found[1], before == b"async"
    return b"", False


def other_names(raw: bytes, word: bytes) -> Iterator[bytes]:
    """The names that a file gives a word: `WORD as name`, `name = module.WORD`. O(bytes)."""
    for at in places(raw, word):
        end = at + len(word)
        renamed = _AS.match(raw, end)
        if renamed and renamed[1] and not is_caught(raw, at):
            yield renamed[1]
        elif is_alone(raw, end):
            yield from bound_names(text_before(raw, at))


def is_caught(raw: bytes, at: int) -> bool:
    """Whether a name is the first or only one that an `except` names."""
    return _CAUGHT.search(text_before(raw, at)) is not None


def is_alone(raw: bytes, end: int) -> bool:
    """Whether a name that ends there may be all of what is bound or returned."""
    return _ALONE.match(raw, end) is not None


def is_called(raw: bytes, end: int) -> bool:
    """Whether what a name stands for that ends there is called, or defined."""
    return _CALLED.match(raw, end) is not None


def is_in_passing(raw: bytes, at: int) -> bool:
    """Whether what stands right before a place, on its line, neither loops over nor returns nor
    binds what a mention there names, nor begins a statement. It tells most mentions, in a tenth of
    the time that it takes to read what stands before the others."""
    before = raw[max(at - 40, 0) : at].rstrip(b" \t")
    last = before[-1:]
    if last.isalnum() or last == b"_":
        return not before.endswith((b"in", b"return"))
    return last in (b",", b"`", b"'", b'"')


def is_continued(raw: bytes, line: int) -> bool:
    """Whether the line that begins at an offset goes on with the one before."""
    return raw[max(line - 3, 0) : line].endswith((b"\\\n", b"\\\r\n"))


def functions_around(raw: bytes, at: int) -> Iterator[tuple[bytes, int]]:
    """The names of the functions around an offset, and where their lines begin, innermost first; by
    indentation, so that one above a line that is indented further, within brackets, may be among
    them."""
    line = raw.rfind(b"\n", 0, at) + 1
    width = _width(raw, line)
    header = _HEADER.match(raw, line)
    if header:
        yield header[1], line
    while width and line > 0:
        found = raw.rfind(b"def ", 0, line)
        if found < 0:
            return
        line = raw.rfind(b"\n", 0, found) + 1
        header = _HEADER.match(raw, line)
        if header and is_continued(raw, line):  # `async \` above it: its indentation tells nothing
            yield header[1], line
        elif header and _width(raw, line) < width:
            width = _width(raw, line)
            yield header[1], line


def _width(raw: bytes, line: int) -> int:
    indented = raw[line : line + 200]
    return len(indented) - len(indented.lstrip(b" \t"))


class Texts:
    """The strings and comments of a file. O(bytes), at the cost of a tenth of a parse."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self._spans = [text.span() for text in _TEXT.finditer(raw)]
        self.are_certain = all(map(self._is_whole, _LONG_F_STRING.finditer(raw)))

    def _is_whole(self, quotes: re.Match[bytes]) -> bool:
        """Whether a string that may hold others in its braces certainly ends where it seems to."""
        text = self.around(quotes.end() - 1)
        return text is not None and are_braces_closed(text.decode("latin-1"))

    def around(self, offset: int) -> bytes | None:
        """The string or comment around an offset; None where it is code."""
        at = bisect_right(self._spans, (offset, 1 << 62)) - 1
        if at < 0 or offset >= self._spans[at][1]:
            return None
        return self._raw[slice(*self._spans[at])]


def are_braces_closed(text: str) -> bool:
    """Whether the braces of an f-string are closed where it ends: since Python 3.12 they may hold
    its own kind of quotes, which end it for a pattern alone."""
    depth = at = 0
    while found := (_IN_BRACES if depth else _BRACE).search(text, at):
        at = found.end()
        if len(found[0]) == 1:  # no string, and no brace that stands for itself
            depth += 1 if found[0] == "{" else -1
    return depth == 0


def is_in_code(code: str, word: str) -> bool:
    """Whether a word stands in some code, outside comments and strings; in a string with braces it
    may be code. O(code)."""
    raw = code.encode()
    found = list(places(raw, word.encode()))
    texts = Texts(raw) if found else None
    return texts is not None and any(
        text is None or b"{" in text for text in map(texts.around, found)
    )
