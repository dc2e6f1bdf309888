"""The report as SARIF 2.1.0: one run for each stage that ran, the linter's as it makes it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from funcpipe_gate.record import Finding, GateReport, StageRecord

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
# Bump when a fingerprint is computed in another way: old and new must not be compared.
_FINGERPRINT = "funcpipe/v1"
_TOOLS = {
    "lint": "funcpipe-lint",
    "laws": "funcpipe-laws",
    "purity": "funcpipe-purity",
    "endpoints": "funcpipe-endpoints",
    "leaks": "funcpipe-stream-leaks",
    "types": "funcpipe-types",
}


def render(report: GateReport) -> str:
    """The whole report; stages that were skipped have no run, for they looked at nothing."""
    runs = [_run(s, report) for s in report["stages"] if s["status"] != "skipped"]
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": runs}, indent=1) + "\n"


def _run(stage: StageRecord, report: GateReport) -> dict[str, Any]:
    own = report["reports"].get(stage["name"]) if stage["name"] == "lint" else None
    run = _linters(own) if own else _plain(stage, report)
    stale = [f for f in stage["findings"] if f["code"] == "baseline"] if own else []
    failures = [*stage["failures"], *(f["message"] for f in stale)]
    aside = [f"not looked at: {line}" for line in stage["not_looked_at"]]
    aside += stage["remarks"]
    said = [*(("error", text) for text in failures), *(("note", text) for text in aside)]
    run["invocations"] = [
        {
            "executionSuccessful": not stage["failures"],
            "toolExecutionNotifications": [
                {"level": level, "message": {"text": text}} for level, text in said
            ],
        }
    ]
    return run


def _linters(document: dict[str, Any]) -> dict[str, Any]:
    from funcpipe_gate.stages.lint import crash, violation
    from funcpipe_lint.check.source_lines import Texts
    from funcpipe_lint.cli.report import load

    violations = [violation(one) for one in document["violations"]]
    crashes = [crash(one) for one in document["errors"]]
    text = load("sarif")(violations, crashes, document["files"], Texts())
    run: dict[str, Any] = json.loads(text)["runs"][0]
    return run


def _plain(stage: StageRecord, report: GateReport) -> dict[str, Any]:
    codes = sorted({found["code"] for found in stage["findings"]})
    names = {found["code"]: found for found in stage["findings"]}
    driver = {
        "name": _TOOLS[stage["name"]],
        "version": report["made"]["version"],
        "rules": [_rule(names[code]) for code in codes],
    }
    root = Path(report["made"]["folder"]).as_uri() + "/"
    return {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"SRCROOT": {"uri": root}},
        "results": [_result(found, codes) for found in stage["findings"]],
    }


def _rule(found: Finding) -> dict[str, Any]:
    made: dict[str, Any] = {
        "id": found["code"],
        "name": found["name"],
        "shortDescription": {"text": found["name"]},
        "defaultConfiguration": {"level": found["level"]},
    }
    if found["page"]:
        made["help"] = {"text": f"Explained by: {found['page']}"}
    return made


def _result(found: Finding, codes: Sequence[str]) -> dict[str, Any]:
    lines = [found["message"], *([f"replay: {found['replay']}"] if found["replay"] else [])]
    made: dict[str, Any] = {
        "ruleId": found["code"],
        "ruleIndex": codes.index(found["code"]),
        "level": found["level"],
        "message": {"text": "\n".join(lines)},
        "partialFingerprints": {_FINGERPRINT: _fingerprint(found)},
    }
    spot = found["place"]
    if spot is not None:
        keys = {
            "startLine": spot["line"],
            "startColumn": spot["column"],
            "endLine": spot["end_line"],
            "endColumn": spot["end_column"],
        }
        physical: dict[str, Any] = {"artifactLocation": _artifact(spot["path"])}
        if spot["line"]:
            physical["region"] = {key: number for key, number in keys.items() if number}
        made["locations"] = [{"physicalLocation": physical}]
    return made


def _artifact(path: str) -> dict[str, str]:
    if Path(path).is_absolute():
        return {"uri": Path(path).as_uri()}
    return {"uri": quote(path, errors="surrogateescape"), "uriBaseId": "SRCROOT"}


def _fingerprint(found: Finding) -> str:
    """What stays the same while lines move."""
    path = found["place"]["path"] if found["place"] else ""
    key = "\0".join((found["code"], path, found["subject"], found["message"]))
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()[:32]
