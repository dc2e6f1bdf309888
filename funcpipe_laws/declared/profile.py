"""How much is tried, and for how long."""

from __future__ import annotations

from argparse import ArgumentTypeError
from collections.abc import Mapping
from dataclasses import dataclass
from math import inf

from funcpipe_laws.declared import clock
from funcpipe_laws.declared.nearest import hint


@dataclass(frozen=True, slots=True)
class Profile:
    """Inputs tried a law, and schedules walked in the small scope of those that have one.

    `seconds` are for all laws on one instance: where the library is too slow, less is tried. With
    `remember`, the search differs from run to run, and Hypothesis' database (that of the user's own
    settings) keeps what failed. Without, the same code gives the same verdict, if there was time.
    """

    examples: int
    schedules: int
    length: int = 2_000
    """Items of the long streams of laws that take a subject only once."""
    seconds: float = inf
    remember: bool = False
    strategies: tuple[str, ...] = ("drawn",)
    """How schedules are searched for, each as often as the others: see `schedule.STRATEGIES`."""


_ALL = ("drawn", "priorities", "delays")
PROFILES: Mapping[str, Profile] = {
    "quick": Profile(30, schedules=50, seconds=25.0),
    "ci": Profile(250, schedules=5_000, length=100_000, seconds=1_200.0, strategies=_ALL),
    "exhaustive": Profile(
        2_000, schedules=1_000_000, length=100_000, remember=True, strategies=_ALL
    ),
}
DEFAULT = "quick"


def named(text: str) -> str:
    """A profile of an option; raises argparse's error, with the nearest, for what is none."""
    if text not in PROFILES:
        raise ArgumentTypeError(f"{text!r} is no profile; {hint(text, PROFILES)}")
    return text


TIMEOUT = 10.0
"""Seconds that one experiment may take; most take a thousandth of one."""
_SHORT = 1.0
"""The same for an instance that has used them up once: it will again, in every law."""
_LEAST = 0.05
"""Seconds that a law gets, however little is left."""
_HEADROOM = 2.0
"""A law may take so many times its part of what is left: most take less than theirs."""


class Budget:
    """The time of one suite: what a law may take of it. One for all laws on one instance.

    Parameters: the number of laws, and the seconds that one experiment may take at most.
    """

    def __init__(self, laws: int, *, timeout: float = TIMEOUT) -> None:
        self.left = laws
        self.timeout = timeout
        self.spent = 0.0
        self._timed_out = False

    def share(self, seconds: float) -> float:
        """What the next law may take, if all of them together may take `seconds`."""
        part = max(0.0, seconds - self.spent) / max(self.left, 1)
        return max(_LEAST, _HEADROOM * part)

    def allow(self, timeout: float) -> None:
        """Let one experiment take so many seconds, or any if 0, if none has timed out yet."""
        if not self._timed_out:
            self.timeout = timeout or inf

    def settle(self, started: float, *, timed_out: bool) -> None:
        """Count what a law has taken since that moment of the clock."""
        self.left -= 1
        self.spent += clock.seconds() - started
        if timed_out:
            self._timed_out = True
            self.timeout = min(self.timeout, _SHORT)
