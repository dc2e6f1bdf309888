"""A configuration for what a project has, and what it leaves out, with the reasons."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from funcpipe_gate.record import GateReport, StageName, StageRecord
from funcpipe_gate.setup.look import Seen
from funcpipe_gate.stages import module

BASELINE = "funcpipe-baseline.json"
REASON = "known when the gate was set up"
KEYS: dict[StageName, tuple[str, ...]] = {
    "laws": ("laws", "known-laws"),
    "purity": ("purity", "known-purity"),
    "endpoints": ("applications", "requests", "known-endpoints"),
    "leaks": ("tests", "known-leaks"),
    "types": ("types", "known-types"),
}
"""The keys that switch a stage on; the last one names the file of what is known."""


@dataclass(slots=True)
class Proposal:
    """The table, what it leaves out, and the files that go with it."""

    table: dict[str, Any]
    left_out: list[str] = field(default_factory=list)
    records: dict[str, str] = field(default_factory=dict)
    """Files of what is known, by name; the linter writes its own."""
    has_baseline: bool = False


def propose(seen: Seen) -> Proposal:
    """What can be looked at without a word from anyone."""
    tops = sorted(seen.tops)
    made = Proposal({"paths": tops or ["."]})
    if seen.is_src:
        made.table["pythonpath"] = ["src"]
    _running(seen, made)
    if seen.is_typed and seen.streams:
        if importlib.util.find_spec("mypy") is None:
            made.left_out.append("types: mypy is not installed: pip install 'funcpipe-kit[typed]'")
        else:
            made.table["types"] = sorted(seen.streams)
    else:
        made.left_out.append(
            "types: the project does not configure mypy" if seen.streams else "types: no streams"
        )
    return made


def _running(seen: Seen, made: Proposal) -> None:
    """The stages that run the project's code."""
    has_laws = importlib.util.find_spec("hypothesis") and importlib.util.find_spec("pytest")
    if not has_laws:
        made.left_out.append(
            "laws, purity, endpoints, leaks: they need pip install 'funcpipe-kit[laws]'"
        )
        return
    if seen.suites:
        made.table["laws"] = seen.suites
    else:
        made.left_out.append(
            "laws: no function has the name of an operation, such as map or merge; docs/laws.md"
            " shows how to name yours"
        )
    if seen.builders:
        made.table["purity"] = sorted(seen.builders)
    else:
        made.left_out.append("purity: no function defines a stream and returns it")
    if seen.applications and seen.requests:
        made.table["applications"] = seen.applications
        made.table["requests"] = sorted(set(seen.requests))
    elif seen.applications:
        made.left_out.append(
            f"endpoints: {', '.join(seen.applications)}: no request without parameters was found;"
            " write requests = ['GET /path']"
        )
    else:
        made.left_out.append("endpoints: no module makes an ASGI application at its top level")
    if seen.tests:
        # Without a folder pytest looks everywhere, and may import examples.
        folders = seen.test_folders & {"tests", "test"} if len(seen.test_folders) == 1 else ()
        made.table["tests"] = " ".join(["pytest", *folders])
    else:
        made.left_out.append("leaks: no tests were found")


def after(made: Proposal, report: GateReport) -> None:
    """With what the first run found on record, and without what could not run."""
    for stage in report["stages"]:
        name = stage["name"]
        if name == "purity" and stage["status"] == "clean" and not _builders(report):
            _drop(made, stage, "it found no builder")
        if stage["status"] in ("clean", "skipped"):
            continue
        if name == "lint":
            made.has_baseline = bool(stage["findings"])
            made.left_out += [f"lint: {line}" for line in stage["failures"]]
            _exclude(made, report)
        elif stage["failures"]:
            _drop(made, stage, stage["failures"][0])
        elif not _record(made, stage, report):
            count = len(stage["findings"])
            some = f"{count} finding{'s' * (count != 1)}"
            _drop(made, stage, f"{some} that no record can hold: mend them, and switch it on")
    if made.has_baseline:
        made.table["baseline"] = BASELINE


def _builders(report: GateReport) -> list[Any]:
    builders: list[Any] = report["reports"].get("purity", {}).get("builders", [])
    return builders


def _drop(made: Proposal, stage: StageRecord, why: str) -> None:
    keys = {key: made.table.pop(key) for key in KEYS[stage["name"]] if key in made.table}
    written = ", ".join(f"{key} = {toml(value)}" for key, value in keys.items())
    made.left_out.append(f"{stage['name']} ({written}): {why}")


def _exclude(made: Proposal, report: GateReport) -> None:
    """What is no Python would have every run fail."""
    errors = report["reports"].get("lint", {}).get("errors", [])
    paths = sorted({error["path"] for error in errors})
    if paths:
        made.table["exclude"] = paths


def _record(made: Proposal, stage: StageRecord, report: GateReport) -> bool:
    """Put the findings of a stage on record, if its file can hold them."""
    name = stage["name"]
    document = report["reports"].get(name)
    lines = module(name).on_record(stage["findings"], document, REASON)
    if lines is None:
        return False
    key = KEYS[name][-1]
    file = f"funcpipe-{key}.txt"
    made.table[key] = file
    made.records[file] = "\n".join([*lines, ""])
    return True


def render(table: Mapping[str, Any], *, header: bool) -> str:
    """The table as TOML."""
    lines = ["[tool.funcpipe]"] if header else []
    return "\n".join([*lines, *(f"{key} = {toml(value)}" for key, value in table.items())]) + "\n"


def toml(value: Any) -> str:
    """A text, a number or a list of texts; short lists on one line."""
    if not isinstance(value, list):
        return json.dumps(value, ensure_ascii=False)
    items = [json.dumps(one, ensure_ascii=False) for one in value]
    short = f"[{', '.join(items)}]"
    return short if len(short) <= 80 else "[\n    " + ",\n    ".join(items) + ",\n]"


def told(seen: Seen) -> list[str]:
    """What was seen, in lines."""
    streams = sum(seen.streams.values())
    where = f" in {_count(len(seen.streams), 'file')}" if streams else ""
    made = _count(streams, "async generator")
    lines = [f"{_count(seen.files, 'Python file')}; {made}{where}"]
    if seen.results:
        lines.append(f"Results of: {', '.join(sorted(seen.results))}")
    lines += [f"combinators: {name}" for name in seen.suites]
    lines += [f"application: {name}" for name in seen.applications]
    lines.append(f"test files: {seen.tests}" if seen.tests else "no tests")
    lines.append(f"runs in: {', '.join(seen.ci)}" if seen.ci else "no CI configuration")
    lines += [f"could not be read: {line}" for line in seen.unread]
    return lines


def _count(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'s' * (number != 1)}"
