"""Findings for a coding agent: each with its patch and its replay, each rule's page once.

Plain text, no colours, no wrapping: a model reads lines, and pays for each.
"""

from __future__ import annotations

from collections.abc import Iterator

from funcpipe_gate.record import Finding, GateReport, findings
from funcpipe_gate.report.text import fence, notes, summary, where

_DETAILS = 40
"""Lines of a counterexample that are shown."""
_ASIDE = 5
"""Lines on what a stage did not look at, and of its notes."""


def render(report: GateReport) -> str:
    """The summary, what could not run, the findings, then the pages of their rules."""
    lines = [summary(report)]
    for stage in report["stages"]:
        lines += [f"could not run: {stage['name']}: {failure}" for failure in stage["failures"]]
        lines += [f"skipped: {stage['name']}: {stage['reason']}"] * bool(stage["reason"])
        for word, some in (("not looked at", stage["not_looked_at"]), ("note", stage["remarks"])):
            lines += [f"{word}: {stage['name']}: {one}" for one in _first(some)]
    for number, found in enumerate(findings(report), 1):
        lines += ["", f"## {number}. {found['code']} {found['name']} at {where(found)}"]
        lines += [found["message"], *_shown(found)]
    for code in sorted({f["code"] for f in findings(report) if f["stage"] == "lint"}):
        lines += _page(code)
    return "\n".join(lines) + "\n"


def _first(lines: list[str]) -> list[str]:
    more = len(lines) - _ASIDE
    return [*lines[:_ASIDE], *([f"and {more:,} more, in the JSON report"] if more > 0 else [])]


def _shown(found: Finding) -> Iterator[str]:
    yield from (f"see {line}" for line in notes(found))
    if found["details"] and found["stage"] != "lint":
        yield from _fenced("text", found["details"][:_DETAILS])
    if found["patch"]:
        yield "patch:"
        yield from _fenced("diff", found["patch"].rstrip("\n").split("\n"))
    if found["replay"]:
        yield f"replay: {found['replay']}"


def _fenced(kind: str, lines: list[str]) -> Iterator[str]:
    mark = fence(lines)
    yield from (f"{mark}{kind}", *lines, mark)


def _page(code: str) -> Iterator[str]:
    """A rule's documentation; a plugin's rule, and a stale baseline, have none here."""
    from funcpipe_lint.cli.report.pages import record
    from funcpipe_lint.model.codes import KNOWN_CODES

    if code in KNOWN_CODES:
        known = record(code)
        yield from ("", f"# {code} {known['name']}: {known['summary']}", known["documentation"])
