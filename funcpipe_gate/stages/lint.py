"""The linter's stage: `funcpipe-lint check` on the project's paths."""

from __future__ import annotations

import difflib
import json
import os
from collections.abc import Iterable
from typing import Any

from funcpipe_gate.config import Config
from funcpipe_gate.record import UNCHANGED, Finding, finding
from funcpipe_gate.running.process import Outcome
from funcpipe_gate.stages.job import Asked, Job, Part, Plan, Skipped, python
from funcpipe_lint.model import Crash, Edit, Fix, Note, Violation

STALE = "recorded violation"
_WHOLE = 1 << 30
"""Bytes: a report of any size is read whole."""


def plan(config: Config, asked: Asked) -> Plan:
    """One run over everything, or over what has changed."""
    words = ["check", "--output-format", "json", "--force-exclude"]
    if config.profile:
        words += ["--profile", config.profile]
    if config.baseline:
        words += ["--baseline", config.baseline]
    words += [f"--extend-exclude={glob}" for glob in config.exclude]
    if asked.error_stale:
        words += ["--error-stale"]
    paths = list(config.paths)
    if asked.changed is not None:
        paths = _changed_below(config, asked.changed)
        if not paths:
            return Skipped(UNCHANGED)
    return [Job("code", python("funcpipe_lint", *words, "--", *paths), _read, keep=_WHOLE)]


def _changed_below(config: Config, changed: Iterable[str]) -> list[str]:
    tops = [os.path.realpath(config.root / path) for path in config.paths]
    names = (".py", ".pyi", ".pyw", ".ipynb")
    inside = [
        path
        for path in sorted(changed)
        if path.endswith(names)
        and any(f"{path}{os.sep}".startswith(f"{top}{os.sep}") for top in tops)
    ]
    return [os.path.relpath(path, config.root) for path in inside]


def _read(outcome: Outcome) -> Part:
    if outcome.lost or not outcome.out.startswith("{"):
        said = outcome.lost or outcome.last_line.removeprefix("funcpipe-lint: ")
        return Part(failures=[said])
    document = json.loads(outcome.out)
    violations = [violation(one) for one in document["violations"]]
    crashes = [crash(one) for one in document["errors"]]
    levels = _levels({v.code for v in violations})
    part = Part(document=document, looked_at=[_files(document["files"])])
    part.findings = [_finding(v, levels[v.code]) for v in violations]
    part.failures = [f"{c.path}:{c.line}: {c.message}" for c in crashes]
    for line in outcome.err.splitlines():
        text = line.removeprefix("funcpipe-lint: ")
        if text != line and f"{STALE}" in text and "mended" in text:
            part.findings.append(_stale(text))
        elif text != line and (" checked nothing: " in text or " checks nothing: " in text):
            part.not_looked_at.append(text)
        elif text != line:
            part.remarks.append(text)
    return part


def _files(count: int) -> str:
    return f"{count:,} file{'' if count == 1 else 's'}"


def violation(one: dict[str, Any]) -> Violation:
    """A finding of the linter's JSON report as the linter's own record."""
    fix = one["fix"]
    if fix is not None:
        fix = Fix(**{**fix, "edits": tuple(Edit(**edit) for edit in fix["edits"])})
    notes = tuple(Note(**note) for note in one["notes"])
    return Violation(**{**one, "notes": notes, "fix": fix})


def crash(one: dict[str, Any]) -> Crash:
    """What could not be checked, likewise."""
    return Crash(**{key: value for key, value in one.items() if key != "code"})


def _levels(codes: set[str]) -> dict[str, Any]:
    """How much the findings of each rule weigh, as the linter's SARIF report has it."""
    from funcpipe_lint.check.source_lines import Texts
    from funcpipe_lint.cli.report import load

    samples = [Violation("", 1, 1, 1, 1, code, "") for code in sorted(codes)]
    [run] = json.loads(load("sarif")(samples, [], 0, Texts()))["runs"]
    return {result["ruleId"]: result["level"] for result in run["results"]}


def _finding(found: Violation, level: Any) -> Finding:
    cell = f"cell {found.cell}, line {found.line}: " if found.cell else ""
    return finding(
        "lint",
        found.code,
        cell + found.message,
        name=_name(found.code),
        level=level,
        at={
            "path": found.path,
            "line": 0 if found.cell else found.line,
            "column": 0 if found.cell else found.column,
            "end_line": 0 if found.cell else found.end_line,
            "end_column": 0 if found.cell else found.end_column,
        },
        details=[f"{n.path or found.path}:{n.line}: {n.message}" for n in found.notes],
        patch=_patch(found),
        page=f"funcpipe-lint rule {found.code}",
    )


def _name(code: str) -> str:
    from funcpipe_lint.model.codes import names

    return next((name for name, known in names().items() if known == code), code)


def _patch(found: Violation) -> str:
    """The fix as a unified diff; none for a notebook, whose text is not that of its file."""
    if found.fix is None or found.cell:
        return ""
    from funcpipe_lint.model.visible import visible
    from funcpipe_lint.read.source import Source, read_bytes

    try:
        before = Source.decode(read_bytes(found.path)).text
    except (OSError, ValueError):
        return ""
    after = before
    for edit in sorted(found.fix.edits, reverse=True):
        after = after[: edit.start] + edit.text + after[edit.end :]
    old, new = (text.splitlines(keepends=True) for text in (before, after))
    name = visible(found.path)  # a line end in it would end the line of the diff
    return "".join(difflib.unified_diff(old, new, f"a/{name}", f"b/{name}", n=2))


def _stale(message: str) -> Finding:
    return finding(
        "lint",
        "baseline",
        message,
        name="stale-baseline",
        subject="the baseline",
    )


def merged(documents: list[Any]) -> Any:
    """The one report that there is."""
    return documents[0] if documents else None
