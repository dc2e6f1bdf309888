"""What a law is, and what can come of checking it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Tier = Literal["default", "policy"]
Status = Literal["held", "broken", "vacuous", "crashed", "not simulated", "waived", "not offered"]

FAMILIES: Mapping[str, str] = {
    "F": "functor",
    "M": "monad",
    "E": "errors",
    "Z": "laziness",
    "P": "purity",
    "R": "replay",
    "X": "independence",
    "I": "protocol",
    "S": "resources",
    "C": "cancellation",
    "G": "merging",
    "B": "bounds",
    "O": "memory",
    "T": "time",
    "A": "operators",
    "W": "wrappers",
    "K": "consumers",
    "D": "faults",
}


def place(ident: str) -> tuple[int, int]:
    """Where a law stands among all: by its family, then by its number."""
    return list(FAMILIES).index(ident[0]), int(ident[1:])


@dataclass(frozen=True, slots=True)
class Law:
    """A statement about an instance's operations, and the experiment that tests it.

    `check(bench, **inputs)` returns if the statement held for these inputs and raises `Broken` if
    it did not. The inputs are its parameters after the first, by name; `strategies.INPUTS` says how
    each is generated.
    """

    id: str
    slug: str
    words: str
    symbols: str
    check: Callable[..., None]
    takes: tuple[str, ...]
    """The operations it needs; an instance without one of them is "not offered" this law."""
    observes: tuple[str, ...]
    """What must have been seen at least once over the whole search, or the law is vacuous."""
    tier: Tier = "default"
    policy: str | None = None
    """The field of `Policy` that must be declared for a law of the policy tier to count."""
    shows_log: bool = False
    """Whether the effect log, rather than the items, is the point of a counterexample."""
    source: str = ""
    scope: Mapping[str, Any] | None = None
    """Small inputs of which every schedule is tried, as far as the profile allows."""
    once: bool = False
    """Nothing is drawn: one experiment for each operation says all."""
    least: int = 5
    """Inputs tried for each operation of a law that takes every operation in turn."""

    @property
    def family(self) -> str:
        """The family's name, from the letter of the id."""
        return FAMILIES[self.id[0]]

    @property
    def inputs(self) -> tuple[str, ...]:
        """The names of the inputs that the experiment takes."""
        return tuple(inspect.signature(self.check).parameters)[1:]

    def __str__(self) -> str:
        return f"{self.id} {self.slug}"


def law(
    ident: str,
    slug: str,
    *,
    words: str,
    symbols: str,
    takes: tuple[str, ...],
    observes: tuple[str, ...],
    policy: str | None = None,
    shows_log: bool = False,
    source: str = "",
    scope: Mapping[str, Any] | None = None,
    once: bool = False,
    least: int = 5,
) -> Callable[[Callable[..., None]], Law]:
    """Turn an experiment into a `Law`; naming a policy puts it into the policy tier."""

    def made(check: Callable[..., None]) -> Law:
        tier: Tier = "policy" if policy else "default"
        return Law(
            id=ident,
            slug=slug,
            words=words,
            symbols=symbols,
            check=check,
            takes=takes,
            observes=observes,
            tier=tier,
            policy=policy,
            shows_log=shows_log,
            source=source,
            scope=scope,
            once=once,
            least=least,
        )

    return made


CUT_SHORT = "out of time"
"""In what a verdict has seen: fewer inputs or schedules were tried than the profile asks for."""
EVERY_SCHEDULE = "all schedules of the small scope"
"""The same, with their number: none of them is left to try."""


class Broken(Exception):
    """The law does not hold: what was expected, and the traces that show it.

    Not an AssertionError: code under test may catch those.
    """

    def __init__(self, reason: str, *sides: Side) -> None:
        super().__init__(reason)
        self.reason = reason
        self.sides = sides


class NotOffered(Exception):
    """The instance lacks something that shows only while the experiment runs, such as `aclose`."""


@dataclass(frozen=True, slots=True)
class Side:
    """One trace of a counterexample, its name, and the index of the event where it goes wrong."""

    name: str
    trace: Any
    differs_at: int | None = None


@dataclass(frozen=True, slots=True)
class Counterexample:
    """The smallest failure found: inputs, schedule and traces, enough to replay it."""

    reason: str
    inputs: Mapping[str, Any]
    schedule: tuple[int, ...]
    sides: tuple[Side, ...] = ()
    confirmed: bool | None = None
    """Whether the stock loop shows it too; None if that was not tried."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of one law on one instance."""

    law: Law
    instance: str
    status: Status
    reason: str = ""
    seen: Mapping[str, int] = field(default_factory=dict)
    counterexample: Counterexample | None = None
    error: BaseException | None = None

    @property
    def failed(self) -> bool:
        """Whether a suite that contains this verdict must fail."""
        return self.status in ("broken", "vacuous", "crashed", "not simulated")
