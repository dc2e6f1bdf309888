"""A sweep as plain data: what a child process answers, and what all reports are made of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

from funcpipe_laws.report.record import DiagramRecord, diagram_of, diagram_record
from funcpipe_laws.report.sheet import Entry, Sheet

from . import text
from .findings import REMEDIES
from .picture import layout
from .sweep import Sweep

SCHEMA = 1


class FindingRecord(TypedDict):
    """One fault, the steps at which it was seen, and what shows it again."""

    kind: str
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
    kind = "hangs" if reason.startswith("did not end") else "not looked at"
    return {
        "target": target,
        "request": request,
        "looked_at": f"{request}: {reason}",
        "text": f"{request}: {reason}",
        "notes": [],
        "findings": [
            {
                "kind": kind,
                "headline": reason,
                "steps": [],
                "remedy": "",
                "replay": "",
                "diagram": None,
            }
        ],
    }


def report(records: Sequence[SweepRecord]) -> EndpointsReport:
    """What the JSON report holds."""
    return {"schema": SCHEMA, "endpoints": list(records)}


def sheet(records: Sequence[SweepRecord]) -> Sheet:
    """All requests as a table, and each fault with its diagram."""
    bad = sum(bool(record["findings"]) for record in records)
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
            [f"mend it: {found['remedy']}"] * bool(found["remedy"])
            + [f"replay: {found['replay']}"] * bool(found["replay"]),
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
