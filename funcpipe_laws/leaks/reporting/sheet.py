"""Leaks as a sheet: what the Markdown and HTML reports show."""

from __future__ import annotations

from funcpipe_laws.leaks.model import TITLES
from funcpipe_laws.leaks.reporting import text
from funcpipe_laws.leaks.reporting.record import LeakReport, PlaceRecord
from funcpipe_laws.report.sheet import Entry, Sheet

COLUMNS = ("where", "level", "what", "times", "tests")


def sheet(report: LeakReport) -> Sheet:
    """All places as a table, and each in full, with its tests."""
    places = report["places"]
    facts = [*text.looked_at(report["looked_at"]), *report["problems"]]
    rows = [_row(place) for place in places]
    entries = [_entry(place) for place in places]
    summary = f"{text.summary(places)}."
    return Sheet("What tests leave behind", summary, COLUMNS, rows, entries, facts=facts)


def _row(place: PlaceRecord) -> tuple[str, ...]:
    leak = place["leak"]
    counts = (str(place["count"]), str(len(place["tests"])))
    return (text.spot(leak), text.level(leak), TITLES[leak["kind"]], *counts)


def _entry(place: PlaceRecord) -> Entry:
    leak = place["leak"]
    heading = f"{text.spot(leak)}: {TITLES[leak['kind']]}"
    tests = [f"in {test}" for test in place["tests"]]
    level = text.level(leak)
    is_minor = level in ("note", "known")
    return Entry(heading, [*text.body(leak), *tests], is_bad=level == "failure", is_minor=is_minor)
