"""The JSON Schema of the JSON report, from the types that the report is made of."""

from __future__ import annotations

from typing import Any, TypedDict

from funcpipe_gate.record import SCHEMA, GateReport, Made, StageRecord
from funcpipe_laws.report.schema import schema as schema_of


class _Own(TypedDict):
    """What is the gate's own in a report."""

    schema: int
    made: Made
    exit_code: int
    interrupted: bool
    stages: list[StageRecord]


def schema() -> dict[str, Any]:
    """The schema; the reports of the tools in it have schemas of their own."""
    made = schema_of(_Own, SCHEMA, "What the gate found")
    whole = made["$defs"].pop("_Own")
    whole["description"] = (GateReport.__doc__ or "").strip()
    whole["properties"]["reports"] = {
        "description": "The tools' own reports, by stage: each has a schema of its own.",
        "type": "object",
        "additionalProperties": {"type": "object"},
    }
    whole["required"].append("reports")
    made["$defs"]["GateReport"] = whole
    made["$ref"] = "#/$defs/GateReport"
    return made
