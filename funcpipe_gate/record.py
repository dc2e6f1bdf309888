"""A run of the gate as plain data: what the JSON report holds, and what all others are made of."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal, TypedDict

SCHEMA = 1

StageName = Literal["lint", "laws", "purity", "endpoints", "leaks", "types"]
Status = Literal["clean", "findings", "skipped", "failed"]
Level = Literal["error", "warning", "note"]

STAGES: dict[StageName, str] = {
    "lint": "funcpipe-lint reads the code",
    "laws": "the law suites run the combinators",
    "purity": "every builder of streams is built under watch",
    "endpoints": "every client leaves at every moment",
    "leaks": "the project's own tests, watched for what they leave behind",
    "types": "mypy --strict on the stream modules",
}


class Place(TypedDict):
    """Where something is: lines and columns count from 1; 0 is unknown."""

    path: str
    line: int
    column: int
    end_line: int
    end_column: int


class Finding(TypedDict):
    """One thing that is wrong."""

    stage: StageName
    code: str
    """The rule, the law or the kind: FP303, S14, impure, suspended."""
    name: str
    """The same in words."""
    level: Level
    message: str
    subject: str
    """The module, builder, request or test that it is about; empty where the place says it."""
    place: Place | None
    details: list[str]
    """Lines that show it in full, a diagram among them."""
    patch: str
    """A unified diff that mends it; empty where there is none."""
    replay: str
    """A command that shows it again."""
    page: str
    """A command that explains the rule or the law."""


class StageRecord(TypedDict):
    """What became of one stage."""

    name: StageName
    status: Status
    reason: str
    """Why it was skipped."""
    required: bool
    seconds: float
    looked_at: list[str]
    """What the verdict rests on."""
    not_looked_at: list[str]
    """What it does not rest on, and why."""
    remarks: list[str]
    failures: list[str]
    """What could not be run, and why."""
    findings: list[Finding]


class Made(TypedDict):
    """By what the report was made, when, and how."""

    version: str
    python: str
    date: str
    folder: str
    since: str
    """The revision since which things must have changed to be looked at; empty for all."""


class GateReport(TypedDict):
    """A whole report."""

    schema: int
    made: Made
    exit_code: int
    interrupted: bool
    stages: list[StageRecord]
    reports: dict[str, Any]
    """The reports of the tools themselves, by stage; each has a schema of its own."""


def place(path: str, line: int = 0, column: int = 0) -> Place:
    """A place of which no end is known."""
    return {"path": path, "line": line, "column": column, "end_line": 0, "end_column": 0}


def finding(
    stage: StageName,
    code: str,
    message: str,
    *,
    name: str = "",
    level: Level = "error",
    subject: str = "",
    at: Place | None = None,
    details: Iterable[str] = (),
    patch: str = "",
    replay: str = "",
    page: str = "",
) -> Finding:
    """A finding of which only some is known; without a name, its code is its name."""
    return {
        "stage": stage,
        "code": code,
        "name": name or code,
        "level": level,
        "message": message,
        "subject": subject,
        "place": at,
        "details": list(details),
        "patch": patch,
        "replay": replay,
        "page": page,
    }


def exit_code(stages: list[StageRecord], *, interrupted: bool) -> int:
    """0: clean; 1: something was found; 2: something that was to run did not.

    A stage that is required and was skipped did not run. A run in which every stage was skipped
    has checked nothing, unless nothing had changed.
    """
    could_not = any(s["status"] == "failed" for s in stages)
    nothing = all(s["status"] == "skipped" and s["reason"] != UNCHANGED for s in stages)
    if interrupted or could_not or nothing:
        return 2
    return int(any(s["status"] == "findings" for s in stages))


LEFT_OUT = "left out on the command line"
UNCONFIGURED = "nothing is configured: "
"""What the key that switches a stage on stands after."""
IN_TABLE = " in [tool.funcpipe]"
UNCHANGED = "nothing that it looks at has changed"


def findings(report: GateReport) -> list[Finding]:
    """Those of all stages."""
    return [found for stage in report["stages"] for found in stage["findings"]]
