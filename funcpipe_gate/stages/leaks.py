"""The project's own tests under `--stream-leaks`, by the command that it names for them."""

from __future__ import annotations

import json
import os
import shlex
import sys
from functools import partial
from pathlib import Path
from typing import Any

from funcpipe_gate.config import Config, GateError
from funcpipe_gate.record import Finding, finding, place
from funcpipe_gate.running.process import Outcome
from funcpipe_gate.stages.job import (
    Asked,
    Job,
    Part,
    Plan,
    importing,
    known,
    lacks,
    pytest_said,
    unconfigured,
    waived,
)


def plan(config: Config, asked: Asked) -> Plan:
    """One process: its environment holds pytest's options, so that any command that ends in pytest
    will do."""
    if not config.tests:
        return unconfigured("tests", '"pytest"')
    missing = lacks("laws", "pytest", "hypothesis")
    if missing:
        return missing
    try:
        command = shlex.split(config.tests)
    except ValueError as error:
        raise GateError(f"{config.file}: tests = {config.tests!r}: {error}") from None
    if not command:
        return unconfigured("tests", '"pytest"')
    report = asked.scratch / "leaks.json"
    options = ["--stream-leaks=error", f"--stream-leaks-report={report}"]
    options += known("--stream-leaks-known-failures", config, config.known_leaks)
    before = os.environ.get("PYTEST_ADDOPTS", "")
    environment = importing(config) | {
        "PYTEST_ADDOPTS": " ".join([*([before] if before else []), *map(shlex.quote, options)]),
        # The command is this environment's, though nobody has activated it.
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]),
    }
    read = partial(_read, config.tests, report, asked.error_stale)
    return [Job(config.tests, command, read, environment)]


def _read(command: str, report: Path, error_stale: bool, outcome: Outcome) -> Part:
    if not report.is_file():
        why = outcome.lost or (
            f"it ended with exit code {outcome.code}, and no pytest with this plugin in it:"
            f" {pytest_said(outcome)}"
        )
        return Part(failures=[f"{command}: {why}"])
    document = json.loads(report.read_text("utf-8"))
    looked = document["looked_at"]
    part = Part(document=document)
    part.looked_at.append(
        ", ".join(_count(looked[f"{thing}s"], thing) for thing in ("test", "stream", "task"))
    )
    part.not_looked_at += looked["not_seen"]
    part.remarks += waived(sum(bool(one["leak"]["waived"]) for one in document["places"]), "leak")
    for found in document["places"]:
        leak = found["leak"]
        if leak["waived"]:
            continue
        if leak["level"] == "failure":
            part.findings.append(_finding(found))
        elif leak["level"] == "warning":
            part.remarks.append(_heading(leak))
    stale = document["problems"]
    if error_stale:
        part.findings += [_other("known-leaks", problem, command) for problem in stale]
    else:
        part.remarks += stale
    if outcome.lost:
        part.failures.append(f"{command}: {outcome.lost}")
    elif outcome.code == 1 and not part.findings:
        part.findings.append(_other("tests", f"the tests fail: {pytest_said(outcome)}", command))
    elif outcome.code not in (0, 1):
        part.failures.append(f"{command}: exit code {outcome.code}: {pytest_said(outcome)}")
    return part


def _count(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def _heading(leak: dict[str, Any]) -> str:
    from funcpipe_laws.leaks.reporting import text

    heading: str = text.heading(leak)  # type: ignore[arg-type]
    return heading


def _finding(found: dict[str, Any]) -> Finding:
    from funcpipe_laws.leaks.reporting import text

    leak, remedy = found["leak"], found["leak"]["remedy"]
    spot = leak["place"]
    tests = found["tests"]
    return finding(
        "leaks",
        leak["kind"],
        _heading(leak),
        subject=tests[0] if tests else "",
        at=place(spot["file"], spot["line"]) if spot["file"] else None,
        details=[*text.body(leak), *(f"in {test}" for test in tests)],
        replay=f"pytest --stream-leaks=error {shlex.quote(tests[0])}" if tests else "",
        page=f"funcpipe-lint rule {remedy['rule']}" if remedy and remedy["rule"] else "",
    )


def _other(code: str, message: str, command: str) -> Finding:
    return finding("leaks", code, message, subject=command)


def on_record(found: list[Finding], document: Any, reason: str) -> list[str] | None:
    """The lines of a file of known leaks; None where the tests fail, which no record can hold."""
    if any(one["code"] == "tests" for one in found):
        return None
    leaks = [place["leak"] for place in document["places"]]
    return [
        f"{leak['key']} {leak['waived'] or reason}"
        for leak in leaks
        if leak["level"] == "failure" or leak["waived"]
    ]


def merged(documents: list[Any]) -> Any:
    """The one report that there is."""
    return documents[0] if documents else None
