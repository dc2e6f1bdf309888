"""Who decides what the environment does next: a recorded list, a live draw, or all of them in turn.

Every chooser has one method, `choose(n, why)`, which answers an int in `range(n)`. Zero is always
the quiet choice: the oldest event first, nothing before it has to be, the clock last.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol


class Chooser(Protocol):
    """Picks one of `n` possibilities; called with n >= 2 only."""

    def choose(self, n: int, why: str) -> int:
        """An int in `range(n)`; `why` says what is being decided."""
        ...


class Schedule:
    """Replays a list of picks; past its end every pick is 0.

    A pick that is out of range is taken modulo the number of possibilities, so that any list of
    ints is a legal schedule and stays one while it is being shrunk.
    """

    def __init__(self, picks: Iterable[int] = ()) -> None:
        self.picks = list(picks)
        self.position = 0

    def choose(self, n: int, why: str) -> int:
        """The next pick of the list."""
        pick = self.picks[self.position] if self.position < len(self.picks) else 0
        self.position += 1
        return pick % n

    def __repr__(self) -> str:
        return f"Schedule({self.picks})"

    @classmethod
    def parse(cls, text: str) -> Schedule:
        """A schedule as it is printed: a list of ints, `Schedule(...)` around it or not."""
        inner = text.strip().removeprefix("Schedule(").removesuffix(")")
        try:
            picks = json.loads(inner)
        except ValueError:
            picks = None
        if not isinstance(picks, list) or not all(type(pick) is int for pick in picks):
            raise ValueError(f"{text!r} is not a list of ints such as '[0, 2, 1]'")
        return cls(picks)


class Live:
    """Asks a function for each pick at the moment it is needed."""

    def __init__(self, draw: Callable[[int], int]) -> None:
        self.draw = draw

    def choose(self, n: int, why: str) -> int:
        """What the function answers for `n`."""
        return self.draw(n)


class Prioritised:
    """Probabilistic concurrency testing: whoever has the highest priority goes first, always.

    Who takes part (a source, a call, the loop, the clock) gets a priority when it is first seen; at
    some decisions whoever is ahead falls behind all others. A fault that needs `changes + 1`
    orderings is found with a probability that does not depend on how long the run is (Burckhardt,
    Kothari, Musuvathi, Nagarakatte, ASPLOS 2010). Only choices that the loop offers are made.

    Parameters: `draw(n)` answers an int in `range(n)`; how many priorities change, and within how
    many of the first decisions.
    """

    def __init__(self, draw: Callable[[int], int], *, changes: int = 2, within: int = 24) -> None:
        self.draw = draw
        self.names: tuple[str, ...] = ()
        """Who the possibilities of the next decision are; set by whoever offers it."""
        self._priorities: dict[str, int] = {}
        self._changes = {draw(within) for _ in range(changes)}
        self._decisions = self._lowest = 0

    def choose(self, n: int, why: str) -> int:
        """The possibility of the highest priority."""
        names, self.names = self.names, ()
        names = names if len(names) == n else tuple(f"{why} {i}" for i in range(n))
        actors = [name.partition(" ")[0] for name in names]
        for actor in actors:
            if actor not in self._priorities:
                self._priorities[actor] = 1 + self.draw(16)
        best = max(range(n), key=lambda i: (self._priorities[actors[i]], -i))
        if self._decisions in self._changes:
            self._lowest -= 1
            self._priorities[actors[best]] = self._lowest
            best = max(range(n), key=lambda i: (self._priorities[actors[i]], -i))
        self._decisions += 1
        return best


class Delayed:
    """Delay bounding: the quiet choice everywhere, except for a few decisions.

    The first faults of most programs need one or two of them (Emmi, Qadeer, Rakamaric, POPL 2011).
    Parameters as for `Prioritised`; `delays` is how many decisions are not the quiet one.
    """

    def __init__(self, draw: Callable[[int], int], *, delays: int = 2, within: int = 24) -> None:
        self.draw = draw
        self._at = {draw(within) for _ in range(delays)}
        self._decisions = 0

    def choose(self, n: int, why: str) -> int:
        """0, or at one of the delays any other."""
        here, self._decisions = self._decisions, self._decisions + 1
        return 1 + self.draw(n - 1) if here in self._at else 0


class Fair:
    """Another chooser's picks, for a while; then each possibility is as likely as the others.

    A program that polls ends under any fair schedule. One that lets events land for ever, and never
    the clock move, is none that a real loop would show.
    """

    PATIENCE = 1_000
    """Decisions that the other chooser has; more than almost any experiment takes."""

    def __init__(self, chooser: Chooser) -> None:
        self.chooser = chooser
        self._left = self.PATIENCE
        self._even = random.Random(1)

    def choose(self, n: int, why: str) -> int:
        """The other chooser's pick, or any."""
        if self._left:
            self._left -= 1
            return self.chooser.choose(n, why)
        return self._even.randrange(n)


STRATEGIES: dict[str, Callable[[Callable[[int], int]], Chooser]] = {
    "drawn": Live,
    "priorities": Prioritised,
    "delays": Delayed,
}
"""How a schedule is searched for, by name; the plainest first."""


class Recorder:
    """Remembers what another chooser picked, as the list that replays it."""

    def __init__(self, chooser: Chooser) -> None:
        self.chooser = chooser
        self.picks: list[int] = []

    def choose(self, n: int, why: str) -> int:
        """The other chooser's pick, written down."""
        pick = self.chooser.choose(n, why)
        self.picks.append(pick)
        return pick

    def schedule(self) -> Schedule:
        """The picks so far, without the zeros at the end that replay supplies by itself."""
        picks = list(self.picks)
        while picks and picks[-1] == 0:
            picks.pop()
        return Schedule(picks)


class Repeated(BaseException):
    """Another schedule of the walk leads to this very run: the experiment need not go on.

    Not an Exception: code under test catches those.
    """


class _Path:
    """One path through the tree of choices: a prefix, then zeros; notes the width of every fork."""

    def __init__(self, prefix: list[int]) -> None:
        self.prefix = prefix
        self.forks: list[tuple[int, int]] = []

    def choose(self, n: int, why: str) -> int:
        depth = len(self.forks)
        pick = self.prefix[depth] if depth < len(self.prefix) else 0
        self.forks.append((pick, n))
        return pick


def every_schedule() -> Iterator[Chooser]:
    """Choosers that walk the whole tree of choices, depth first, each path once.

    The caller runs the same program once with each chooser; what the program asks for decides how
    many there are. A run may be given up at any choice, such as by `Repeated`: what would have come
    below it is left out. The iterator ends when the tree is exhausted, so it ends only for programs
    that always terminate.
    """
    prefix: list[int] = []
    while True:
        path = _Path(prefix)
        yield path
        forks = path.forks
        while forks and forks[-1][0] + 1 >= forks[-1][1]:
            forks.pop()
        if not forks:
            return
        prefix = [pick for pick, _ in forks[:-1]] + [forks[-1][0] + 1]
