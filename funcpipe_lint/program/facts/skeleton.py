"""A module without its functions, but for their names and decorators, and each of these by itself:
what a module binds is read from a fifth of its text, and of its functions those that somebody asks
for.
"""

from __future__ import annotations

import ast
import re
from functools import cache
from typing import NamedTuple
from unicodedata import normalize

from funcpipe_lint.program.facts.lenient import parsed
from funcpipe_lint.program.facts.shapes import AnyFunction
from funcpipe_lint.read.outline import Statement, body_of, masked

# One on the first line is not left out, nor one whose `async` is on the line above.
_DEF = re.compile(r"\n( *)(?:async +)?def +\w+")
# What a function binds elsewhere than in itself, and classes, which are numbered as they are read.
_OUTWARD = ("global", "nonlocal", "class")
# What is shorter is cheaper to parse than to leave out.
_LEAST = 40
# Beyond this line, a function is moved to its place rather than parsed behind so many empty lines.
_FAR = 10_000


class Body(NamedTuple):
    """Where the body of a function is in the text, from the beginning of its first line."""

    start: int
    end: int
    head: int
    """Where the line of `def` begins."""
    line: int
    """Its number."""
    is_outward: bool
    """It may bind names outside of the function, or hold a class."""


class Skeleton(NamedTuple):
    """The tree of a module in which some functions have no parameters, and `pass` as their body."""

    tree: ast.Module
    bodies: dict[int, Body]
    """By the line of `def`."""


def skeleton_of(text: str) -> Skeleton | None:
    """The skeleton of a module: its whole tree where it is not certain which statements belong to a
    function; None where it is no Python. O(text)."""
    mask = masked(text)
    if mask is not None and not _is_respelled(mask):
        left, bodies = _without_bodies(text, mask)
        outer = parsed(left)
        if outer is not None:  # a body that was cut inside brackets leaves no Python
            return Skeleton(outer, bodies)
    tree = parsed(text)
    return None if tree is None else Skeleton(tree, {})


def _is_respelled(mask: str) -> bool:
    """Whether a name may be another one to Python than it is in the text."""
    return not mask.isascii() and normalize("NFKC", mask) != mask


def function_of(text: str, body: Body) -> AnyFunction | None:
    """The whole function that a body is of, without its decorators, on the lines where it is; None
    where it is no Python."""
    written = text[body.head : body.end]
    is_indented = written.startswith(" ")
    above = min(body.line - 1 - is_indented, _FAR)
    tree = parsed("\n" * above + "if 1:\n" * is_indented + written)
    only: ast.stmt | None = tree.body[0] if tree is not None and len(tree.body) == 1 else None
    if only is not None and body.line - 1 - is_indented > above:
        ast.increment_lineno(only, body.line - 1 - is_indented - above)
    if is_indented and isinstance(only, ast.If):
        only = only.body[0] if len(only.body) == 1 and not only.orelse else None
    return only if isinstance(only, ast.FunctionDef | ast.AsyncFunctionDef) else None


def _without_bodies(text: str, mask: str) -> tuple[str, dict[int, Body]]:
    bodies: dict[int, Body] = {}
    parts: list[str] = []
    done = line = counted = at = 0
    while found := _DEF.search(mask, at):  # behind the body before: those in it are not looked at
        at, head = found.end(), found.end(1)
        if mask[max(found.start() - 2, 0) : found.start()].endswith(("\\", "\\\r")):
            continue
        place = body_of(mask, Statement("function", (), head, head, len(mask)))
        if place is None or place[1] <= len(found[1]):
            continue
        end = _end_of(mask, len(found[1]), place[0])
        if end - at < _LEAST:
            continue
        start = place[0] - place[1]
        line += text.count("\n", counted, head)
        counted = head
        is_outward = any(_is_word(word, mask, start, end) for word in _OUTWARD)
        bodies[line + 1] = Body(start, end, found.start(1), line + 1, is_outward)
        parts += (text[done:at], "(): pass", "\n" * text.count("\n", at, end))
        done = at = end
    return "".join((*parts, text[done:])), bodies


def _end_of(mask: str, width: int, start: int) -> int:
    found = _dedent(width).search(mask, start)
    return len(mask) if found is None else found.start()


def _is_word(word: str, mask: str, start: int, end: int) -> bool:
    """Whether a word stands in a part of a text, by itself."""
    at = mask.find(word, start, end)
    return at >= 0 and re.compile(rf"\b{word}\b").search(mask, at, end) is not None


@cache
def _dedent(width: int) -> re.Pattern[str]:
    return re.compile(rf"\n(?<!\\\n)(?<!\\\r\n) {{0,{width}}}(?=[^\s#)\]}}])")
