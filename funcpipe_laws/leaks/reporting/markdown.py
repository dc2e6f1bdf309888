"""The report as Markdown: a table of places, then each in full."""

from __future__ import annotations

from funcpipe_laws.leaks.model import TITLES

from . import text
from .record import LeakReport, PlaceRecord


def render(report: LeakReport) -> str:
    """The whole page."""
    places = report["places"]
    parts = ["# What tests leave behind", "", f"{text.summary(places)}.", ""]
    parts += [f"- {line}" for line in text.looked_at(report["looked_at"])]
    parts += [f"- {line}" for line in report["problems"]]
    if places:
        parts += ["", "| | what | where | times | tests |", "|---|---|---|---:|---:|"]
        parts += [_row(place) for place in places]
    for place in places:
        parts += ["", *_place(place)]
    return "\n".join(parts).rstrip() + "\n"


def _row(place: PlaceRecord) -> str:
    leak = place["leak"]
    level = "known" if leak["waived"] else leak["level"]
    spot = f"`{leak['place']['function']}` {text.where(leak['place'])}"
    cells = [level, TITLES[leak["kind"]], spot, str(place["count"]), str(len(place["tests"]))]
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _place(place: PlaceRecord) -> list[str]:
    leak = place["leak"]
    lines = [f"## {text.heading(leak)}", "", "```text", *text.body(leak), "```", ""]
    return [*lines, *(f"- `{test}`" for test in place["tests"])]
