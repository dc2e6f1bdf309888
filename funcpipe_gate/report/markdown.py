"""The report as a Markdown page, small enough for the summary of a workflow's job."""

from __future__ import annotations

import re
from collections.abc import Iterator

from funcpipe_gate.record import Finding, GateReport, StageRecord
from funcpipe_gate.report.text import fence, heading, notes, summary

_SHOWN = 50
"""Findings of a stage that are listed: a job's summary holds at most 1 MiB."""
_DETAILS = 60
# No link, no picture, which the page would fetch, no heading.
_MARKUP = re.compile(r"[\\`*\[\]!~]|(?<!\w)_|_(?!\w)")
_SIGNS = {"clean": "✓ clean", "findings": "✗", "failed": "! could not run", "skipped": "skipped"}


def render(report: GateReport) -> str:
    """A table of the stages, then what each has found."""
    lines = ["# funcpipe", "", summary(report), ""]
    lines += ["| stage | result | looked at |", "|---|---|---|"]
    lines += [_row(stage) for stage in report["stages"]]
    for stage in report["stages"]:
        lines += _stage(stage)
    made = report["made"]
    lines += ["", f"funcpipe {made['version']}, Python {made['python']}, {made['date']}"]
    return "\n".join(lines) + "\n"


def _row(stage: StageRecord) -> str:
    result = _SIGNS[stage["status"]]
    if stage["status"] == "findings":
        result += f" {len(stage['findings'])}"
    looked = "; ".join(stage["looked_at"]) or stage["reason"] or "; ".join(stage["failures"])
    return f"| {stage['name']} | {result} | {_cell(looked)} |"


def _cell(text: str) -> str:
    return _plain(text).replace("|", "\\|")


def _plain(text: str) -> str:
    """A text on one line in which nothing is markup."""
    flat = " ".join(text.split())
    return _MARKUP.sub(r"\\\g<0>", flat).replace("<", "&lt;")


def _stage(stage: StageRecord) -> Iterator[str]:
    if not any(stage[part] for part in ("findings", "failures", "not_looked_at", "remarks")):
        return
    yield from ("", f"## {stage['name']}", "")
    yield from (f"- could not run: {_plain(failure)}" for failure in stage["failures"])
    for found in stage["findings"][:_SHOWN]:
        yield from _finding(found)
    more = len(stage["findings"]) - _SHOWN
    if more > 0:
        yield f"- and {more:,} more; the JSON and HTML reports have them all"
    for line in stage["not_looked_at"][:_SHOWN]:
        yield f"- not looked at: {_plain(line)}"
    for line in stage["remarks"][:_SHOWN]:
        yield f"- note: {_plain(line)}"


def _finding(found: Finding) -> Iterator[str]:
    yield f"- **{_plain(heading(found))}**: {_plain(found['message'])}"
    yield from (f"  - see {_plain(line)}" for line in notes(found))
    lines = [*found["details"][:_DETAILS], *([f"$ {found['replay']}"] if found["replay"] else [])]
    if found["stage"] != "lint" and lines:
        mark = fence(lines)
        yield from ("", "  <details><summary>show</summary>", "", f"  {mark}text")
        yield from (f"  {line}".rstrip() for line in lines)
        yield from (f"  {mark}", "", "  </details>", "")
    elif found["patch"]:
        lines = found["patch"].splitlines()
        mark = fence(lines)
        yield from ("", "  <details><summary>patch</summary>", "", f"  {mark}diff")
        yield from (f"  {line}" for line in lines)
        yield from (f"  {mark}", "", "  </details>", "")
