"""The law suites' stage: one process for each module, so that none can take another with it."""

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
    lacks,
    python,
    unconfigured,
    waived,
)

FAILED = ("broken", "crashed", "not simulated", "vacuous")


def plan(config: Config, asked: Asked) -> Plan:
    """One process a module."""
    if not config.laws:
        return unconfigured("laws", '["package.module"]')
    missing = lacks("laws", "hypothesis", "jinja2", "pytest")
    if missing:
        return missing
    jobs = []
    for number, target in enumerate(config.laws):
        file = file_of(config, target)
        if file is not None and not asked.touches(file):
            continue
        report = asked.scratch / f"laws-{number}.json"
        words = ["check", target, "--profile", config.laws_profile, "--report", str(report)]
        if config.known_laws:
            words += ["--known-failures", config.known_laws]
        command = python("funcpipe_laws", *words)
        where = "" if file is None else below(config, file)
        read = partial(_read, target, where, report)
        jobs.append(Job(target, command, read, importing(config)))
    return jobs or Skipped(UNCHANGED)


def _read(target: str, where: str, report: Path, outcome: Outcome) -> Part:
    if not report.is_file():
        why = outcome.lost or outcome.last_line.removeprefix("funcpipe_laws: ")
        return Part(failures=[f"{target}: {why}"])
    document = json.loads(report.read_text("utf-8"))
    part = Part(document=document)
    for instance in document["instances"]:
        laws = instance["laws"]
        tried = [law for law in laws if law["status"] != "not offered"]
        part.looked_at.append(f"{target}: {len(tried)} laws on {instance['mapping']}")
        missing = len(laws) - len(tried)
        if missing:
            part.not_looked_at.append(f"{target}: {missing} laws: it offers no operation for them")
        part.remarks += waived(sum(law["status"] == "waived" for law in laws), "broken law")
        part.findings += [_finding(instance, law, where) for law in laws if law["status"] in FAILED]
    unchecked = outcome.code == 1 and not part.findings
    if unchecked:
        part.failures.append(f"{target}: not everything in it is checked: name it in an instance")
    return part


def _finding(instance: dict[str, Any], law: Any, where: str) -> Finding:
    from funcpipe_laws.report.causes import cause

    details = [law["words"], law["symbols"], *law["reason"].splitlines()]
    found = law["counterexample"]
    for side in found["sides"] if found else ():
        details += ["", f"{side['name']}:", *side["text"]]
        if law["shows_log"]:
            details += ["", "release log:", *side["log"]]
    if found:
        details += ["", *(f"{name} = {value}" for name, value in found["inputs"].items())]
        details += [f"schedule = {found['schedule']}"]
    return finding(
        "laws",
        law["id"],
        f"{law['status']}: {cause(law) or law['words']}",
        name=law["slug"],
        subject=instance["target"],
        at=place(where, 1) if where else None,
        details=details,
        replay=found["replay"] if found else "",
        page="python -m funcpipe_laws list",
    )


def on_record(found: list[Finding], document: Any, reason: str) -> list[str]:
    """The lines of a file of known laws: those that are broken, and those that it holds already."""
    lines = [f"{one['subject']} {one['code']} {reason}" for one in found]
    for instance in document["instances"]:
        known = [law for law in instance["laws"] if law["status"] == "waived"]
        lines += [f"{instance['target']} {law['id']} {law['reason']}" for law in known]
    return lines


def merged(documents: list[Any]) -> Any:
    """The reports on several modules as one."""
    if not documents:
        return None
    return {**documents[0], "instances": [i for one in documents for i in one["instances"]]}
