"""The census of builders: each is built under watch, in processes of pytest's `--purity`."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

from funcpipe_gate.config import Config
from funcpipe_gate.record import UNCHANGED, Finding, Place, finding, place
from funcpipe_gate.running.process import Outcome
from funcpipe_gate.stages.job import (
    Asked,
    Job,
    Part,
    Plan,
    Skipped,
    file_of,
    importing,
    known,
    lacks,
    pytest,
    pytest_said,
    unconfigured,
    waived,
)


def plan(config: Config, asked: Asked) -> Plan:
    """One process a package."""
    if not config.purity:
        return unconfigured("purity", '["package"]')
    missing = lacks("laws", "hypothesis", "jinja2", "pytest")
    if missing:
        return missing
    jobs = []
    for number, package in enumerate(config.purity):
        file = file_of(config, package)
        if file is not None:
            top = file.parent if file.name == "__init__.py" else file
            if not asked.touches(top):
                continue
        report = asked.scratch / f"purity-{number}.json"
        words = known("--purity-known-failures", config, config.known_purity)
        command = pytest(config, f"--purity={package}", f"--purity-report={report}", *words)
        read = partial(_read, package, report, asked.error_stale)
        jobs.append(Job(package, command, read, importing(config)))
    return jobs or Skipped(UNCHANGED)


def _read(package: str, report: Path, error_stale: bool, outcome: Outcome) -> Part:
    if not report.is_file():
        why = outcome.lost or pytest_said(outcome).removeprefix("purity: ")
        if not outcome.lost and outcome.code in (0, 5):
            return Part(looked_at=[f"{package}: no builder of streams"])
        return Part(failures=[f"{package}: {why}"])
    document = json.loads(report.read_text("utf-8"))
    part = Part(document=document, looked_at=[f"{package}: {document['census']}"])
    for package_record in document["packages"]:
        part.not_looked_at += [f"{package}: {file}" for file in package_record["unread"]]
    part.remarks += waived(sum(bool(b["waived"]) for b in document["builders"]), "builder")
    if error_stale:
        part.findings += [_stale(package, problem) for problem in document["problems"]]
    else:
        part.remarks += document["problems"]
    for builder in document["builders"]:
        if builder["waived"]:
            continue
        if builder["verdict"] == "impure":
            part.findings.append(_finding(builder))
        elif builder["verdict"] != "pure":
            part.not_looked_at.append(f"{builder['name']}: {builder['reason']}")
    untried = [b for b in document["builders"] if b["verdict"] == "not tried"]
    if untried and not any(b["verdict"] in ("pure", "impure") for b in document["builders"]):
        part.looked_at.clear()
        part.failures.append(f"{package}: no builder could be tried: {untried[0]['reason']}")
    return part


def _stale(package: str, problem: str) -> Finding:
    return finding("purity", "known-purity", problem, name="stale-record", subject=package)


def _finding(builder: dict[str, Any]) -> Finding:
    return finding(
        "purity",
        "impure",
        f"building {builder['name']} {builder['effects'][0]}",
        name="purity-of-construction",
        subject=builder["name"],
        at=spot(builder["place"]),
        details=builder["effects"],
        replay=f"pytest --purity {builder['package']} -k {builder['name'].rpartition('.')[2]}",
        page="funcpipe-lint rule FP401",
    )


def on_record(found: list[Finding], document: Any, reason: str) -> list[str]:
    """The lines of a file of known effects."""
    return [
        f"{key} {builder['waived'] or reason}"
        for builder in document["builders"]
        for key in builder["keys"]
    ]


def spot(text: str) -> Place | None:
    """`file:line` as a place."""
    path, _, line = text.rpartition(":")
    return place(path, int(line)) if path and line.isdigit() else None


def merged(documents: list[Any]) -> Any:
    """The reports on several packages as one."""
    if not documents:
        return None
    return {
        "schema": documents[0]["schema"],
        "census": "; ".join(one["census"] for one in documents),
        "packages": [package for one in documents for package in one["packages"]],
        "builders": [builder for one in documents for builder in one["builders"]],
        "problems": [problem for one in documents for problem in one["problems"]],
    }
