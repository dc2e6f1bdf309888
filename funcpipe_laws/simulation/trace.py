"""What one run did: timed events in order, how it ended, what it left behind."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from funcpipe_laws.declared.instance import Item
from funcpipe_laws.declared.law import Broken, Side
from funcpipe_laws.simulation.loops.leftovers import Leaks
from funcpipe_laws.simulation.world import Event, Expiry

Ending = Literal["returned", "raised", "cancelled", "deadlock", "livelock"]
Told = tuple[str, int, str, object]


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """One run of a consumer over a stream.

    `events` is the effect log up to the moment the consumer finished; `late` is what still happened
    afterwards, when the loop was shut down. The consumer's own lines have the actor "out".
    `landings` is the schedule as it came about: iteration, virtual time and name of each external
    event. `expiries` are the timers that expired before the consumer had finished, each before an
    event of this number.
    """

    events: tuple[Event, ...]
    ending: Ending
    exception: BaseException | None
    leaks: Leaks
    late: tuple[Event, ...]
    steps: int
    landings: tuple[tuple[int, float, str], ...] = ()
    expiries: tuple[Expiry, ...] = ()

    @property
    def items(self) -> list[Item]:
        """What the consumer received, in order."""
        return [
            event.detail for event in self.events if (event.actor, event.act) == ("out", "emit")
        ]

    @property
    def outcome(self) -> str:
        """How it ended, in words: "returned", or "raised ValueError('x')"."""
        shown = "" if self.exception is None or self.ending == "cancelled" else self.exception
        return f"{self.ending} {shown!r}" if shown else self.ending

    def is_late(self, actor: str, act: str) -> bool:
        """Whether such an event happened, but only when control was back with the consumer."""
        return any((e.actor, e.act) == (actor, act) for e in self.late)

    def of(self, actor: str, *acts: str) -> list[Event]:
        """The events of one actor; only these acts if any are named."""
        return [e for e in self.events if e.actor == actor and (not acts or e.act in acts)]

    def count(self, act: str, actor: str | None = None) -> int:
        """How many events of this act there are."""
        return sum(e.act == act and actor in (None, e.actor) for e in self.events)

    def index(self, actor: str, act: str) -> int | None:
        """The position of the first such event."""
        found = (i for i, e in enumerate(self.events) if (e.actor, e.act) == (actor, act))
        return next(found, None)

    def first_lap(self) -> Trace:
        """What came before a run began to repeat itself, and the first round of that."""
        acts = [(event.actor, event.act) for event in self.events]
        end = _first_lap(acts)
        landings = self.landings[: end or None]
        events = self.events[:end]
        expiries = tuple(each for each in self.expiries if each.before < len(events))
        return replace(self, events=events, late=(), landings=landings, expiries=expiries)

    def story(self, ignoring: Collection[str] = ()) -> tuple[Told, ...]:
        """What equality compares: who did what, in order, without times.

        Openings are renumbered from 0, so that a second run of a description reads like the first.
        `ignoring` names acts, or actors, to leave out.
        """
        return tuple(entry for _, entry in self._told(ignoring))

    def told(
        self, ignoring: Collection[str] = (), *, apart: bool = False
    ) -> dict[Hashable, list[tuple[int, Told]]]:
        """The story with the position of each event; with `apart`, by actor and run."""
        stories: dict[Hashable, list[tuple[int, Told]]] = {}
        for position, entry in self._told(ignoring):
            stories.setdefault(entry[:2] if apart else None, []).append((position, entry))
        return stories

    def _told(self, ignoring: Collection[str]) -> Iterator[tuple[int, Told]]:
        numbers: dict[tuple[str, int], int] = {}
        count: dict[str, int] = {}
        for position, event in enumerate(self.events):
            if event.act in ignoring or event.actor in ignoring:
                continue
            key = (event.actor, event.run)
            if key not in numbers:
                numbers[key] = count.get(event.actor, 0)
                count[event.actor] = numbers[key] + 1
            yield position, (event.actor, numbers[key], event.act, event.detail)

    def unreleased(self, *, started: bool = False) -> list[str]:
        """Resources acquired and sources opened that were not released or closed by the end.

        With `started`, a release that has begun counts as done: a cancel may have interrupted it.
        """
        ends = ("release", "closing") if started else ("released", "close")
        held: dict[tuple[str, int], str] = {}
        for event in self.events:
            key = (event.actor, event.run)
            if event.act in ("acquired", "open"):
                held[key] = f"{event.actor}#{event.run + 1}" if event.run else event.actor
            elif event.act in ends:
                held.pop(key, None)
        return list(held.values())


_LAPS = 3
"""Rounds at the end that must be the same, for a period to be one."""
_LONGEST = 200
"""Events of a lap that is looked for; shown of a run whose period is longer."""


def _first_lap(acts: list[tuple[str, str]]) -> int:
    """How many events there are up to the end of the first lap."""
    for period in range(1, min(_LONGEST, len(acts) // _LAPS) + 1):
        if acts[-_LAPS * period :] == acts[-period:] * _LAPS:
            start = len(acts) - period
            while start and acts[start - 1] == acts[start - 1 + period]:
                start -= 1
            return start + period
    return min(len(acts), _LONGEST)


def first_difference(
    left: Trace, right: Trace, ignoring: Collection[str] = (), *, apart: bool = False
) -> tuple[int, int] | None:
    """The positions in both event lists where the stories part, or None if they are the same.

    With `apart`, the story of each run of each probe is compared by itself.
    """
    a, b = left.told(ignoring, apart=apart), right.told(ignoring, apart=apart)
    for key in {**a, **b}:
        where = _parting(a.get(key, []), b.get(key, []), len(left.events), len(right.events))
        if where is not None:
            return where
    if left.ending != right.ending:
        return len(left.events), len(right.events)
    return None


def _parting(
    a: list[tuple[int, Told]], b: list[tuple[int, Told]], end_of_a: int, end_of_b: int
) -> tuple[int, int] | None:
    for (i, told), (j, other) in zip(a, b, strict=False):
        if not same(told, other):
            return i, j
    if len(a) == len(b):
        return None
    shorter = min(len(a), len(b))
    i = a[shorter][0] if shorter < len(a) else end_of_a
    j = b[shorter][0] if shorter < len(b) else end_of_b
    return i, j


def same(a: object, b: object) -> bool:
    """Equality that tells True from 1 and 1 from 1.0, at the top and inside items and tuples."""
    if isinstance(a, tuple) and isinstance(b, tuple):
        return len(a) == len(b) and all(map(same, a, b))
    if type(a) is not type(b):
        return False
    for name in ("value", "error"):
        if isinstance(a, Item) and hasattr(a, name):
            return same(getattr(a, name), getattr(b, name))
    return bool(a == b) or (a != a and b != b)


def compare(
    left: Trace,
    right: Trace,
    *,
    names: tuple[str, str] = ("left", "right"),
    ignoring: Collection[str] = (),
    apart: bool = False,
) -> None:
    """Raise `Broken`, with both sides and the place, unless the two tell the same story."""
    where = first_difference(left, right, ignoring, apart=apart)
    if where is None:
        return
    i, j = where
    first = _event_at(left, i)
    second = _event_at(right, j)
    raise Broken(
        f"{names[0]}: {first}; {names[1]}: {second}",
        Side(names[0], left, i),
        Side(names[1], right, j),
    )


def _event_at(trace: Trace, index: int) -> str:
    return str(trace.events[index]) if index < len(trace.events) else f"ended ({trace.ending})"
