"""Edits to new bytes: to a fixed point, and never to something that does not parse."""

from __future__ import annotations

from collections.abc import Iterable

from funcpipe_lint.edits import apply_edits
from funcpipe_lint.engine import Engine, parse
from funcpipe_lint.model import Edit, Fix, Violation

# Each pass applies what does not overlap; nested loops take one pass a level.
_MAX_PASSES = 100


def chosen_edits(violations: Iterable[Violation], *, unsafe: bool) -> list[Edit]:
    """The edits of as many fixes as fit together, first come first served; a fix goes in whole."""
    taken: list[Edit] = []
    for violation in violations:
        fix = violation.fix
        if fix is None or not (fix.safe or unsafe):
            continue
        new = [edit for edit in fix.edits if edit not in taken]
        if not any(_overlap(a, b) for a in new for b in taken):
            taken += new
    return sorted(taken)


def _overlap(a: Edit, b: Edit) -> bool:
    if a.start == a.end == b.start == b.end:
        return True  # two insertions in one place: their order would be chance
    return a.start < b.end and b.start < a.end


def is_applicable(fix: Fix | None, *, unsafe: bool) -> bool:
    """Whether a run applies a fix."""
    return fix is not None and (fix.safe or unsafe)


def fixed_text(path: str, text: str, engine: Engine, *, unsafe: bool = False) -> str:
    """The text with every applicable fix in it, linted again until none is left.

    A pass whose outcome does not parse is given up, and the text of the pass before returned.
    """
    for _ in range(_MAX_PASSES):
        report = engine.check(path, text.encode())
        edits = chosen_edits(report.violations, unsafe=unsafe)
        if not edits:
            break
        changed = apply_edits(text, edits)
        try:
            parse(changed)
        except (SyntaxError, ValueError):
            break
        text = changed
    return text
