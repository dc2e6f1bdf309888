"""A sweep as plain data: what a child process answers, and what all reports are made of."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TypedDict, get_args

from funcpipe_laws.endpoints.reporting import text
from funcpipe_laws.endpoints.reporting.picture import layout
from funcpipe_laws.endpoints.sweeping.findings import REMEDIES, Kind
from funcpipe_laws.endpoints.sweeping.sweep import Sweep
from funcpipe_laws.report.record import DiagramRecord, diagram_of, diagram_record
from funcpipe_laws.report.sheet import Entry, Sheet

SCHEMA = 1
_LOST = "not looked at"
KINDS = tuple(kind.replace(" ", "-") for kind in (*get_args(Kind), _LOST))
"""Kinds of faults, each as one word."""


class FindingRecord(TypedDict):
    """One fault, the steps at which it was seen, and what shows it again."""

    kind: str
    key: str
    """What makes two faults one, from run to run: kind, application, request and place, without
    lines. A line of the file of known faults begins with it."""
    waived: str
    """Why it is let pass; empty if it is not."""
    headline: str
    steps: list[str]
    remedy: str
    replay: str
    diagram: DiagramRecord | None


class SweepRecord(TypedDict):
    """One request to one application."""

    target: str
    request: str
    looked_at: str
    text: str
    notes: list[str]
    findings: list[FindingRecord]


class EndpointsReport(TypedDict):
    """A whole report."""

    schema: int
    endpoints: list[SweepRecord]
    problems: list[str]
    """Known faults that were looked for and not seen."""


def sweep_record(sweep: Sweep, target: str) -> SweepRecord:
    """A sweep as data."""
    return {
        "target": target,
        "request": str(sweep.request),
        "looked_at": text.looked_at(sweep),
        "text": text.failure(sweep, target),
        "notes": list(sweep.notes),
        "findings": [
            {
                "kind": finding.fault.kind,
                "key": _key(finding.fault.kind, target, str(sweep.request), finding.fault.subject),
                "waived": "",
                "headline": text.headline(finding),
                "steps": [step.key for step in finding.steps],
                "remedy": REMEDIES.get(finding.fault.kind, ""),
                "replay": text.replay(sweep, finding, target) if finding.steps else "",
                "diagram": diagram_record(layout(finding.visit)) if finding.visit else None,
            }
            for finding in sweep.findings
        ],
    }


def lost_record(target: str, request: str, reason: str) -> SweepRecord:
    """A request whose process gave no answer."""
    kind = "hangs" if reason.startswith("did not end") else _LOST
    return {
        "target": target,
        "request": request,
        "looked_at": f"{request}: {reason}",
        "text": f"{request}: {reason}",
        "notes": [],
        "findings": [
            {
                "kind": kind,
                "key": _key(kind, target, request, ""),
                "waived": "",
                "headline": reason,
                "steps": [],
                "remedy": "",
                "replay": "",
                "diagram": None,
            }
        ],
    }


def _key(kind: str, target: str, request: str, place: str) -> str:
    without_lines = re.sub(r":\d+\b", "", place)
    return f"{kind.replace(' ', '-')} {target} {request} {without_lines or '-'}"


def lines(record: SweepRecord) -> Iterator[str]:
    """A request for the terminal: whether it is clean, and its faults in a line each."""
    is_clean = all(found["waived"] for found in record["findings"])
    yield f"{'clean' if is_clean else 'FAILED'}: {record['target']}: {record['looked_at']}"
    for found in record["findings"]:
        yield f"       {found['headline']}"
        if found["waived"]:
            yield f"       known: {found['waived']}"
    yield from (f"       note: {note}" for note in record["notes"])


def report(records: Sequence[SweepRecord], problems: Sequence[str]) -> EndpointsReport:
    """What the JSON report holds."""
    return {"schema": SCHEMA, "endpoints": list(records), "problems": list(problems)}


def sheet(records: Sequence[SweepRecord]) -> Sheet:
    """All requests as a table, and each fault with its diagram."""
    bad = sum(any(not f["waived"] for f in record["findings"]) for record in records)
    rows = [
        (
            f"{record['target']}: {record['request']}",
            record["looked_at"].removeprefix(f"{record['request']}: "),
            str(len(record["findings"])),
        )
        for record in records
    ]
    entries = [
        Entry(
            f"{record['target']}: {record['request']}: {found['kind']}",
            [found["headline"]],
            diagram_of(found["diagram"]) if found["diagram"] else None,
            [
                *([f"mend it: {found['remedy']}"] if found["remedy"] else []),
                *([f"replay: {found['replay']}"] if found["replay"] else []),
                *([f"known: {found['waived']}"] if found["waived"] else []),
            ],
            is_bad=not found["waived"],
            is_minor=bool(found["waived"]),
        )
        for record in records
        for found in record["findings"]
    ]
    summary = (
        f"{len(records)} request{'' if len(records) == 1 else 's'}: {len(records) - bad} clean,"
        f" {bad} with faults."
    )
    columns = ("request", "looked at", "faults")
    title = "Endpoints whose client leaves"
    return Sheet(title, summary, columns, rows, entries, text.BEHIND)
