"""What a loop asks of the world around it, and how it says that a run does not end."""

from __future__ import annotations

from typing import Protocol


class Deadlock(Exception):
    """Nothing can run: no callback is ready, no timer is set, no external event is pending."""


class Livelock(Exception):
    """The program was still running after the number of iterations that it was allowed."""


class Environment(Protocol):
    """The world outside of the loop, as far as the loop needs it."""

    def waiting(self) -> bool:
        """Whether an external event is pending."""
        ...

    def holds_clock(self, until: float) -> bool:
        """Whether an event that is pending lands before the clock gets to that instant."""
        ...

    def expired(self, timer: str) -> None:
        """A timer of this name has expired."""
        ...

    def poll(self, idle: bool) -> None:
        """Let external events land; at least one if `idle`."""
        ...

    def choose(self, n: int, why: str) -> int:
        """Decide what asyncio leaves undecided."""
        ...


class Quiet:
    """An environment in which nothing happens and every undecided order is the oldest first."""

    def waiting(self) -> bool:
        """No event is ever pending."""
        return False

    def holds_clock(self, until: float) -> bool:
        """Nothing does."""
        return False

    def expired(self, timer: str) -> None:
        """Nobody writes it down."""

    def poll(self, idle: bool) -> None:
        """Nothing lands."""

    def choose(self, n: int, why: str) -> int:
        """The first possibility."""
        return 0
