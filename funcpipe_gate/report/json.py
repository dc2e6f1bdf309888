"""The report as JSON; docs/gate-report.schema.json describes it."""

from __future__ import annotations

import json

from funcpipe_gate.record import GateReport


def render(report: GateReport) -> str:
    """The whole report."""
    # ASCII: names of files that are no UTF-8 are kept, and no terminal obeys what is printed.
    return json.dumps(report, indent=1) + "\n"
