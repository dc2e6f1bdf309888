"""Findings one a line: place, code, message."""

from __future__ import annotations

from collections.abc import Iterable

from funcpipe_lint.model import Crash, Violation
from funcpipe_lint.model.visible import visible, visible_line

_COLOURS = {"path": "1", "code": "1;31", "mark": "31", "gutter": "34", "note": "36"}


class Painter:
    """Wraps text in terminal colours, or leaves it."""

    def __init__(self, enabled: bool) -> None:
        self._enabled = enabled

    def __call__(self, kind: str, text: str) -> str:
        return f"\x1b[{_COLOURS[kind]}m{text}\x1b[0m" if self._enabled else text


def place(found: Violation | Crash) -> str:
    """`path:line:column`, which editors and terminals can jump to; a notebook's with its cell."""
    cell = f"cell {found.cell}:" if found.cell else ""
    return f"{visible_line(found.path)}:{cell}{found.line}:{found.column}"


def fix_mark(violation: Violation) -> str:
    """What the fix options do about a violation."""
    if violation.fix is None:
        return ""
    return " [fixable with --fix]" if violation.fix.safe else " [fixable with --unsafe-fixes]"


def render(violations: Iterable[Violation], paint: Painter) -> str:
    """One line each."""
    return "".join(line(v, v.whole_message, paint) for v in violations)


def line(violation: Violation, message: str, paint: Painter) -> str:
    """The line of a violation."""
    head = f"{paint('path', place(violation))}: {paint('code', violation.code)}"
    return f"{head} {visible(message)}{fix_mark(violation)}\n"


def errors(crashes: Iterable[Crash], paint: Painter) -> str:
    """What could not be checked, one line each."""
    return "".join(
        f"{paint('path', place(c))}: {paint('code', 'FP002')} {visible(c.message)}\n"
        for c in crashes
    )
