"""A report of one table and what stands behind its rows, as Markdown and as an HTML page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from funcpipe_laws.report import marble
from funcpipe_laws.report.write import as_json, place


@dataclass(frozen=True, slots=True)
class Entry:
    """What is behind a row: a heading, lines in plain text, and a diagram if there is one."""

    heading: str
    lines: Sequence[str]
    diagram: marble.Diagram | None = None
    after: Sequence[str] = ()
    """Lines below the diagram."""
    is_bad: bool = True
    is_minor: bool = False
    """Folded in an HTML page."""


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
    facts: Sequence[str] = ()
    """Lines below the summary."""

    def entries_of_rows(self) -> list[int | None]:
        """The entry that is behind each row: the first that is named as the row is, and is behind
        no row above it."""
        found: list[int | None] = []
        for name, *_ in self.rows:
            named = (n for n, one in enumerate(self.entries) if _is_named(one, name))
            found.append(next((n for n in named if n not in found), None))
        return found


def _is_named(entry: Entry, name: str) -> bool:
    return entry.heading == name or entry.heading.startswith(f"{name}: ")


def write(sheet: Sheet, data: Any, path: Path) -> None:
    """Write a report in the format that the file's name asks for; `data` is what JSON holds."""
    if path.suffix == ".json":
        content = as_json(data)
    elif path.suffix == ".md":
        content = markdown(sheet)
    else:
        content = html(sheet)
    place(content, path)


def markdown(sheet: Sheet) -> str:
    """The sheet as a Markdown page."""
    parts = [f"# {sheet.title}", "", sheet.summary, ""]
    parts += [*(f"- {fact}" for fact in sheet.facts), ""] if sheet.facts else []
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


_TONES = {
    "failure": "broken",
    "impure": "broken",
    "warning": "warns",
    "not tried": "warns",
    "pure": "held",
    "note": "waived",
    "known": "waived",
    "only read": "waived",
}
"""Cells that are set off in an HTML page, and how its style calls that."""


def html(sheet: Sheet) -> str:
    """The sheet as one HTML page that needs nothing else. Needs jinja2."""
    from funcpipe_laws.report.html import page

    return page(
        "sheet.html.j2",
        sheet=sheet,
        links=list(zip(sheet.rows, sheet.entries_of_rows(), strict=True)),
        tones=_TONES,
        svg=lambda entry: marble.svg(entry.diagram, title=entry.heading),
    )
