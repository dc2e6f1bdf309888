"""The report as JSON; docs/gate-report.schema.json describes it."""

from __future__ import annotations

import json

from funcpipe_gate.record import GateReport


def render(report: GateReport) -> str:
    """The whole report."""
    return json.dumps(report, indent=1, ensure_ascii=False) + "\n"
