"""Findings as JSON. The schema's number changes when a field changes its meaning or goes."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from funcpipe_lint import __version__
from funcpipe_lint.model import Crash, Violation

SCHEMA = 1


def violation_record(violation: Violation) -> dict[str, Any]:
    """A violation as plain values."""
    return asdict(violation)


def render(violations: Iterable[Violation], crashes: Iterable[Crash], files: int) -> str:
    """The whole run."""
    found = [violation_record(v) for v in violations]
    failed = [asdict(c) | {"code": "FP002"} for c in crashes]
    document = {
        "schema": SCHEMA,
        "version": __version__,
        "files": files,
        "violations": found,
        "errors": failed,
    }
    return json.dumps(document, indent=2) + "\n"
