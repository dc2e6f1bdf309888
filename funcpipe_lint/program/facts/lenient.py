"""The tree of a text, also of one in a later Python than this one, as far as that can be told."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from funcpipe_lint.read.syntax import UNPARSABLE, parse

if TYPE_CHECKING:
    import ast

# Parameters of types, `t"..."`, `except A, B:`.
_NEWER = (
    re.compile(
        r"^([ \t]*(?:async[ \t]+def|def|class|type)[ \t]+\w+)"
        r"(\[[^\]\n]*(?:\[[^\]\n]*\][^\]\n]*)*\])()",
        re.MULTILINE,
    ),
    re.compile(r"""(?<!\w)()([rR]?[tT][rR]?)((?=["']))"""),
    re.compile(r"^([ \t]*except[ \t]+[\w.]+)((?:[ \t]*,[ \t]*[\w.]+)+)([ \t]*:)", re.MULTILINE),
)
# Each of them takes another parse.
_LONGEST_RETRIED = 200_000
# Lines of a later Python that are left out, one after the other.
_MOST_LINES = 20


def parsed(text: str) -> ast.Module | None:
    """The tree of a text; None where it is no Python that is known."""
    for each in (text, None):
        try:
            return parse(_in_older_python(text) if each is None else each)
        except UNPARSABLE:
            continue
    return None


def _in_older_python(text: str) -> str:
    """A text of a later Python without what it says of types, with plain strings for templates,
    with one exception a handler, and without the lines that are still refused; every other
    character stays where it is."""
    for pattern in _NEWER:
        text = pattern.sub(lambda found: found[1] + " " * len(found[2]) + found[3], text)
    left_out: set[int] = set()
    for _ in range(_MOST_LINES if len(text) < _LONGEST_RETRIED else 0):
        try:
            parse(text)
        except SyntaxError as error:
            lines = text.split("\n")
            at = (error.lineno or 0) - 1
            if not 0 <= at < len(lines) or at in left_out:
                break
            line = lines[at]
            indent = line[: len(line) - len(line.lstrip())]
            # Behind a line that is left out stands the rest of what began there, such as a string.
            instead = "#" if at - 1 in left_out else f"{indent}pass #"
            lines[at] = instead.ljust(len(line), "x")
            if len(lines[at]) > len(line):
                break
            left_out.add(at)
            text = "\n".join(lines)
        except UNPARSABLE:
            break
        else:
            break
    return text
