"""Findings for people: place, code, message, and the source around it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from funcpipe_lint.model import Crash, Violation

_COLOURS = {"path": "1", "code": "1;31", "mark": "31", "gutter": "34", "note": "36"}


class Painter:
    """Wraps text in terminal colours, or leaves it."""

    def __init__(self, enabled: bool) -> None:
        self._enabled = enabled

    def __call__(self, kind: str, text: str) -> str:
        return f"\x1b[{_COLOURS[kind]}m{text}\x1b[0m" if self._enabled else text


def place(violation: Violation | Crash) -> str:
    """`path:line:column`, which editors and terminals can jump to."""
    return f"{violation.path}:{violation.line}:{violation.column}"


def fix_mark(violation: Violation) -> str:
    """What the fix options do about a violation."""
    if violation.fix is None:
        return ""
    return " [fixable with --fix]" if violation.fix.safe else " [fixable with --unsafe-fixes]"


def concise(violations: Iterable[Violation], paint: Painter) -> str:
    """One line each."""
    return "".join(
        f"{paint('path', place(v))}: {paint('code', v.code)} {v.message}{fix_mark(v)}\n"
        for v in violations
    )


def full(violations: Iterable[Violation], paint: Painter) -> str:
    """Each with the lines around it, the place marked, and its notes."""
    parts: list[str] = []
    read_path, lines = "", list[str]()
    for violation in violations:
        if violation.path != read_path:
            read_path, lines = violation.path, _lines(violation.path)
        parts.append(concise([violation], paint))
        parts.append(_excerpt(violation, lines, paint))
    return "\n".join(parts)


def _lines(path: str) -> list[str]:
    from funcpipe_lint.source import Source, UndecodableError

    try:
        text = Source.decode(Path(path).read_bytes()).text
    except (OSError, UndecodableError):
        return []
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _excerpt(violation: Violation, lines: list[str], paint: Painter) -> str:
    if not 1 <= violation.line <= len(lines):
        return ""
    first = max(1, violation.line - 2)
    last = min(len(lines), violation.line + 1)
    width = len(str(last))
    blank = paint("gutter", f"{' ' * width} |")
    out = [blank]
    for number in range(first, last + 1):
        text = lines[number - 1]
        out.append(f"{paint('gutter', f'{number:>{width}} |')} {text}".rstrip())
        if number == violation.line:
            out.append(f"{blank} {_marked(violation, text, paint)}")
    equals = f"{' ' * width} {paint('note', '=')}"
    out += [f"{equals} line {note.line}: {note.message}" for note in violation.notes]
    return "\n".join(out) + "\n"


def _marked(violation: Violation, text: str, paint: Painter) -> str:
    start = violation.column - 1
    end = violation.end_column - 1 if violation.end_line == violation.line else len(text)
    # A tab in the source stays one in the mark, so that both lines align.
    lead = "".join("\t" if c == "\t" else " " for c in text[:start])
    return lead + paint("mark", "^" * max(1, end - start))


def errors(crashes: Iterable[Crash], paint: Painter) -> str:
    """What could not be checked, one line each."""
    return "".join(
        f"{paint('path', place(c))}: {paint('code', 'FP002')} {c.message}\n" for c in crashes
    )


def summary(count: int, files: int, fixable: int, unsafe: int, fixed: int) -> str:
    """The closing line."""
    if not count:
        done = f"{fixed} file{'s' * (fixed != 1)} fixed. " if fixed else ""
        return f"{done}No violations in {files} file{'s' * (files != 1)}.\n"
    text = f"Found {count} violation{'s' * (count != 1)} in {files} file{'s' * (files != 1)}"
    if fixed:
        text = f"{fixed} file{'s' * (fixed != 1)} fixed. {text}"
    ways = []
    if fixable:
        ways.append(f"{fixable} fixable with --fix")
    if unsafe:
        ways.append(f"{unsafe} more with --unsafe-fixes")
    return text + (f" ({', '.join(ways)})" if ways else "") + ".\n"
