"""The sweep of applications: pytest's `--stream-endpoints`, one process an application."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

from funcpipe_gate.config import Config
from funcpipe_gate.record import UNCHANGED, Finding, finding, place
from funcpipe_gate.running.process import Outcome
from funcpipe_gate.stages.job import (
    Asked,
    Job,
    Part,
    Plan,
    Skipped,
    below,
    file_of,
    importing,
    known,
    lacks,
    pytest,
    pytest_said,
    unconfigured,
)


def plan(config: Config, asked: Asked) -> Plan:
    """One process an application."""
    if not config.applications:
        return unconfigured("applications", '["package.web:app"]')
    if not config.requests:
        return unconfigured("requests", '["GET /path"]')
    missing = lacks("laws", "hypothesis", "jinja2", "pytest")
    if missing:
        return missing
    jobs = []
    for number, target in enumerate(config.applications):
        file = file_of(config, target)
        if file is not None and not asked.touches(file):
            continue
        report = asked.scratch / f"endpoints-{number}.json"
        words = [f"--stream-request={request}" for request in config.requests]
        words += known("--stream-endpoints-known-failures", config, config.known_endpoints)
        command = pytest(
            config, f"--stream-endpoints={target}", *words, f"--stream-report={report}"
        )
        where = "" if file is None else below(config, file)
        read = partial(_read, target, where, report, asked.error_stale)
        jobs.append(Job(target, command, read, importing(config)))
    return jobs or Skipped(UNCHANGED)


def _read(target: str, where: str, report: Path, error_stale: bool, outcome: Outcome) -> Part:
    if not report.is_file():
        return Part(failures=[f"{target}: {outcome.lost or pytest_said(outcome)}"])
    document = json.loads(report.read_text("utf-8"))
    part = Part(document=document)
    for sweep in document["endpoints"]:
        part.looked_at.append(f"{target}: {sweep['looked_at']}")
        part.remarks += [f"{target}: {note}" for note in sweep["notes"]]
        for found in sweep["findings"]:
            if found["waived"]:
                part.remarks.append(f"{target}: {found['headline']}: known: {found['waived']}")
            elif found["kind"] == "not looked at":
                part.failures.append(f"{target}: {sweep['request']}: {found['headline']}")
            else:
                part.findings.append(_finding(sweep, found, where))
    if error_stale:
        part.findings += [_stale(target, problem) for problem in document["problems"]]
    else:
        part.remarks += document["problems"]
    return part


def _stale(target: str, problem: str) -> Finding:
    return finding(
        "endpoints",
        "known-faults",
        problem,
        subject=target,
    )


def _finding(sweep: dict[str, Any], found: dict[str, Any], where: str) -> Finding:
    remedy = [f"mend it: {found['remedy']}"] if found["remedy"] else []
    return finding(
        "endpoints",
        found["kind"],
        found["headline"],
        subject=f"{sweep['target']}: {sweep['request']}",
        at=place(where, 1) if where else None,
        details=[*sweep["text"].splitlines(), *remedy],
        replay=found["replay"],
    )


def on_record(found: list[Finding], document: Any, reason: str) -> list[str]:
    """The lines of a file of known faults."""
    faults = [fault for sweep in document["endpoints"] for fault in sweep["findings"]]
    return [f"{fault['key']} {fault['waived'] or reason}" for fault in faults]


def merged(documents: list[Any]) -> Any:
    """The reports on several applications as one."""
    if not documents:
        return None
    return {
        **documents[0],
        "endpoints": [sweep for one in documents for sweep in one["endpoints"]],
        "problems": [problem for one in documents for problem in one["problems"]],
    }
