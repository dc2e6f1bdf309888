"""A file's statements, found by their indentation alone: a twentieth of the cost of a parse.

What is taken for a statement may be a line within brackets. Whoever leaves some out by it has to
parse what is left: a bracket that lost its fellow is no Python.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Literal, NamedTuple

from funcpipe_lint.read.mentions import TEXT, are_braces_closed

STRINGS = re.compile(TEXT.decode(), re.DOTALL)
_ODD_LINE_END = re.compile(r"\r(?!\n)")
_ODD_INDENT = re.compile(r"\n *\t")
_HEAD = re.compile(
    r"(?P<decorator>@)"
    r"|(?P<more>(?:else|elif|except|finally)\b)"
    r"|(?:(?P<colour>async)[ ]+)?def[ ]+(?P<function>\w+)"
    r"|class[ ]+(?P<class>\w+)"
    r"|(?!try\b)(?P<value>\w+)[ ]*(?::[^=\n]*)?=(?!=)"
)
_BEGINS = re.compile(r"[^\s#)\]}]")
_BRACKET = re.compile(r"[()\[\]{}:]")
_BODY = re.compile(r"[ ]*(?:#[^\n]*)?\r?\n(?:[ ]*(?:#[^\n]*)?\r?\n)*(?P<indent> *)(?=\S)")
_BOUND = re.compile(r"(?<!\w)(\w+)[ ]*:?=(?!=)")


class Statement(NamedTuple):
    """A statement of a module or class."""

    kind: Literal["function", "class", "value", "other"]
    """value: an assignment to plain names; other: whatever is not understood."""
    names: tuple[str, ...]
    """What it binds, for kinds that are understood."""
    start: int
    """Where its first line begins, decorators included."""
    head: int
    """Where it begins itself."""
    end: int
    is_async: bool = False


class Part:
    """A statement, and what of it is kept."""

    __slots__ = ("body", "is_kept", "is_whole", "members", "one", "owner")

    def __init__(self, one: Statement, owner: Part | None) -> None:
        self.one = one
        self.owner = owner
        """The class that it is a member of."""
        self.members: list[Part] = []
        self.body: tuple[int, int] | None = None
        self.is_kept = self.is_whole = False


def masked(text: str) -> str | None:
    """The text, as long as it was, its comments overwritten by # and its strings by quotes, so that
    every line begins in code; None where the layout, or what is a string, is not certain."""
    are_certain = True

    def fill(found: re.Match[str]) -> str:
        nonlocal are_certain
        start, end = found.span()
        if text[start] == "#":
            return "#" * (end - start)
        if not are_closed(text, start, end):
            are_certain = False
        return '"' * (end - start)

    mask = STRINGS.sub(fill, text)
    return mask if are_certain and not _is_odd(mask) else None


def are_closed(text: str, start: int, end: int) -> bool:
    """Whether no braces that hold code are open at the end of a part of a string, given by where
    the string begins."""
    is_prefixed = text[start - 1 : start] in _PREFIXES
    is_braced = is_prefixed and _BRACED.search(text[max(start - 2, 0) : start])
    return not is_braced or are_braces_closed(text[start:end])


def _is_odd(mask: str) -> bool:
    """Whether there is an indentation whose width depends, or a line end that is none of the
    usual."""
    return (
        "\f" in mask
        or _ODD_LINE_END.search(mask) is not None
        or mask.lstrip(" ").startswith("\t")
        or _ODD_INDENT.search(mask) is not None
    )


_PREFIXES = frozenset("fFtTrR")
_BRACED = re.compile(r"[fFtT][rR]?$")


def statements(mask: str, start: int, end: int, width: int) -> list[Statement]:
    """The statements between two offsets that are indented by `width`."""
    lines = list(_lines(mask, start, end, width))
    found: list[Statement] = []
    decorated = -1
    for line, after in zip(lines, [*lines[1:], end], strict=True):
        head = _HEAD.match(mask, line)
        if head is not None and head.lastgroup == "decorator":
            decorated = line if decorated < 0 else decorated
            continue
        stop = line + len(mask[line:after].rstrip("# \r\n"))
        if head is not None and head["more"] and found:
            found[-1] = found[-1]._replace(kind="other", names=(), end=stop)
            continue
        first = line if decorated < 0 else decorated
        decorated = -1
        found.append(_statement(mask, head, first, line, stop))
    return found


def _statement(
    mask: str, head: re.Match[str] | None, first: int, line: int, stop: int
) -> Statement:
    if head is None:
        return Statement("other", (), first, line, stop)
    if head["function"]:
        return Statement("function", (head["function"],), first, line, stop, bool(head["colour"]))
    if head["class"]:
        return Statement("class", (head["class"],), first, line, stop)
    if first == line and head["value"] and ";" not in mask[line:stop]:
        return Statement(
            "value", (head["value"], *_BOUND.findall(mask, line, stop)), line, line, stop
        )
    return Statement("other", (), first, line, stop)


def _lines(mask: str, start: int, end: int, width: int) -> Iterator[int]:
    """Where the text of each line of this width begins that may begin a statement."""
    if start == 0 and _BEGINS.match(mask):
        yield 0
    for found in _starts(width).finditer(mask, max(start - 1, 0), end):
        line = found.start()
        if not mask[max(line - 2, 0) : line].endswith(("\\", "\\\r")):
            yield found.end()


@cache
def _starts(width: int) -> re.Pattern[str]:
    return re.compile(rf"\n {{{width}}}(?={_BEGINS.pattern})")


def body_of(mask: str, statement: Statement) -> tuple[int, int] | None:
    """Where the body of a function or class begins, and how far it is indented; None where it is on
    the line of the header."""
    depth = 0
    for bracket in _BRACKET.finditer(mask, statement.head, statement.end):
        if bracket[0] in "([{":
            depth += 1
        elif bracket[0] != ":":
            depth -= 1
        elif depth == 0:
            body = _BODY.match(mask, bracket.end(), statement.end)
            return None if body is None else (body.end(), len(body["indent"]))
    return None
