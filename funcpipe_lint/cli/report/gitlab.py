"""Findings as a GitLab code-quality report (a subset of Code Climate's format)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from funcpipe_lint.check.source_lines import Texts, fingerprints, shown
from funcpipe_lint.model import Crash, Violation


def render(
    violations: Sequence[Violation], crashes: Sequence[Crash], files: int, texts: Texts
) -> str:
    """A list of findings; GitLab compares their fingerprints between two branches."""
    names = fingerprints(violations, texts)
    found = [
        _record(v.code, v.whole_message, v.path, v.line, v.end_line, name, "major")
        for v, name in zip(violations, names, strict=True)
    ]
    failed = [
        _record("FP002", c.message, c.path, c.line, c.line, f"FP002 {c.path}", "blocker")
        for c in crashes
    ]
    return json.dumps(found + failed, indent=2) + "\n"


def _record(
    code: str, message: str, path: str, begin: int, end: int, name: str, severity: str
) -> dict[str, Any]:
    return {
        "check_name": code,
        "description": f"{code}: {message}",
        "severity": severity,
        "fingerprint": name,
        "location": {"path": shown(path), "lines": {"begin": begin, "end": end}},
    }
