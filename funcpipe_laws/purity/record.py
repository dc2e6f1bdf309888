"""The census as plain data, and the reports that are made of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, Literal, TypedDict

from funcpipe_laws.purity.find import Found, Package
from funcpipe_laws.report.sheet import Entry, Sheet

SCHEMA = 1
Verdict = Literal["pure", "impure", "not tried", "only read"]


class BuilderRecord(TypedDict):
    """One builder: its verdict, what it does besides building, or why it was not tried."""

    package: str
    name: str
    place: str
    verdict: Verdict
    built: int
    effects: list[str]
    reason: str
    factory: str
    keys: list[str]
    """What stands for its effects, whatever lines they are on."""
    waived: str
    """Why it is let pass though it does more than build; empty if it is not."""


class PackageRecord(TypedDict):
    """A package that was read, and files of it that could not be."""

    name: str
    files: int
    unread: list[str]


class PurityReport(TypedDict):
    """A whole report."""

    schema: int
    census: str
    packages: list[PackageRecord]
    builders: list[BuilderRecord]
    problems: list[str]
    """Known effects that were looked for and not seen."""


def builder_record(package: str, found: Found, trial: dict[str, Any] | None) -> BuilderRecord:
    """What is known of a builder; without a trial it was only read."""
    made: BuilderRecord = {
        "package": package,
        "name": found.name,
        "place": found.place,
        "verdict": "only read",
        "built": 0,
        "effects": [],
        "reason": "it is defined inside another function, which alone can call it",
        "factory": "",
        "keys": [],
        "waived": "",
    }
    if trial is not None:
        made |= trial  # type: ignore[typeddict-item]
    made["effects"] += [e for e in found.effects if not _is_known(e, made["effects"])]
    if made["effects"]:
        made["verdict"] = "impure"
    made["keys"] = [*dict.fromkeys(f"{kind(effect)} {found.name}" for effect in made["effects"])]
    return made


def _is_known(static: str, effects: list[str]) -> bool:
    """Whether the line that FP401 speaks of has been seen to act."""
    line = static.rpartition("(line ")[2].rstrip(")")
    return any(effect.endswith(f":{line})") for effect in effects)


def census(records: Sequence[BuilderRecord]) -> str:
    """The count in one line: 41 builders: 38 pure, 2 opened a file, 1 not tried."""
    counts = Counter(record["verdict"] for record in records)
    acts = Counter(_kind(r["effects"][0]) for r in records if r["verdict"] == "impure")
    parts = [f"{counts['pure']} pure"] if counts["pure"] else []
    parts += [f"{n} {kind}" for kind, n in acts.most_common()]
    parts += [f"{counts[v]} {v}" for v in ("only read", "not tried") if counts[v]]
    known = sum(bool(record["waived"]) for record in records)
    parts += [f"{known} of them known"] if known else []
    total = f"{len(records)} builder{'' if len(records) == 1 else 's'}"
    return f"{total}: {', '.join(parts) or 'nothing to try'}"


_KINDS = {
    "called argument": "called an argument",
    "changed argument": "changed an argument",
    "used the argument": "used a port",
    "set the context variable": "set a context variable",
    "ended the process": "ended the process",
    "was killed": "crashed",
    "did not end": "did not end",
    "by its source": "with effects in the source only",
}


def _kind(effect: str) -> str:
    """An effect without its details, so that several can be counted together."""
    for start, kind in _KINDS.items():
        if effect.startswith(start):
            return kind
    return effect.partition(", in ")[0].partition(":")[0]


def kind(effect: str) -> str:
    """One word for an effect, such as `opened-a-file`."""
    known = next((start for start in _KINDS if effect.startswith(start)), "")
    return "-".join((known or effect.partition(", in ")[0].partition(":")[0]).split())


def lines(record: BuilderRecord) -> list[str]:
    """A builder that is not pure, in full."""
    known = f": known: {record['waived']}" if record["waived"] else ""
    text = [f"{record['verdict']}: {record['name']} ({record['place']}){known}"]
    text += [f"  {effect}" for effect in record["effects"]]
    if record["verdict"] in ("not tried", "only read"):
        text.append(f"  {record['reason']}")
    if record["factory"]:
        text.append(
            "  it would be tried with this factory, in a module that `purity-examples` names:"
        )
        text += [f"    {row}" for row in record["factory"].splitlines()]
    return text


def report(
    records: Sequence[BuilderRecord], packages: Sequence[Package], problems: Sequence[str] = ()
) -> PurityReport:
    """What the JSON report holds."""
    read: list[PackageRecord] = [
        {"name": p.name, "files": p.files, "unread": p.unread} for p in packages
    ]
    return {
        "schema": SCHEMA,
        "census": census(records),
        "packages": read,
        "builders": list(records),
        "problems": list(problems),
    }


def sheet(records: Sequence[BuilderRecord], packages: Sequence[Package]) -> Sheet:
    """All builders as a table, and what is behind those that are not pure."""
    read = "; ".join(
        f"{p.name}: {p.files} files read" + (f", not: {', '.join(p.unread)}" if p.unread else "")
        for p in packages
    )
    rows = [
        (
            r["name"],
            r["place"],
            "known" if r["waived"] else r["verdict"],
            str(r["built"]),
            "; ".join(r["effects"]),
        )
        for r in records
    ]
    entries = [
        Entry(r["name"], lines(r), is_bad=r["verdict"] == "impure" and not r["waived"])
        for r in records
        if r["verdict"] != "pure"
    ]
    columns = ("builder", "place", "verdict", "built with", "what it does besides")
    return Sheet("Purity of construction", f"{census(records)}. {read}.", columns, rows, entries)
