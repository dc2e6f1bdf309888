"""Verdicts as plain data: what the JSON report holds, and what all other reports are made from."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypedDict

from funcpipe_laws.declared.law import Counterexample, Side, Status, Tier, Verdict, place
from funcpipe_laws.report import marble, symptoms, text

SCHEMA = 2


class MarkRecord(TypedDict):
    """One event of a diagram."""

    lane: int
    column: int
    label: str
    shape: marble.Shape


class DiagramRecord(TypedDict):
    """A trace laid out; `differs` and `cut` are columns."""

    lanes: list[str]
    marks: list[MarkRecord]
    columns: int
    differs: int | None
    cut: int | None


class SideRecord(TypedDict):
    """One trace of a counterexample; `landings` are iteration, virtual time and event."""

    name: str
    diagram: DiagramRecord
    text: list[str]
    log: list[str]
    landings: list[tuple[int, float, str]]


class FoundRecord(TypedDict):
    """A counterexample."""

    inputs: dict[str, str]
    schedule: list[int]
    confirmed: bool | None
    replay: str
    sides: list[SideRecord]


class LawRecord(TypedDict):
    """One law's verdict on one instance."""

    id: str
    slug: str
    family: str
    tier: Tier
    words: str
    symbols: str
    source: str
    shows_log: bool
    status: Status
    reason: str
    symptom: str
    seen: dict[str, int]
    counterexample: FoundRecord | None


class InstanceRecord(TypedDict):
    """All verdicts on one instance; `notes` say what of it was not looked at."""

    target: str
    name: str
    mapping: str
    notes: list[str]
    laws: list[LawRecord]


class MadeRecord(TypedDict):
    """By what a report was made, when, and how."""

    version: str
    python: str
    date: str
    options: list[str]


class Conformance(TypedDict):
    """A whole report."""

    schema: int
    made: MadeRecord
    instances: list[InstanceRecord]


@dataclass(frozen=True, slots=True)
class Checked:
    """An instance, how it was found, and the verdicts on it."""

    target: str
    name: str
    mapping: str
    laws: Sequence[LawRecord]
    notes: Sequence[str] = ()


def conformance(checked: Iterable[Checked], options: Sequence[str] = ()) -> Conformance:
    """The report on some instances, their laws in the order of the catalogue."""
    instances = [
        InstanceRecord(
            target=c.target,
            name=c.name,
            mapping=c.mapping,
            notes=list(c.notes),
            laws=sorted(c.laws, key=lambda law: place(law["id"])),
        )
        for c in checked
    ]
    return {"schema": SCHEMA, "made": _made(options), "instances": instances}


def _made(options: Sequence[str]) -> MadeRecord:
    from funcpipe_lint import __version__

    return {
        "version": __version__,
        "python": platform.python_version(),
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "options": list(options),
    }


def made_line(made: MadeRecord) -> str:
    """By what, when and how, in one line."""
    parts = [f"funcpipe {made['version']}", f"Python {made['python']}", made["date"]]
    return ", ".join([*parts, *made["options"]])


def law_record(verdict: Verdict, target: str) -> LawRecord:
    """A verdict as data; `target` names the instance in the line that replays it."""
    law, found = verdict.law, verdict.counterexample
    return {
        "id": law.id,
        "slug": law.slug,
        "family": law.family,
        "tier": law.tier,
        "words": law.words,
        "symbols": law.symbols,
        "source": law.source,
        "shows_log": law.shows_log,
        "status": verdict.status,
        "reason": verdict.reason,
        "symptom": symptoms.symptom(verdict),
        "seen": dict(verdict.seen),
        "counterexample": None if found is None else _found(verdict, found, target),
    }


def _found(verdict: Verdict, found: Counterexample, target: str) -> FoundRecord:
    return {
        "inputs": {name: repr(value) for name, value in found.inputs.items()},
        "schedule": list(found.schedule),
        "confirmed": found.confirmed,
        "replay": text.replay_line(verdict, target) if target else "",
        "sides": [_side(side) for side in found.sides],
    }


def _side(side: Side) -> SideRecord:
    diagram = marble.layout(side.trace, side.differs_at)
    return {
        "name": side.name,
        "diagram": diagram_record(diagram),
        "text": marble.text(diagram),
        "log": text.release_log(side),
        "landings": [list(landing) for landing in side.trace.landings],  # type: ignore[misc]
    }


def diagram_record(diagram: marble.Diagram) -> DiagramRecord:
    """A diagram as data."""
    return {
        "lanes": list(diagram.lanes),
        "marks": [
            MarkRecord(lane=m.lane, column=m.column, label=m.label, shape=m.shape)
            for m in diagram.marks
        ],
        "columns": diagram.columns,
        "differs": diagram.differs,
        "cut": diagram.cut,
    }


def diagram_of(data: DiagramRecord) -> marble.Diagram:
    """The diagram again."""
    marks = tuple(marble.Mark(**mark) for mark in data["marks"])
    return marble.Diagram(
        tuple(data["lanes"]), marks, data["columns"], data["differs"], data["cut"]
    )
