"""One module for each format: `render(report)` is the whole run as text."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from funcpipe_gate.record import GateReport

PERSONS = ("text", "agent", "markdown", "html", "github")
"""Formats that are read as they are; the others escape what they hold by their own rules."""
FORMATS = ("text", "agent", "json", "sarif", "junit", "markdown", "html", "github")


def load(form: str) -> Callable[[GateReport], str]:
    """The `render` of a format."""
    render: Callable[[GateReport], str] = import_module(f"{__name__}.{form}").render
    if form not in PERSONS:
        return render
    shown = import_module(f"{__name__}.shown").shown
    return lambda report: render(shown(report))
