"""Leaks for the terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from funcpipe_laws.leaks.model import TITLES, Leak, Spot
from funcpipe_laws.leaks.reporting.record import LookedAt, PlaceRecord, totals

TESTS_SHOWN = 5


def heading(leak: Leak) -> str:
    """What it is and where, in one line."""
    return f"{TITLES[leak['kind']]}: {spot(leak)}"


def spot(leak: Leak) -> str:
    """Where it is, in words."""
    return f"{leak['place']['function']} ({where(leak['place'])})"


def level(leak: Leak) -> str:
    """How much it counts; `known` if it is let pass."""
    return "known" if leak["waived"] else leak["level"]


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
        yield "its line for a file of known failures:"
        yield f"{leak['key']} REASON"


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


def failure(leaks: Sequence[Leak], width: int = 0) -> str:
    """Why a test fails."""
    lines = []
    for leak in leaks:
        lines += [heading(leak), *_indented(leak, width), ""]
    return "\n".join(lines).rstrip()


def _indented(leak: Leak, width: int) -> Iterator[str]:
    """The body, in lines of at most so many columns; 0 is no limit. A key stays whole."""
    for line in body(leak):
        indent = "    " + " " * (len(line) - len(line.lstrip()))
        if not width or line.startswith(leak["key"]):
            yield f"    {line}"
            continue
        yield from textwrap.wrap(
            line.strip(),
            max(width, 40),
            initial_indent=indent,
            subsequent_indent=f"{indent}    ",
            break_long_words=False,
            break_on_hyphens=False,
        )


def place(record: PlaceRecord, width: int = 0) -> Iterator[str]:
    """One place, its tests below."""
    leak, tests = record["leak"], record["tests"]
    yield f"{level(leak)}: {heading(leak)}, {_times(record)}"
    if leak["level"] != "note" or leak["waived"]:
        yield from _indented(leak, width)
    yield from (f"    in {test}" for test in tests[:TESTS_SHOWN])
    if len(tests) > TESTS_SHOWN:
        yield f"    and in {len(tests) - TESTS_SHOWN} more"


def _times(record: PlaceRecord) -> str:
    count = record["count"]
    return "once" if count == 1 else f"{count} times"


def summary(places: Sequence[PlaceRecord]) -> str:
    """How many places of each level."""
    counts = totals(places)
    said = [_many(counts[one], one) for one in ("failure", "warning", "note") if counts[one]]
    said += [f"{counts['waived']} known"] if counts["waived"] else []
    return f"{', '.join(said)}" if said else "nothing was left behind"


def _many(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def looked_at(what: LookedAt) -> Iterator[str]:
    """What the verdict rests on."""
    loops = ", ".join(f"{count} of {name}" for name, count in sorted(what["loops"].items()))
    yield (
        f"looked at: {_many(what['tests'], 'test')}, {_many(what['streams'], 'stream')},"
        f" {_many(what['tasks'], 'task')},"
        f" event loops: {loops or 'none ended'}; Python {what['python']}"
    )
    yield from (f"not seen: {line}" for line in what["not_seen"])
