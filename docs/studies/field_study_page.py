"""docs/field-study.md: what `field_study.py --run` measured, and what was judged by hand."""

from __future__ import annotations

import json
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from docs.studies.field_study import PACKAGES

HERE = Path(__file__).parent
RESULTS = HERE / "field-study.json"
JUDGED = HERE / "field-study.toml"
VERDICTS = ("true", "debatable", "false")

INTRO = """\
# What published packages leave behind in their own tests

Written by `make field-study`. It fetches the source distributions of packages that ship their
tests, installs each in an environment of its own, runs its suite once without and once with
`pytest --stream-leaks=report`, and the linter on its code. Every failure and warning was then read
by hand, in the package's source; a verdict is about the place: *true* if the report is right
and a reader of the code would call it a leak, *debatable* if it is so and harmless or meant,
*false* if it is not so.

Three things were changed after they were seen here, so these suites count as ones that something
was tuned on: what a stream of aiostream's tests raises when the loop closes it was a place of its
own, beside the yield that causes it; gql shuts down all streams of a loop that goes on, so its
tests' fixtures were told as left open (2 places in 8 tests, false); and graphql-core's tests
ignore, by a filter for just that warning, that coroutines are dropped: what such a filter ignores
counts as known now.
"""


def page() -> Mapping[str, str]:
    """The page by its path below docs/."""
    results = json.loads(RESULTS.read_text("utf-8"))
    judged = tomllib.loads(JUDGED.read_text("utf-8"))
    readings = {(one["package"], one["key"]): one for one in judged.get("place", [])}
    ran = {name: one for name, one in results.items() if _has_run(one)}
    lines = [INTRO, *_totals(ran, readings), "", *_table(ran), "", *_parts(ran), ""]
    lines += ["## Suites that could not be run", "", *_failed(results, judged), ""]
    lines += ["## Every place", "", *_places(ran, readings)]
    lines += ["## Reproducers", "", *_reproducers(judged), ""]
    return {"field-study.md": "\n".join(lines).rstrip() + "\n"}


def _has_run(one: Mapping[str, Any]) -> bool:
    return "places" in one and one["looked_at"]["tests"] > 0


def _counted(one: Mapping[str, Any], *levels: str) -> list[dict[str, Any]]:
    return [place for place in one["places"] if place["level"] in levels]


def _totals(ran: Mapping[str, Any], readings: Mapping[Any, Any]) -> Iterator[str]:
    tests = sum(one["looked_at"]["tests"] for one in ran.values())
    leaking = sum(len(_leaking(one)) for one in ran.values())
    verdicts = Counter(
        readings.get((name, place["key"]), {"verdict": "not read"})["verdict"]
        for name, one in ran.items()
        for place in _counted(one, "failure", "warning")
    )
    read = sum(verdicts[one] for one in VERDICTS)
    said = ", ".join(f"{verdicts[one]} {one}" for one in VERDICTS)
    yield (
        f"**{len(ran)} suites, {tests:,} tests: {leaking} tests leave something behind"
        f" ({1000 * leaking / tests:.1f} in 1,000), at {sum(verdicts.values())} places.**"
        f" Of {read} places that were read: {said}"
        + (f"; precision {verdicts['true'] / read:.2f}" if read else "")
        + (f", {1 - verdicts['false'] / read:.2f} with the debatable ones." if read else ".")
    )
    watched = sum(one["with"]["seconds"] for one in ran.values())
    plain = sum(one["without"]["seconds"] for one in ran.values())
    yield f"Processor time of all suites with the option: {watched / plain:.3f} of that without."
    if verdicts["not read"]:
        yield f"{verdicts['not read']} places were not read."


def _leaking(one: Mapping[str, Any]) -> set[str]:
    places = _counted(one, "failure", "warning")
    return {test for place in places for test in place["tests"] if "::" in test}


def _table(ran: Mapping[str, Any]) -> Iterator[str]:
    heads = (
        "package | Python | tests | failures | warnings | notes | leaking in 1,000 | cost | lint"
    )
    yield f"| {heads} |"
    yield "|---|---|---:|---:|---:|---:|---:|---:|---:|"
    for name, one in sorted(ran.items()):
        tests = one["looked_at"]["tests"]
        counts = Counter(place["level"] for place in one["places"])
        cost = one["with"]["seconds"] / one["without"]["seconds"]
        cells = [f"{name} {one['version']}", one["python"], f"{tests:,}"]
        cells += [str(counts[level]) for level in ("failure", "warning", "note")]
        cells += [f"{1000 * len(_leaking(one)) / tests:.1f}", f"{cost:.2f}", str(len(one["lint"]))]
        yield f"| {' | '.join(cells)} |"
    yield ""
    yield (
        "Failures, warnings and notes are places, the next column is tests. *cost* is the ratio of"
        " the processor time of one run with to one run without, start-up included: one pair of"
        " runs, on two cores that other programs wanted as well, so it is no measurement;"
        " [stream-leaks.md](stream-leaks.md) has that. *lint* is how many findings the linter's"
        " default rules have in the whole distribution."
    )


def _parts(ran: Mapping[str, Any]) -> Iterator[str]:
    chosen = (" -k ", " -m ", " --ignore ")
    parts = [
        f"{one.name} (`{one.arguments}`)"
        for one in PACKAGES
        if one.name in ran and any(option in one.arguments for option in chosen)
    ]
    yield f"Not the whole suite was run of: {', '.join(parts) or 'none'}."


def _failed(results: Mapping[str, Any], judged: Mapping[str, Any]) -> Iterator[str]:
    reasons = {one["package"]: one["why"] for one in judged.get("not-run", [])}
    failed = {name: one for name, one in results.items() if not _has_run(one)}
    for name, one in sorted(failed.items()):
        reason = reasons.get(name) or one.get("failed") or one["with"]["last"]
        yield f"- {name} {one['version']}: {reason}"
    if not failed:
        yield "None."


def _places(ran: Mapping[str, Any], readings: Mapping[Any, Any]) -> Iterator[str]:
    for name, one in sorted(ran.items()):
        places = _counted(one, "failure", "warning")
        if not places:
            continue
        yield f"### {name} {one['version']}"
        yield ""
        for place in places:
            reading = readings.get((name, place["key"]))
            verdict = "not read" if reading is None else f"{reading['verdict']}: {reading['why']}"
            where = f"{place['file']}:{place['line']}"
            tests = f"{len(place['tests'])} tests" if len(place["tests"]) != 1 else "1 test"
            yield f"- `{place['key']}` ({where}, {tests}) **{verdict}**"
        yield ""


def _reproducers(judged: Mapping[str, Any]) -> Iterator[str]:
    yield "Each runs against the real package, in at most fifteen lines, and is run by a test."
    yield ""
    for one in judged.get("reproducer", []):
        path = HERE.parent / "counterexamples" / one["file"]
        first = path.read_text("utf-8").split('"""')[1].strip().partition("\n")[0]
        yield f"- [{one['file']}](counterexamples/{one['file']}), {one['package']}: {first}"
