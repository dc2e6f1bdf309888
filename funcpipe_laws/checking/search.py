"""The search for what breaks a law: draw, walk its small scope, and make what fails smaller."""

from __future__ import annotations

import random
import traceback
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from hypothesis.errors import Flaky, HypothesisException, StopTest

from funcpipe_laws.apart.watchdog import Watchdog
from funcpipe_laws.checking.drawing import Draw, Inputs
from funcpipe_laws.checking.outcome import Outcome
from funcpipe_laws.declared import clock
from funcpipe_laws.declared.instance import StreamInstance
from funcpipe_laws.declared.law import Law, NotOffered
from funcpipe_laws.declared.profile import Profile
from funcpipe_laws.experiments.bench import Bench
from funcpipe_laws.experiments.turns import each_in_turn
from funcpipe_laws.simulation.loops.stopped import Stopped
from funcpipe_laws.simulation.schedule import (
    STRATEGIES,
    Chooser,
    Fair,
    Repeated,
    Schedule,
    every_schedule,
)
from funcpipe_laws.simulation.session import is_interrupt, no_collection
from funcpipe_laws.simulation.world import World

PATIENCE = 4
"""Searches, each from another seed, before a law that never met its interesting case is vacuous."""
FEWEST = 2
"""Inputs tried for each turn of a search, however little time there is."""
FEWEST_AGAIN = 12
"""The same of each later search, which only takes place because something was not met yet."""
AGAIN = 100
"""Inputs tried to meet a failure once more, in a search that can make it smaller."""
SHRINKING = 0.5
"""Seconds for which a failure is shrunk when the time of its law is over."""
_SEEDS = (1 << 32) - 1

Turn = Mapping[str, Any]
"""The inputs that are not drawn."""


class _EndOfSearch(BaseException):
    """Ends the search, past Hypothesis, which takes every Exception for a finding."""


class _Enough(BaseException):
    """Ends what Hypothesis draws for one part of it."""


class Search:
    """One law's search on one instance, until a moment of the clock.

    Each drawn input is tried on all that have a turn (every operation, mostly), at a schedule of
    its own; what fails there is searched for anew by Hypothesis alone, which then shrinks it.
    """

    def __init__(
        self,
        law: Law,
        instance: StreamInstance,
        schedule: Schedule | None,
        watchdog: Watchdog,
        until: float,
    ) -> None:
        self.law, self.instance, self.schedule = law, instance, schedule
        self.watchdog, self.limit = watchdog, clock.Limit(until)
        self.names = law.inputs
        self.outcome = Outcome(law, instance)
        self.interrupt: BaseException | None = None
        self.world: World | None = None
        self.length = 0

    def abort(self, reason: BaseException) -> None:
        """End the experiment that is under way, whatever the program under test catches."""
        if self.world is not None:
            self.world.abort(reason)

    def run(self, profile: Profile, *, shrink: bool) -> None:
        """Draw inputs and schedules, then walk the law's small scope; stop at the first failure."""
        try:
            self._run(profile, shrink)
        except _EndOfSearch:
            if self.interrupt is not None:
                raise self.interrupt from None

    def _run(self, profile: Profile, shrink: bool) -> None:
        self.length = profile.length
        turns = each_in_turn(self.names, self.instance)
        inputs = Inputs(self.law, self.instance, remember=profile.remember)
        for turn in turns if profile.remember else ():
            self._shrink(inputs, turn, profile, remembered=True)
        for number in range(PATIENCE):
            if self.outcome.failure is not None:
                return
            failed = self._screen(inputs, turns, profile, number)
            if failed is not None:
                if self._is_steady() and shrink and (inputs.drawn or self._decided()):
                    self._shrink(inputs, failed, profile)
                return
            if self.outcome.offered_nothing or not self.outcome.unseen():
                break
        if self.law.scope is not None and self.schedule is None:
            self._walk(self.law.scope, profile.schedules)

    def _screen(
        self, inputs: Inputs, turns: Sequence[Turn], profile: Profile, number: int
    ) -> Turn | None:
        """Try drawn inputs on all that have a turn; whose turn it was when the law broke."""
        law = self.law
        share = max(law.least, profile.examples // len(turns)) if turns[1:] else profile.examples
        # What a law sees must not depend on how fast the machine is.
        fewest = FEWEST_AGAIN if number and not law.once else FEWEST
        tried = 0
        failed: Turn | None = None

        def experiments(draw: Draw, drawn: dict[str, Any]) -> None:
            nonlocal tried, failed
            # One draw stands for all decisions of a schedule: a few of them take longer than a run.
            seed = draw(0, _SEEDS) if self.instance.kind != "sync" else 0
            decided = False
            for position, turn in enumerate(turns):
                if tried >= fewest or (law.once and position):  # it takes as long as a hundred
                    self._end_if_over()
                chooser = self._chooser(profile, _decisions(seed, position))
                try:
                    self._experiment(chooser, self._named(drawn, turn))
                except Exception:
                    failed = turn
                    raise _Enough from None
                decided = decided or self._decided()
            tried += 1
            if not inputs.drawn and not decided:
                raise _Enough  # Each other experiment would be this one.

        with suppress(_Enough):
            inputs.search(experiments, examples=1 if law.once else share, number=number)
        return failed

    def _shrink(
        self, inputs: Inputs, turn: Turn, profile: Profile, *, remembered: bool = False
    ) -> None:
        """Search for a failure of this turn, or take one that is remembered, and make it smaller.

        Not met again, a failure stays as it was.
        """
        examples = 1 if self.law.once else AGAIN

        def experiment(draw: Draw, drawn: dict[str, Any]) -> None:
            if self._is_over():
                raise _Enough
            chooser = self._chooser(profile, draw)
            self._experiment(chooser, self._named(drawn, turn))

        try:
            inputs.search(
                experiment,
                examples=examples,
                number=0,
                phases="remembered" if remembered else "shrink",
                key=turn,
            )
        except Flaky:
            self.outcome.unsteady = True
        except _Enough:
            return
        except HypothesisException:
            raise
        except Exception:
            if self.outcome.failure is None:
                raise

    def _is_steady(self) -> bool:
        """Whether the failure is there again, with the same inputs and schedule."""
        assert self.outcome.failure is not None
        _, inputs, picks = self.outcome.failure
        try:
            self._experiment(Schedule(picks), inputs)
        except Exception:
            return True
        self.outcome.unsteady = True
        return False

    def _named(self, drawn: Mapping[str, Any], turn: Turn) -> dict[str, Any]:
        """All inputs, in the law's order."""
        return {name: turn[name] if name in turn else drawn[name] for name in self.names}

    def _chooser(self, profile: Profile, draw: Draw) -> Chooser:
        if self.schedule:
            return Schedule(self.schedule.picks)
        ways = profile.strategies
        way = ways[draw(0, len(ways) - 1) if ways[1:] else 0]
        return Fair(STRATEGIES[way](lambda n: draw(0, n - 1)))

    def _decided(self) -> bool:
        """Whether there was anything to decide in the last experiment."""
        return self.world is not None and bool(self.world.recorder.picks)

    def _is_over(self) -> bool:
        """Whether the time is used up; a failure may be shrunk a little longer."""
        return self.limit.is_past(SHRINKING if self.outcome.failure is not None else 0.0)

    def _end_if_over(self) -> None:
        if self._is_over():
            self.outcome.cut_short = True
            raise _Enough

    def _walk(self, scope: Mapping[str, Any], limit: int) -> None:
        """Run the scope's inputs under every schedule there is, up to a limit.

        Schedules that lead to the same run are tried once: see `World.each_run_once`. Each that is
        given up counts all the same: of a program that polls there is no end of them.
        """
        walked = 0
        for number, chooser in enumerate(every_schedule()):
            if number >= limit:
                return
            if self._is_over():
                self.outcome.cut_short = True
                return
            try:
                self._experiment(chooser, scope, each_run_once=True)
            except Repeated:
                continue
            except Exception:
                return
            walked += 1
        self.outcome.walked(walked)

    def _experiment(
        self, chooser: Chooser, inputs: Mapping[str, Any], *, each_run_once: bool = False
    ) -> None:
        outcome = self.outcome
        bench = Bench(self.instance, chooser, length=self.length)
        bench.world.each_run_once = each_run_once
        self.world = bench.world
        stopped: Stopped | None = None
        try:
            with self.watchdog.experiment(bench.world.abort), no_collection():
                self.law.check(bench, **inputs)
        except NotOffered as exc:
            outcome.unoffered = str(exc)
        except Stopped as exc:
            # Its frames hold all that the program under test had come to hold.
            traceback.clear_frames(exc.__traceback__)
            stopped = type(exc)(*exc.args)
        except Exception as exc:
            outcome.fail(exc, bench, inputs)
            raise
        except (StopTest, Repeated):
            raise  # Hypothesis has seen enough of these inputs, or the walk has seen this run.
        except BaseException as exc:
            if is_interrupt(exc) and type(exc).__name__ != "Skipped":
                self.interrupt = exc
            else:
                outcome.fail(exc, bench, inputs)
            raise _EndOfSearch from None
        else:
            outcome.seen["examples"] += 1
        finally:
            outcome.seen.update(bench.seen)
        if stopped is not None:
            outcome.fail(stopped, bench, inputs)
            raise _EndOfSearch


def _decisions(seed: int, position: int) -> Draw:
    """The decisions of a schedule, of the turn at this position; seed 0 is the quiet one."""
    if not seed:
        return lambda least, most: least
    draw = random.Random(seed + position).random
    return lambda least, most: least + int(draw() * (most - least + 1))
