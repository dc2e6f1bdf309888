"""Findings as JSON. The schema's number changes when a field changes its meaning or goes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

from funcpipe_lint import __version__
from funcpipe_lint.model import Crash, Violation
from funcpipe_lint.texts import Texts

SCHEMA = 1


def render(
    violations: Sequence[Violation], crashes: Sequence[Crash], files: int, texts: Texts
) -> str:
    """The whole run."""
    document = {
        "schema": SCHEMA,
        "version": __version__,
        "files": files,
        "violations": [asdict(v) for v in violations],
        "errors": [asdict(c) | {"code": "FP002"} for c in crashes],
    }
    return json.dumps(document, indent=2) + "\n"
