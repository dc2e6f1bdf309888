"""A report of one table and what stands behind its rows, as Markdown and as an HTML page."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from funcpipe_laws import marble

from .write import place


@dataclass(frozen=True, slots=True)
class Entry:
    """What is behind a row: a heading, lines in plain text, and a diagram if there is one."""

    heading: str
    lines: Sequence[str]
    diagram: marble.Diagram | None = None
    after: Sequence[str] = ()
    """Lines below the diagram."""
    is_bad: bool = True


@dataclass(frozen=True, slots=True)
class Sheet:
    """A title, a summary in a sentence or two, a table, and entries."""

    title: str
    summary: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    entries: Sequence[Entry] = field(default_factory=tuple)
    behind: str = marble.BEHIND
    """What the events behind the double bar of a diagram have in common."""


def write(sheet: Sheet, data: Any, path: Path) -> None:
    """Write a report in the format that the file's name asks for; `data` is what JSON holds."""
    if path.suffix == ".json":
        content = json.dumps(data, indent=1, ensure_ascii=False) + "\n"
    elif path.suffix == ".md":
        content = markdown(sheet)
    else:
        content = html(sheet)
    place(content, path)


def markdown(sheet: Sheet) -> str:
    """The sheet as a Markdown page."""
    parts = [f"# {sheet.title}", "", sheet.summary, ""]
    parts += [_row(sheet.columns), "|" + "---|" * len(sheet.columns)]
    parts += [_row(row) for row in sheet.rows]
    for entry in sheet.entries:
        parts += ["", f"## {entry.heading}", "", "```text", *entry.lines]
        if entry.diagram is not None:
            parts += marble.text(entry.diagram, behind=sheet.behind)
        parts += [*entry.after, "```"]
    return "\n".join(parts) + "\n"


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def html(sheet: Sheet) -> str:
    """The sheet as one HTML page that needs nothing else. Needs jinja2."""
    from .html import page

    return page(
        "sheet.html.j2",
        sheet=sheet,
        svg=lambda entry: marble.svg(entry.diagram, title=entry.heading),
    )
