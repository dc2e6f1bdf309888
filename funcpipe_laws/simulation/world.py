"""What a program under test can touch: external events and the effect log.

A probe awaits `world.point(label)` wherever real code would await the outside: an item, a
connection, a clean-up. The schedule decides at which iteration of the loop, and in which order,
these land.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from funcpipe_laws.simulation.callouts import Callouts
from funcpipe_laws.simulation.loops.environment import Livelock
from funcpipe_laws.simulation.schedule import (
    Chooser,
    Fair,
    Prioritised,
    Recorder,
    Repeated,
    Schedule,
)

PROMPT = 5.0
"""Virtual seconds that a clean-up takes at most: a library may have a limit for it, and no clock
that runs ahead of the event makes that expire."""
LAST = 10**9
"""An iteration that no run gets to: what is to happen there happens when nothing else can."""
_NOTHING: tuple[int, frozenset[asyncio.Future[None]]] = (-1, frozenset())
MOST_EVENTS = 200_000
"""In one run; more than the longest that any law asks for, by far."""


# Not frozen: there are hundreds of thousands, and freezing one takes three times as long.
@dataclass(slots=True)
class Event:
    """One line of the effect log.

    `actor` is the probe ("out" for the consumer), `run` counts its openings, `act` is what it did
    (open, pull, give, close; call; acquire, acquired, release, released; emit, end, raise, closed).
    `time` and `step` say when on the virtual clock and at which iteration; they are for the eye,
    right implementations differ in them, so they do not take part in equality.
    """

    actor: str
    run: int
    act: str
    detail: Any = None
    time: float = field(default=0.0, compare=False)
    step: int = field(default=0, compare=False)

    def __str__(self) -> str:
        which = f"#{self.run + 1}" if self.run else ""
        detail = "" if self.detail is None else f" {self.detail!r}"
        return f"{self.actor}{which} {self.act}{detail}"


def _nothing() -> None:
    """No run is under way."""


class Expiry(NamedTuple):
    """A timer that expired: before which event of the log, when, and what had set it."""

    before: int
    time: float
    timer: str


class World:
    """One experiment's surroundings: it outlives the loops that run in it, and so does its log."""

    def __init__(self, chooser: Chooser) -> None:
        self.recorder = Recorder(chooser)
        inner = chooser.chooser if isinstance(chooser, Fair) else chooser
        self._by_name = inner if isinstance(inner, Prioritised) else None
        self._replay: Chooser | None = None
        self.log: list[Event] = []
        self.callouts = Callouts()
        self.cancel: Callable[[], object] = _nothing
        """Cancels the consumer of the run that is under way."""
        self._most = MOST_EVENTS
        self.loop: Any = None
        self.step = 0
        self.aborted: BaseException | None = None
        self._shutting = False
        self.silent = False
        """Nothing is written down: a log would keep every item alive."""
        self.clock_last = False
        """No timer expires before an event that is due."""
        self.opened: dict[str, int] = {}
        self.quiet = False
        """Events land at once, and leave nothing behind: for what counts bytes."""
        self.each_run_once = False
        """An experiment ends with `Repeated` where another schedule leads to the same run."""
        self._passed_over: tuple[int, frozenset[asyncio.Future[None]]] = _NOTHING
        self.landings: list[tuple[int, float, str]] = []
        self.expiries: list[Expiry] = []
        self._pending: list[tuple[str, asyncio.Future[None]]] = []
        self._prompt: dict[asyncio.Future[None], float] = {}
        self._alarms: deque[tuple[int, Callable[[], object]]] = deque()

    # The log

    def note(self, actor: str, act: str, detail: Any = None, run: int = 0) -> None:
        """Write one event down."""
        if self.silent:
            return
        now = self.loop.time() if self.loop is not None else 0.0
        self.log.append(Event(actor, run, act, detail, now, self.step))
        if len(self.log) > self._most:
            # A consumer that does not suspend is out of the loop's sight.
            endless = Livelock(f"still going on after {MOST_EVENTS:,} events")
            self.abort(endless)
            raise endless

    def opening(self, actor: str) -> int:
        """The number of this opening of a probe: 0, 1, 2, ..."""
        number = self.opened.get(actor, 0)
        self.opened[actor] = number + 1
        return number

    # External events

    async def point(self, label: str, *, prompt: bool = False) -> None:
        """Wait for an external event; it lands when the schedule says so.

        A `prompt` one lands before the clock has run on for `PROMPT` seconds.
        """
        if self.quiet:
            return
        future = asyncio.get_running_loop().create_future()
        entry = (label, future)
        self._pending.append(entry)
        if prompt:
            self._prompt[future] = self.loop.time() + PROMPT
        try:
            await future
        finally:
            self._prompt.pop(future, None)
            if entry in self._pending:
                self._pending.remove(entry)

    async def never(self) -> None:
        """Wait for an external event that never lands."""
        await asyncio.get_running_loop().create_future()

    def at_step(self, step: int, action: Callable[[], object]) -> None:
        """Do something at an iteration of the current loop, as an external event would."""
        self._alarms.append((step, action))

    def _cancel_when_quiet(self) -> None:
        self.at_step(LAST, self.cancel)

    def begin(self, loop: Any) -> None:
        """A new loop starts: its clock, and no event pending from an earlier one."""
        self.loop, self.step, self._shutting = loop, 0, False
        self.callouts.on_hang = self._cancel_when_quiet
        self._most = len(self.log) + MOST_EVENTS
        self._pending.clear()
        self._passed_over = _NOTHING
        self._prompt.clear()
        self._alarms.clear()

    def end(self) -> None:
        """The loop is closed: nothing of it is held, so that it goes without a collection."""
        self.loop, self.cancel, self.callouts.on_hang = None, _nothing, _nothing

    # What the loop asks (see sim.Environment)

    def waiting(self) -> bool:
        """Whether an external event is pending."""
        return bool(self._pending or self._alarms)

    def holds_clock(self, until: float) -> bool:
        """Whether an event that is pending has to land first: a prompt one, or any at all."""
        return self.clock_last or any(until > latest for latest in self._prompt.values())

    def expired(self, timer: str) -> None:
        """A timer has expired: written down beside the log, for right programs differ in it."""
        if not self.silent:
            self.expiries.append(Expiry(len(self.log), self.loop.time(), timer))

    def poll(self, idle: bool) -> None:
        """Let events land: as many as the schedule wants, at least one if nothing else can run."""
        if self.aborted is not None:
            raise self.aborted
        while self._alarms and (self._alarms[0][0] <= self.step or (idle and not self._pending)):
            self._alarms.popleft()[1]()
            idle = False
        pending = self._pending
        known = self._landed_as_well_before() if idle and self.each_run_once else frozenset()
        if known and known.issuperset(future for _, future in pending):
            raise self._repeated()
        new = not known
        if idle and pending:
            new |= self._land(self._choose_event("which event")) not in known
        while pending:
            pick = self._choose_event("another event now", "loop")
            if pick == 0:
                break
            new |= self._land(pick - 1) not in known
        if not new:
            raise self._repeated()
        if self.each_run_once:
            self._passed_over = self.loop.position(), frozenset(future for _, future in pending)
        self.step += 1

    def _landed_as_well_before(self) -> frozenset[asyncio.Future[None]]:
        """The events that the last iteration has left out, and whose turn would have been now.

        No callback has been queued since by anything but those that were queued then. Had one of
        these events landed then, after all others, its callbacks would run where they run now, one
        behind the other, and nothing could tell the difference: the run is the same. What lies
        between two events that do change places is the library's own state, which no log has:
        whether they commute is not known, so both orders are tried.
        """
        position, left_out = self._passed_over
        same = position == self.loop.position() and not self._alarms and not self._shutting
        return left_out if same else frozenset()

    def _repeated(self) -> BaseException:
        self.aborted = self.aborted or Repeated()
        return self.aborted

    def _land(self, index: int) -> asyncio.Future[None]:
        label, future = self._pending.pop(index)
        if not future.done():
            self.landings.append((self.step, self.loop.time(), label))
            future.set_result(None)
        return future

    def _choose_event(self, why: str, *before: str) -> int:
        """Which of some possibilities and, after them, the pending events it is to be."""
        if self._by_name is not None:
            self._by_name.names = (*before, *(label for label, _ in self._pending))
        return self.choose(len(before) + len(self._pending), why)

    def choose(self, n: int, why: str) -> int:
        """A decision of the schedule, recorded.

        A chooser may raise to end the experiment. User code must not swallow that, so the exception
        is kept and raised by the loop itself.
        """
        if n < 2 or self.aborted is not None:
            return 0
        try:
            return (self._replay or self.recorder).choose(n, why)
        except BaseException as exc:
            self.aborted = exc
            return 0

    @contextmanager
    def replaying(self, picks: Iterable[int]) -> Iterator[None]:
        """Inside, these picks decide, and are not recorded anew."""
        before, self._replay = self._replay, Schedule(picks)
        try:
            yield
        finally:
            self._replay = before

    def abort(self, reason: BaseException) -> None:
        """End the experiment with this exception, whatever the program under test catches."""
        if not self._shutting:
            self.aborted = self.aborted or reason

    def shut(self) -> None:
        """The run is over, only what it left behind still moves: nothing can be aborted now."""
        self.aborted, self._shutting = None, True
