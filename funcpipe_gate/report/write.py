"""Reports into files, whole or not at all, and what a CI reads besides."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterable
from pathlib import Path

from funcpipe_gate.config import GateError
from funcpipe_gate.record import GateReport
from funcpipe_gate.report import load
from funcpipe_laws.report.write import place

ENDINGS = {
    ".json": "json",
    ".sarif": "sarif",
    ".xml": "junit",
    ".md": "markdown",
    ".html": "html",
    ".txt": "agent",
}
_SUMMARY_BYTES = 1_000_000
"""What the service takes of a step; a larger summary is refused as a whole."""


def check(path: Path) -> None:
    """Raises GateError where a report cannot go there: before a stage has cost its time."""
    if path.suffix not in ENDINGS:
        raise GateError(f"--report {path}: the name must end in {', '.join(ENDINGS)}")
    if not path.parent.is_dir():
        raise GateError(f"--report {path}: there is no folder {path.parent}")
    if path.is_dir():
        raise GateError(f"--report {path}: is a folder")
    if not os.access(path.parent, os.W_OK):
        raise GateError(f"--report {path}: the folder {path.parent} cannot be written to")
    if path.suffix == ".html":
        check_format("html")


def check_format(form: str) -> None:
    """Raises GateError where a format needs what is not installed."""
    if form == "html" and importlib.util.find_spec("jinja2") is None:
        raise GateError("the HTML page needs jinja2: pip install 'funcpipe-kit[laws]'")


def write(report: GateReport, paths: Iterable[Path]) -> list[str]:
    """Writes each report; what could not be written, one line each. A file that cannot is as it
    was before."""
    failed = []
    for path in paths:
        try:
            place(load(ENDINGS[path.suffix])(report), path)
        except OSError as error:
            failed.append(f"{path}: cannot be written: {error.strerror}")
    return failed


def add_to_step_summary(report: GateReport) -> str:
    """Adds the Markdown to the summary of a GitHub job, if this is one; why that failed, if so."""
    path = os.environ.get("GITHUB_STEP_SUMMARY")
    if not path:
        return ""
    text = load("markdown")(report)
    raw = text.encode("utf-8", "backslashreplace")
    if len(raw) > _SUMMARY_BYTES:
        whole = raw[:_SUMMARY_BYTES].decode("utf-8", "ignore")
        raw = f"{whole}\n\n(cut: the JSON report has the rest)\n".encode()
    try:
        with Path(path).open("ab") as file:
            file.write(raw)
    except OSError as error:
        return f"{path}: cannot be written: {error.strerror}"
    return ""
