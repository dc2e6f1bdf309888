"""The outermost `async def` statements of a file, cut out of its bytes without parsing the rest.

A tenth of a file that has any; `ast` reads them, and what it sees decides whether the file is
parsed at all.
"""

from __future__ import annotations

import ast
import re
import warnings
from bisect import bisect_left
from collections.abc import Iterable
from functools import cache
from typing import NamedTuple, cast

from funcpipe_lint.read.mentions import Texts, is_continued
from funcpipe_lint.screen.text.prefilter import IN_STATEMENT, has_odd_encoding

_ASYNC_DEF = re.compile(rb"y(?<=asy)nc" + IN_STATEMENT + rb"def\b")  # `y` is rare
_NAME = re.compile(rb"def" + IN_STATEMENT + rb"([\w\x80-\xff]+)")
_ONLY_AST = 0x400  # ast.PyCF_ONLY_AST


class Blocks(NamedTuple):
    """The tree of some blocks."""

    tree: ast.Module
    functions: int
    """How many texts in the blocks look like an `async def`. If the tree has as many, none of them
    is the text of a string, and none is hidden in one."""


class Start(NamedTuple):
    """A text that may begin an `async def` statement."""

    line: int
    """Where its line begins."""
    at: int
    after: int
    """Where its first words end."""


def name_of(raw: bytes, start: Start) -> bytes:
    """The name of a function; empty where a text has none."""
    found = _NAME.match(raw, start.after - 3)
    return found[1] if found else b""


def read_starts(raw: bytes, *, knows_texts: bool) -> list[Start] | None:
    """The starts in a file, nested ones included; None where the bytes do not show for certain
    which there are: a line end or indentation that is none of the usual. O(bytes).

    With `knows_texts` strings and comments are found first, at ten times the cost, and what they
    hold begins no block.
    """
    if b"\r" in raw and raw.count(b"\r") != raw.count(b"\r\n"):
        return None
    if has_odd_encoding(raw) or raw.startswith(b"\xef\xbb\xbf"):
        return None
    texts = Texts(raw) if knows_texts else None
    if texts is not None and not texts.are_certain:
        return None
    found = []
    for match in _ASYNC_DEF.finditer(raw):
        at = match.start() - len("as")
        line = raw.rfind(b"\n", 0, at) + 1
        indent = raw[line:at]
        if indent.strip(b" "):
            if indent.strip(b" \t\f"):
                continue  # not the first word of its line: a comment or a string
            return None  # a tab or form feed: how deep it is depends
        if is_continued(raw, line):
            return None  # the statement began on the line before
        if texts is None or texts.around(at) is None:
            found.append(Start(line, at, match.end()))
    return found


def read_blocks(raw: bytes, starts: list[Start], wanted: Iterable[Start]) -> Blocks | None:
    """The outermost statements that hold the wanted starts; None where one does not parse: one that
    was cut inside brackets or a string never does. O(bytes)."""
    spans: list[tuple[int, int]] = []
    functions = end = 0
    for start in wanted:
        if start.at < end:
            continue
        end = end_of_block(raw, start.at - start.line, start.after)
        spans.append((with_decorators(raw, start), end))
        functions += bisect_left(starts, (end,)) - bisect_left(starts, start)
    tree = _parsed(raw, spans)
    return None if tree is None else Blocks(tree, functions)


def end_of_block(raw: bytes, width: int, after: int) -> int:
    """Where a block ends whose first line is indented by `width`: at the next line that is
    indented no more, is no comment and does not close the brackets of a header over several."""
    found = _dedent(width).search(raw, after)
    return found.start() + 1 if found else len(raw)


@cache
def _dedent(width: int) -> re.Pattern[bytes]:
    return re.compile(rb"\n[ \t\f]{0,%d}[^ \t\f\r\n#)\]}]" % width)


def with_decorators(raw: bytes, start: Start) -> int:
    """The start of the first of the decorator lines right above a function."""
    indent = raw[start.line : start.at]
    first = line = start.line
    for _ in range(40):  # a decorator may be a call over several lines
        above = raw.rfind(b"\n", 0, max(line - 1, 0)) + 1
        text = raw[above:line]
        if line == 0 or not text.startswith(indent) or not text.strip():
            break
        line = above
        word = text[len(indent) : len(indent) + 1]
        if word == b"@":
            first = line
        elif word not in b" )#":
            break
    return first


def _parsed(raw: bytes, spans: list[tuple[int, int]]) -> ast.Module | None:
    parts: list[bytes] = []
    lines: list[int] = []
    line = 1
    for start, end in spans:
        part = raw[start:end]
        is_indented = part[:1] == b" "
        if is_indented:
            parts.append(b"if 1:\n")
        if not part.endswith(b"\n"):
            part += b"\n"
        parts.append(part)
        lines.append(line)
        line += part.count(b"\n") + is_indented
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            text = b"".join(parts)
            tree = compile(text, "<blocks>", "exec", _ONLY_AST, dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    statements = cast("ast.Module", tree).body
    # A string left open by one block may swallow the next one.
    is_whole = [_first_line(statement) for statement in statements] == lines
    return cast("ast.Module", tree) if is_whole else None


def _first_line(statement: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
    return min([statement.lineno, *(d.lineno for d in decorators)])
