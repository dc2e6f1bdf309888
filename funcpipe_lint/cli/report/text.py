"""Findings for people: place, code, message, and the source around it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from funcpipe_lint.check.source_lines import Texts
from funcpipe_lint.cli.report import concise
from funcpipe_lint.cli.report.concise import Painter
from funcpipe_lint.model import Violation
from funcpipe_lint.model.visible import letters, visible, visible_line

# A line of generated code may hold a megabyte.
_WIDEST = 200
_LEAD = 60


def render(violations: Iterable[Violation], paint: Painter, texts: Texts) -> str:
    """Each with the lines around it, the place marked, and its notes."""
    return "\n".join(
        concise.line(violation, violation.message, paint)
        + _excerpt(violation, texts.lines(violation.path, violation.cell), paint)
        for violation in violations
    )


def _excerpt(violation: Violation, lines: Sequence[str], paint: Painter) -> str:
    if not 1 <= violation.line <= len(lines):
        return ""
    first = max(1, violation.line - 2)
    last = min(len(lines), violation.line + 1)
    width = len(str(last))
    blank = paint("gutter", f"{' ' * width} |")
    out = [blank]
    for number in range(first, last + 1):
        shown, mark = lines[number - 1], ""
        if number == violation.line:
            shown, mark = _clipped(*_spelt(shown, _mark(violation, shown)))
        else:
            shown, _ = _spelt(shown[: _WIDEST + 1], "")
            shown = shown if len(shown) <= _WIDEST else shown[:_WIDEST] + "..."
        out.append(f"{paint('gutter', f'{number:>{width}} |')} {shown}".rstrip())
        if mark:
            carets = mark.lstrip()
            out.append(f"{blank} {mark[: -len(carets)]}{paint('mark', carets)}")
    equals = f"{' ' * width} {paint('note', '=')}"
    for note in violation.notes:
        place = f"{visible_line(note.path)}:{note.line}" if note.path else f"line {note.line}"
        out.append(f"{equals} {place}: {visible(note.message)}")
    return "\n".join(out) + "\n"


def _mark(violation: Violation, text: str) -> str:
    start = violation.column - 1
    end = violation.end_column - 1 if violation.end_line == violation.line else len(text)
    # A tab in the source stays one in the mark, so that both lines align.
    lead = "".join("\t" if c == "\t" else " " for c in text[:start])
    return lead + "^" * max(1, end - start)


def _spelt(text: str, mark: str) -> tuple[str, str]:
    """A line and the mark below it, with what cannot be seen of it spelt out, but for tabs."""
    if visible(text) == text:
        return text, mark
    shown = ["\t" if c == "\t" else seen for c, seen in zip(text, letters(text), strict=True)]
    wide = (m * len(seen) for m, seen in zip(mark, shown, strict=False))
    return "".join(shown), "".join(wide) + mark[len(text) :]


def _clipped(text: str, mark: str) -> tuple[str, str]:
    """A line and the mark below it, where the line is long: the part around the mark's begin."""
    if len(text) <= _WIDEST:
        return text, mark
    begin = max(mark.index("^") - _LEAD, 0)
    end = begin + _WIDEST
    before = "..." if begin else ""
    after = "..." if end < len(text) else ""
    return before + text[begin:end] + after, " " * len(before) + mark[begin:end]


def summary(violations: Sequence[Violation], files: int, unchecked: int, fixed: int) -> str:
    """The closing line; `unchecked` of the files could not be checked."""
    checked = files - unchecked
    in_files = f"in {checked} file{'s' * (checked != 1)}"
    end = f"; {unchecked} could not be checked.\n" if unchecked else ".\n"
    text = f"{fixed} file{'s' * (fixed != 1)} fixed. " if fixed else ""
    count = len(violations)
    if not count:
        return f"{text}No violations {in_files}{end}"
    text += f"Found {count} violation{'s' * (count != 1)} {in_files}"
    fixes = [v.fix for v in violations if v.fix is not None]
    safe = sum(fix.safe for fix in fixes)
    ways = []
    if safe:
        ways.append(f"{safe} fixable with --fix")
    if len(fixes) > safe:
        more = " more" if safe else ""
        ways.append(f"{len(fixes) - safe}{more} fixable with --unsafe-fixes")
    return text + (f" ({', '.join(ways)})" if ways else "") + end


def since_summary(revision: str, passed_by: int) -> str:
    """What `--since` left out."""
    some = f"{passed_by} file{'s' * (passed_by != 1)}"
    return f"Not checked: {some} without changes since {visible(revision)}.\n"


def baseline_summary(hidden: int, stale: int) -> str:
    """What the baseline kept back, and whether it holds more than that."""
    text = f"{hidden} more in the baseline.\n" if hidden else ""
    if stale:
        text += (
            f"{stale} recorded in the baseline {'are' if stale > 1 else 'is'} mended:"
            " take out with --update-baseline.\n"
        )
    return text
