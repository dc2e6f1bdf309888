"""What failed laws have in common: one cause breaks many, and one of them says it best."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from funcpipe_laws.declared.law import CUT_SHORT, place
from funcpipe_laws.report import symptoms
from funcpipe_laws.report.record import LawRecord

FAILED = ("broken", "crashed", "not simulated", "vacuous")


def grouped(laws: Sequence[LawRecord]) -> list[list[LawRecord]]:
    """The laws that failed, those of one cause together, the most direct one first.

    Most direct is the smallest counterexample: fewest events, fewest inputs. Causes that break the
    most laws come first.
    """
    causes: dict[str, list[LawRecord]] = {}
    for law in laws:
        if law["status"] in FAILED:
            causes.setdefault(law["symptom"], []).append(law)
    for group in causes.values():
        group.sort(key=_size)
    return sorted(causes.values(), key=lambda group: -len(group))


def failures(laws: Sequence[LawRecord]) -> list[LawRecord]:
    """What a report shows in full: the laws that failed, cause by cause, then the waived ones."""
    return [law for group in grouped(laws) for law in group] + [
        law for law in laws if law["status"] == "waived"
    ]


def _size(law: LawRecord) -> tuple[int, int, int]:
    found = law["counterexample"]
    if found is None:
        return 1, 0, 0
    events = sum(side["diagram"]["columns"] for side in found["sides"])
    return 0, events, len(found["inputs"])


def cause(law: LawRecord) -> str:
    """What is wrong, in one line: where laws of one cause differ in their numbers, with its own."""
    is_first_line = symptoms.alike(law["reason"]) == law["symptom"]
    return law["reason"].partition("\n")[0] if is_first_line else law["symptom"]


def summary(laws: Sequence[LawRecord], notes: Sequence[str] = ()) -> list[str]:
    """Lines about all laws on one instance: causes, what was not offered, what was cut short; and
    the notes of what was not looked at. In whatever order the laws were checked, they are the same.
    """
    laws = sorted(laws, key=lambda law: place(law["id"]))
    lines = []
    for first, *others in grouped(laws):
        also = f"; also broken: {', '.join(law['id'] for law in others)}" if others else ""
        lines.append(f"{first['id']} {first['slug']}: {cause(first)}{also}")
    reasons = Counter(law["reason"] for law in laws if law["status"] == "not offered")
    if reasons:
        listed = "; ".join(f"{count} {reason}" for reason, count in reasons.most_common())
        lines.append(f"not offered: {listed}")
    cut = [law["id"] for law in laws if law["seen"].get(CUT_SHORT)]
    if cut:
        lines.append(
            f"out of time: of {len(cut)} laws less was tried than the profile asks for:"
            f" {', '.join(cut)}"
        )
    return [*lines, *notes]
