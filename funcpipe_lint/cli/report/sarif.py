"""Findings as SARIF 2.1.0, which code-scanning services read."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from funcpipe_lint import __version__
from funcpipe_lint.check.source_lines import Texts, fingerprints, shown
from funcpipe_lint.cli.report.pages import record
from funcpipe_lint.model import Crash, Fix, Scope, Violation
from funcpipe_lint.model.codes import entry

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
# Bump when a fingerprint is computed in another way: old and new must not be compared.
_FINGERPRINT = "funcpipeLint/v1"
_LEVELS = {Scope.DEFAULT: "error", Scope.RESULT: "warning", Scope.STRICT: "note"}


def render(
    violations: Sequence[Violation], crashes: Sequence[Crash], files: int, texts: Texts
) -> str:
    """The whole run, with the rules that spoke, and fixes as replacements."""
    codes = sorted({v.code for v in violations})
    names = fingerprints(violations, texts)
    driver = {
        "name": "funcpipe-lint",
        "version": __version__,
        "rules": [_rule(code) for code in codes],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"SRCROOT": {"uri": Path.cwd().as_uri() + "/"}},
        "invocations": [
            {
                "executionSuccessful": not crashes,
                "toolExecutionNotifications": [_notification(c) for c in crashes],
            }
        ],
        "results": [
            _result(v, codes.index(v.code), name, texts)
            for v, name in zip(violations, names, strict=True)
        ],
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _rule(code: str) -> dict[str, Any]:
    known = record(code)
    return {
        "id": code,
        "name": known["name"],
        "shortDescription": {"text": known["summary"]},
        "defaultConfiguration": {"level": _level(code)},
        "help": {"text": known["documentation"], "markdown": known["documentation"]},
    }


def _level(code: str) -> str:
    """How much a rule's findings weigh: what is wrong in any code most, what is a matter of a
    team's conventions least."""
    known = entry(code)
    return "note" if known is None else _LEVELS[known.scope]


def _artifact(path: str) -> dict[str, str]:
    name = shown(path)
    if Path(name).is_absolute():
        return {"uri": Path(name).as_uri()}
    return {"uri": quote(name, errors="surrogateescape"), "uriBaseId": "SRCROOT"}


def _location(path: str, region: dict[str, int] | None, message: str = "") -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": _artifact(path)}
    if region:
        physical["region"] = region
    made: dict[str, Any] = {"physicalLocation": physical}
    if message:
        made["message"] = {"text": message}
    return made


def _region(violation: Violation) -> dict[str, int] | None:
    if violation.cell:  # a notebook's lines are not those of its file
        return None
    return {
        "startLine": violation.line,
        "startColumn": violation.column,
        "endLine": violation.end_line,
        "endColumn": violation.end_column,
    }


def _result(violation: Violation, index: int, name: str, texts: Texts) -> dict[str, Any]:
    cell = f"cell {violation.cell}, line {violation.line}: " if violation.cell else ""
    made: dict[str, Any] = {
        "ruleId": violation.code,
        "ruleIndex": index,
        "level": _level(violation.code),
        "message": {"text": cell + violation.message},
        "locations": [_location(violation.path, _region(violation))],
        "partialFingerprints": {_FINGERPRINT: name},
    }
    if violation.notes and not violation.cell:
        made["relatedLocations"] = [
            _location(
                n.path or violation.path,
                {"startLine": n.line, "startColumn": n.column},
                n.message,
            )
            for n in violation.notes
        ]
    if violation.fix is not None and not violation.cell:
        made["fixes"] = [_fix(violation.path, violation.fix, texts)]
    return made


def _fix(path: str, fix: Fix, texts: Texts) -> dict[str, Any]:
    replacements = []
    for edit in fix.edits:
        start, end = texts.place(path, edit.start), texts.place(path, edit.end)
        region = dict(
            zip(("startLine", "startColumn", "endLine", "endColumn"), (*start, *end), strict=True)
        )
        replacements.append({"deletedRegion": region, "insertedContent": {"text": edit.text}})
    change = {"artifactLocation": _artifact(path), "replacements": replacements}
    text = fix.title if fix.safe else f"{fix.title} (unsafe)"
    return {"description": {"text": text}, "artifactChanges": [change]}


def _notification(crash: Crash) -> dict[str, Any]:
    region = None if crash.cell else {"startLine": crash.line, "startColumn": crash.column}
    return {
        "level": "error",
        "message": {"text": crash.message},
        "descriptor": {"id": "FP002"},
        "locations": [_location(crash.path, region)],
    }
