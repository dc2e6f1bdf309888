"""Where a run hands control to its user's code, and the faults that a sweep lets strike there."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

_WORDS = {
    "made": "the making of {}",
    "open": "the opening of {}",
    "item": "item {n} of {}",
    "end": "the end of {}",
    "close": "the clean-up of {}",
    "call": "a call of {}",
    "acquire": "the acquisition of {}",
    "release": "the release of {}",
    "body": "the consumer's body",
}
CLEAN_UP = ("close", "release")
"""What call-outs are made for when something is given back."""


@dataclass(frozen=True, slots=True)
class Callout:
    """One moment at which the user's code has control: who, what for, and in which run of it."""

    actor: str
    act: str
    run: int = 0
    item: int | None = None
    waits: bool = True
    """Whether that code is a coroutine's; a plain function cannot wait."""

    def __str__(self) -> str:
        actor = f"{self.actor}#{self.run + 1}" if self.run else self.actor
        number = None if self.item is None else self.item + 1
        return _WORDS[self.act].format(actor, n=number)


@dataclass(frozen=True, slots=True, repr=False)
class Raises:
    """A fault: an exception."""

    kind: type[BaseException]
    text: str = "a fault"

    def make(self) -> BaseException:
        """A new exception."""
        return self.kind(self.text)

    def __repr__(self) -> str:
        return f"Raises({self.kind.__name__})"

    def __str__(self) -> str:
        return f"raises {self.kind.__name__}"


@dataclass(frozen=True, slots=True)
class Hangs:
    """A fault: it never returns, until it is cancelled."""

    def __str__(self) -> str:
        return "never returns"


@dataclass(frozen=True, slots=True)
class Delays:
    """A fault: it takes longer."""

    seconds: float = 1.0

    def __str__(self) -> str:
        return f"takes {self.seconds:g} s longer"


Fault = Raises | Hangs | Delays
Place = tuple[Callout, int]
"""A call-out of a run, and how many equal ones came before it."""
NO_FAULTS: Mapping[Place, Fault] = {}


class Callouts:
    """Counts the call-outs of a run, and lets a fault strike at some of them."""

    def __init__(self) -> None:
        self.watching = False
        """Nothing is counted otherwise: most runs are in no sweep."""
        self.reached: list[Place] = []
        self.on_hang: Callable[[], None] = lambda: None
        """Called when one begins to hang."""
        self._times: Counter[Callout] = Counter()
        self._faults: Mapping[Place, Fault] = {}

    @contextmanager
    def striking(self, faults: Mapping[Place, Fault] = NO_FAULTS) -> Iterator[list[Place]]:
        """Inside, these faults strike; the call-outs so far."""
        self.watching, self.reached, self._faults = True, [], faults
        self._times.clear()
        try:
            yield self.reached
        finally:
            self.watching, self._faults = False, NO_FAULTS

    def called(self, actor: str, act: str, run: int = 0, item: int | None = None) -> None:
        """A plain function has control."""
        fault = self._reach(Callout(actor, act, run, item, waits=False))
        if isinstance(fault, Raises):
            raise fault.make()

    async def awaited(self, actor: str, act: str, run: int = 0, item: int | None = None) -> None:
        """A coroutine has control."""
        fault = self._reach(Callout(actor, act, run, item))
        if isinstance(fault, Raises):
            raise fault.make()
        if isinstance(fault, Hangs):
            self.on_hang()
            await asyncio.get_running_loop().create_future()
        if isinstance(fault, Delays):
            await asyncio.sleep(fault.seconds)

    def _reach(self, callout: Callout) -> Fault | None:
        place = callout, self._times[callout]
        self._times[callout] += 1
        self.reached.append(place)
        return self._faults.get(place)
