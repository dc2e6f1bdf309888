"""Leaks for the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from funcpipe_laws.leaks.model import TITLES, Leak, Spot

from .record import LookedAt, PlaceRecord, totals

TESTS_SHOWN = 5


def heading(leak: Leak) -> str:
    """What it is and where, in one line."""
    return f"{TITLES[leak['kind']]}: {leak['place']['function']} ({where(leak['place'])})"


def where(spot: Spot) -> str:
    """A line as `file:line`."""
    return f"{spot['file']}:{spot['line']}" if spot["file"] else "no place known"


def body(leak: Leak) -> Iterator[str]:
    """What one needs to mend it."""
    if leak["place"]["text"]:
        yield f"at: {leak['place']['text']}"
    yield f"how: {leak['detail']}"
    for one in leak["pending"]:
        manager = f" ({one['manager']})" if one["manager"] else ""
        yield f"pending, line {one['line']}, {one['what']}: {one['text']}{manager}"
    yield from _stack(_words_for_first(leak), leak["first_pulled"])
    if leak["last_pulled"] and leak["last_pulled"][:1] != leak["first_pulled"][:1]:
        yield from _stack("last pulled", leak["last_pulled"])
    remedy = leak["remedy"]
    if remedy is not None:
        rule = f" ({remedy['rule']})" if remedy["rule"] else ""
        yield f"remedy: {remedy['file']}:{remedy['line']}: {remedy['advice']}{rule}"
    if leak["waived"]:
        yield f"known: {leak['waived']}"
    elif leak["level"] == "failure":
        yield f"its line for a file of known failures: {leak['key']} REASON"


def _words_for_first(leak: Leak) -> str:
    if leak["kind"] == "never-awaited":
        return "dropped"
    if leak["kind"] in ("undone-task", "cancelled-task", "lost-exception"):
        return "task made"
    return "first pulled"


def _stack(words: str, spots: Sequence[Spot]) -> Iterator[str]:
    for spot in spots:
        text = f": {spot['text']}" if spot["text"] else ""
        yield f"{words} in {spot['function']} ({where(spot)}){text}"
        words = "  called"


def failure(leaks: Sequence[Leak]) -> str:
    """Why a test fails."""
    lines = []
    for leak in leaks:
        lines += [heading(leak), *(f"    {line}" for line in body(leak)), ""]
    return "\n".join(lines).rstrip()


def place(record: PlaceRecord) -> Iterator[str]:
    """One place, its tests below."""
    leak, tests = record["leak"], record["tests"]
    level = "known" if leak["waived"] else leak["level"]
    yield f"{level}: {heading(leak)}, {_times(record)}"
    if leak["level"] != "note" or leak["waived"]:
        yield from (f"    {line}" for line in body(leak))
    yield from (f"    in {test}" for test in tests[:TESTS_SHOWN])
    if len(tests) > TESTS_SHOWN:
        yield f"    and in {len(tests) - TESTS_SHOWN} more"


def _times(record: PlaceRecord) -> str:
    count = record["count"]
    return "once" if count == 1 else f"{count} times"


def summary(places: Sequence[PlaceRecord]) -> str:
    """How many places of each level."""
    counts = totals(places)
    words = {"failure": "failures", "warning": "warnings", "note": "notes", "waived": "known"}
    said = [f"{counts[level]} {word}" for level, word in words.items() if counts[level]]
    return f"{', '.join(said)} at {len(places)} places" if said else "nothing was left behind"


def looked_at(what: LookedAt) -> Iterator[str]:
    """What the verdict rests on."""
    loops = ", ".join(f"{count} of {name}" for name, count in sorted(what["loops"].items()))
    yield (
        f"looked at: {what['tests']} tests, {what['streams']} streams, {what['tasks']} tasks,"
        f" event loops: {loops or 'none ended'}; Python {what['python']}"
    )
    yield from (f"not seen: {line}" for line in what["not_seen"])
