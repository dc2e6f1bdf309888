"""One module for each format: `render(report)` is the whole run as text."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from funcpipe_gate.record import GateReport

FORMATS = ("text", "agent", "json", "sarif", "junit", "markdown", "html", "github")


def load(form: str) -> Callable[[GateReport], str]:
    """The `render` of a format."""
    render: Callable[[GateReport], str] = import_module(f"{__name__}.{form}").render
    return render
