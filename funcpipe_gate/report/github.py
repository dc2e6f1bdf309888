"""Findings as annotations of a GitHub workflow: commands that its log is read for."""

from __future__ import annotations

from funcpipe_gate.record import Finding, GateReport, findings
from funcpipe_gate.report.text import notes, summary, where

_LEVELS = {"error": "error", "warning": "warning", "note": "notice"}


def render(report: GateReport) -> str:
    """One command a finding or failure, then the summary as a plain line."""
    lines = [_annotation(found) for found in findings(report)]
    for stage in report["stages"]:
        lines += [f"::error title={stage['name']}::{_text(f)}" for f in stage["failures"]]
    return "\n".join([*lines, summary(report)]) + "\n"


def _annotation(found: Finding) -> str:
    spot = found["place"]
    marks = [f"title={_property(found['code'] + ' ' + found['name'])}"]
    if spot is not None and spot["path"]:
        marks.append(f"file={_property(spot['path'])}")
        names = {"line": "line", "col": "column", "endLine": "end_line", "endColumn": "end_column"}
        # A column of the end is that of the line of the begin there: only where both are one.
        one_line = spot["line"] == spot["end_line"]
        marks += [
            f"{theirs}={spot[ours]}"  # type: ignore[literal-required]
            for theirs, ours in names.items()
            if spot[ours] and (one_line or "ol" not in theirs)  # type: ignore[literal-required]
        ]
    said = found["message"] if spot else f"{where(found)}: {found['message']}"
    said = "\n".join([said, *(f"see {line}" for line in notes(found))])
    return f"::{_LEVELS[found['level']]} {','.join(marks)}::{_text(said)}"


def _text(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _text(text).replace(":", "%3A").replace(",", "%2C")
