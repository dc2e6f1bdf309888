"""Findings as JSON. The schema's number changes when a field changes its meaning or goes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from funcpipe_lint import __version__
from funcpipe_lint.check.source_lines import Texts
from funcpipe_lint.model import Crash, Violation

SCHEMA = 1


def render(
    violations: Sequence[Violation], crashes: Sequence[Crash], files: int, texts: Texts
) -> str:
    """The whole run."""
    document = {
        "schema": SCHEMA,
        "version": __version__,
        "files": files,
        "violations": [_plain(v) for v in violations],
        "errors": [_plain(c) | {"code": "FP002"} for c in crashes],
    }
    return json.dumps(document, indent=2) + "\n"


def _plain(part: Any) -> Any:
    """A record as the dictionary of its fields, those inside it too."""
    if hasattr(part, "_asdict"):
        return {name: _plain(value) for name, value in part._asdict().items()}
    return [_plain(each) for each in part] if isinstance(part, tuple) else part
