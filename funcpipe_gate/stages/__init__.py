"""One module for each stage: what it runs, how what it says becomes findings, and how those go on
record."""

from importlib import import_module
from typing import Any


def module(name: str) -> Any:
    """The module of a stage: `plan(config, asked)`, `merged(documents)` and, except for the linter,
    which records its own, `on_record(findings, document, reason)`."""
    return import_module(f"funcpipe_gate.stages.{name}")
