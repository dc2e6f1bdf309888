"""What must hold of any operation holds of each: every cell of the table is a law, or a reason."""

from __future__ import annotations

from dataclasses import replace

import pytest

from funcpipe_laws import catalogue
from funcpipe_laws.checking.check import check_law
from funcpipe_laws.experiments.subjects import SUBJECTS
from funcpipe_laws.experiments.turns import EACH
from tests.laws.mutants import MODEL

LAWS = {law.id: law for law in catalogue.laws()}

ASPECTS = {
    "content, order, place of failed items": ("A1", "B5", "G1"),
    "exceptions of its source": ("E4",),
    "what came before an exception": ("E8",),
    "exceptions of its function": ("E9",),
    "how soon an item is there": ("Z7",),
    "nothing before the first pull": ("Z1",),
    "no pull more than needed": ("Z4",),
    "pulls stop with the consumer": ("B4",),
    "pure construction": ("P1",),
    "silent when unused": ("P2",),
    "any loop": ("P4",),
    "replay": ("R1",),
    "fresh iterators": ("R2",),
    "replay after a partial run": ("R3",),
    "independent runs": ("X1", "X3"),
    "protocol": ("I1", "I2", "I4", "I5", "I6", "I7", "I8", "I9"),
    "final exceptions": ("I3",),
    "closing reaches the source": ("S14",),
    "cancellation at every suspension": ("C1", "C2", "C8"),
    "timeouts of the consumer": ("C3",),
    "siblings of a cancelled run": ("C7",),
    "memory of items": ("O1",),
    "tasks and streams alive": ("O2",),
    "a fault at every point": ("D1", "D2", "D4", "D6", "D7"),
    "a fault of its source is final, and a second one": ("D3", "D8"),
    "what shares a part with a failed run": ("D5",),
    "sources of other forms": ("D9",),
}
"""What must hold of any operation -> the laws that say so; all of them, for every operation."""

NO_SOURCE = "it has no source"
NO_FUNCTION = "no function of the user's is called for an item"
REASONS = {
    **{(aspect, subject): NO_SOURCE
       for aspect in (
           "exceptions of its source", "what came before an exception",
           "how soon an item is there", "no pull more than needed",
           "closing reaches the source", "pulls stop with the consumer",
           "timeouts of the consumer", "final exceptions", "memory of items",
           "what shares a part with a failed run", "sources of other forms",
           "a fault of its source is final, and a second one",
       )
       for subject in ("retry", "lift", "pure", "empty")},
    **{("exceptions of its function", subject): NO_FUNCTION
       for subject in ("merge", "buffer", "chunk", "timed chunk", "timeout", "pure", "empty")},
    ("exceptions of its function", "inner"): "it is a bind, as 'bind' is",
    ("exceptions of its function", "using"): "the function makes the stream, once: S7",
    ("how soon an item is there", "chunk"): "it waits for the rest of a chunk; B6 has the time",
    ("how soon an item is there", "timed chunk"): "the same",
}  # fmt: skip
"""Cells without a law, and why."""

EITHER = {"content, order, place of failed items"}
"""Aspects of which any one of the laws is enough."""


def subjects_of(law_id: str) -> set[str]:
    """The subjects that have their turn in a law."""
    found: set[str] = set()
    for name in LAWS[law_id].inputs:
        if name in EACH and name != "layer":
            found |= set(EACH[name](MODEL))
    takes = LAWS[law_id].takes
    return found | {name for name, subject in SUBJECTS.items() if subject.operation in takes}


@pytest.mark.parametrize("aspect", ASPECTS)
def test_every_operation_is_checked_in_every_respect(aspect: str) -> None:
    """Each has its turn in the laws of the aspect, or a reason is written down; never both."""
    choose = any if aspect in EITHER else all
    covered = {
        subject
        for subject in SUBJECTS
        if choose(subject in subjects_of(law_id) for law_id in ASPECTS[aspect])
    }
    excused = {subject for of, subject in REASONS if of == aspect}
    assert covered | excused == set(SUBJECTS)
    assert covered & excused == set()


@pytest.mark.parametrize("law_id", sorted({i for ids in ASPECTS.values() for i in ids}))
def test_a_turn_is_a_run(law_id: str) -> None:
    """What has its turn was built and looked at: the verdict counts each subject."""
    law = LAWS[law_id]
    kinds = {"subject", "over", "modelled", "prompt", "passing", "predicted", "ongoing", "bounded"}
    kinds |= {"steady"}
    turns = [name for name in law.inputs if name in kinds]
    verdict = check_law(law, MODEL)
    for name in turns:
        missing = [s for s in EACH[name](MODEL) if not verdict.seen.get(f"subject {s}")]
        assert missing == []


@pytest.mark.parametrize("operation", sorted({s.operation for s in SUBJECTS.values()}))
def test_every_operation_is_pinned_down_without_the_others(operation: str) -> None:
    """Offered alone, it still has its turn in every law of the table that is about it."""
    fields = {subject.operation: None for subject in SUBJECTS.values()}
    fields[operation] = getattr(MODEL, operation)
    alone = replace(MODEL, name=operation, **fields)  # type: ignore[arg-type]
    names = {name for name, subject in SUBJECTS.items() if subject.operation == operation}
    for law_id in ("A1", "P1", "R1", "I5", "C2"):
        turns = [n for n in LAWS[law_id].inputs if n in EACH]
        assert {s for n in turns for s in EACH[n](alone)} == names
        assert check_law(LAWS[law_id], alone).status == "held", law_id
