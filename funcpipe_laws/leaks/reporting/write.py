"""Write a report in the format that the file's name asks for."""

from __future__ import annotations

import json
from pathlib import Path

from funcpipe_laws.report.write import place

from .record import LeakReport


def write(report: LeakReport, path: Path) -> None:
    """Write the file, whole or not at all."""
    if path.suffix == ".json":
        content = json.dumps(report, indent=1, ensure_ascii=False) + "\n"
    elif path.suffix == ".md":
        from .markdown import render

        content = render(report)
    else:
        from .html import render as render_html

        content = render_html(report)
    place(content, path)
