"""Findings as workflow commands: GitHub Actions shows them beside the lines of a pull request."""

from __future__ import annotations

from collections.abc import Sequence

from funcpipe_lint.check.source_lines import Texts, shown
from funcpipe_lint.model import Crash, Violation
from funcpipe_lint.model.visible import visible


def render(
    violations: Sequence[Violation], crashes: Sequence[Crash], files: int, texts: Texts
) -> str:
    """One command a finding."""
    out = []
    for found in violations:
        cell = f"cell {found.cell}, line {found.line}: " if found.cell else ""
        # A notebook's lines are not those of its file: only the file can be pointed at.
        place = {"line": found.line, "endLine": found.end_line, "col": found.column}
        if found.end_line == found.line:
            place["endColumn"] = found.end_column
        where = {"file": shown(found.path), **({} if found.cell else place)}
        out.append(_command(found.code, where, f"{found.code} {cell}{found.whole_message}"))
    for crash in crashes:
        where = {"file": shown(crash.path), "line": crash.line, "col": crash.column}
        out.append(_command("FP002", where, f"FP002 {crash.message}"))
    return "".join(out)


def _command(title: str, where: dict[str, object], message: str) -> str:
    named = ",".join(f"{key}={_property(str(value))}" for key, value in where.items())
    return f"::error title=funcpipe-lint ({title}),{named}::{_escaped(message)}\n"


def _escaped(text: str) -> str:
    return visible(text).replace("%", "%25")


def _property(text: str) -> str:
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")
