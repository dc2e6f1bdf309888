"""A whole report as data: places first, the tests of each below."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TypedDict

from funcpipe_laws.leaks.model import Kind, Leak, Level

SCHEMA = 1
_ORDER = ("failure", "warning", "note")


class PlaceRecord(TypedDict):
    """All leaks with one key."""

    count: int
    tests: list[str]
    leak: Leak
    """The first of them."""


class LookedAt(TypedDict):
    """What the verdict rests on."""

    python: str
    tests: int
    streams: int
    tasks: int
    loops: dict[str, int]
    """How many event loops were seen to their end, by library."""
    not_seen: list[str]
    """What could not be looked at, and why."""


class LeakReport(TypedDict):
    """A whole report."""

    schema: int
    looked_at: LookedAt
    places: list[PlaceRecord]
    problems: list[str]
    """Known leaks that were not seen, and marks on tests that leave nothing."""


def report(leaks: Iterable[Leak], looked_at: LookedAt, problems: list[str]) -> LeakReport:
    """Everything that was found, grouped by place."""
    return {
        "schema": SCHEMA,
        "looked_at": looked_at,
        "places": grouped(leaks),
        "problems": problems,
    }


def grouped(leaks: Iterable[Leak]) -> list[PlaceRecord]:
    """One record a place: failures first, then by how often."""
    places: dict[str, PlaceRecord] = {}
    for leak in leaks:
        place = places.setdefault(leak["key"], {"count": 0, "tests": [], "leak": leak})
        place["count"] += 1
        if leak["test"] and leak["test"] not in place["tests"]:
            place["tests"].append(leak["test"])
    for place in places.values():
        place["tests"].sort()
    return sorted(places.values(), key=_rank)


def _rank(place: PlaceRecord) -> tuple[bool, int, int, str, int]:
    leak = place["leak"]
    level = _ORDER.index(leak["level"])
    spot = leak["place"]
    return bool(leak["waived"]), level, -place["count"], spot["file"], spot["line"]


def totals(places: Iterable[PlaceRecord]) -> dict[Level | str, int]:
    """How many places of each level, and how many are waived."""
    return Counter("waived" if p["leak"]["waived"] else p["leak"]["level"] for p in places)


def kinds(places: Iterable[PlaceRecord]) -> dict[Kind, int]:
    """How many places of each kind."""
    return Counter(place["leak"]["kind"] for place in places)
