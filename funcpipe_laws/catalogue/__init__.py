"""The laws, one module a family."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib import import_module

from funcpipe_laws.declared.law import Law, place

FAMILIES = (
    "functor",
    "monad",
    "errors",
    "laziness",
    "purity",
    "replay",
    "independence",
    "branching",
    "protocol",
    "resources",
    "release_order",
    "cancellation",
    "merging",
    "closing_merges",
    "parallel_map",
    "bounds",
    "memory",
    "time",
    "operators",
    "wrapping",
    "consuming",
    "faults",
    "after_faults",
    "faults_around",
    "source_forms",
)


_SMALLER: Mapping[str, Mapping[str, tuple[int, ...]]] = {
    "sync": {
        "F": (1, 2, 3, 4, 5),
        "M": (1, 2, 3, 4, 5, 6, 7, 9),
        "E": (1, 2, 3, 4, 6, 8, 9),
        "Z": (1, 2, 3, 4),
        "P": (1, 2),
        "R": (1, 2, 3, 4),
        "X": (1, 2),
        "I": (1, 2, 3, 4, 5, 6, 9),
        "S": (1, 2, 3, 4, 7, 8, 9, 10, 11, 12, 14, 17, 18),
        "O": (2,),
        "A": (1,),
        "D": (1, 2, 3, 4, 5, 8),
    },
    "value": {
        "F": (1, 2, 3, 4, 5, 6),
        "M": (1, 2, 3, 4, 8),
        "E": (1, 4, 6, 9),
        "Z": (1, 2, 5),
        "P": (1, 4),
        "R": (1, 2, 3, 4),
        "X": (1,),
        "S": (3, 5, 6, 7, 8, 9),
        "C": (1, 2, 3, 4),
        "A": (1,),
        "D": (1, 2, 4, 6, 7),
    },
}
SMALLER_SUITES = {
    kind: frozenset(f"{family}{number}" for family in suite for number in suite[family])
    for kind, suite in _SMALLER.items()
}
"""Kind of description -> the laws that make sense for it. The others need what it has not: tasks
and suspension (synchronous streams), more than one item, an iterator (single values)."""


def laws(kind: str = "stream") -> tuple[Law, ...]:
    """The laws for a kind of description, in the order of the families and of their numbers."""
    modules = [import_module(f"{__name__}.{family}") for family in FAMILIES]
    every = [law for m in modules for law in vars(m).values() if isinstance(law, Law)]
    every.sort(key=lambda law: place(law.id))
    suite = SMALLER_SUITES.get(kind)
    return tuple(law for law in every if suite is None or law.id in suite)


def unmatched(names: Iterable[str], kind: str = "stream") -> list[str]:
    """Of names that should be the id or slug of a law for this kind, those that are not."""
    known = {name for law in laws(kind) for name in (law.id, law.slug)}
    return [name for name in names if name not in known]
