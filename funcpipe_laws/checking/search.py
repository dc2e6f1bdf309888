"""The search for what breaks a law: draw, walk its small scope, shrink, and count what was seen."""

from __future__ import annotations

import traceback
import zlib
from collections import Counter
from collections.abc import Mapping
from typing import Any

from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Flaky, HypothesisException, StopTest

from funcpipe_laws.apart.watchdog import Watchdog
from funcpipe_laws.checking.replay import confirms
from funcpipe_laws.declared import clock
from funcpipe_laws.declared.instance import StreamInstance
from funcpipe_laws.declared.law import (
    CUT_SHORT,
    EVERY_SCHEDULE,
    Broken,
    Counterexample,
    Law,
    NotOffered,
    Verdict,
)
from funcpipe_laws.declared.profile import Profile
from funcpipe_laws.experiments.bench import Bench
from funcpipe_laws.experiments.strategies import EACH, INPUTS, each_in_turn
from funcpipe_laws.finding.trying.fit import fitted_operators
from funcpipe_laws.simulation.loops.stopped import NotSimulated, Stopped
from funcpipe_laws.simulation.schedule import (
    STRATEGIES,
    Chooser,
    Repeated,
    Schedule,
    every_schedule,
)
from funcpipe_laws.simulation.session import is_interrupt
from funcpipe_laws.simulation.world import World

PATIENCE = 4
"""Searches, each from another seed, before a law that never met its interesting case is vacuous."""
FEWEST = 2
"""Inputs tried for each turn of a search, however little time there is."""
FEWEST_AGAIN = 12
"""The same of each later search, which only takes place because something was not met yet."""
SHRINKING = 0.5
"""Seconds for which a failure is shrunk when the time of its law is over."""


class _EndOfSearch(BaseException):
    """Ends a search, past Hypothesis, which takes every Exception for a finding."""


class Search:
    """One law's search on one instance, until a moment of the clock."""

    def __init__(
        self,
        law: Law,
        instance: StreamInstance,
        schedule: Schedule | None,
        watchdog: Watchdog,
        until: float,
    ) -> None:
        self.law, self.instance, self.schedule = law, instance, schedule
        self.watchdog, self.until = watchdog, until
        self.seen: Counter[str] = Counter()
        self.failure: tuple[BaseException, Mapping[str, Any], tuple[int, ...]] | None = None
        self.unoffered = ""
        self.unsteady = self.cut_short = False
        self.interrupt: BaseException | None = None
        self.world: World | None = None
        self.walked = 0
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
        turns = each_in_turn(self.law.inputs, self.instance)
        share = (
            max(self.law.least, profile.examples // len(turns)) if turns[1:] else profile.examples
        )
        if self.law.once:
            share = 1
        for attempt in range(PATIENCE):
            started = clock.seconds()
            for number, fixed in enumerate(turns, 1):
                if self.law.once and number > 1 and self._is_over(self.until):
                    self.cut_short = True  # one of them takes as long as a hundred others
                    break
                until = started + (self.until - started) * number / len(turns)
                self._draw(profile, share, shrink, fixed, attempt, until)
                if self.failure is not None:
                    return
            if self._offered_nothing() or not self._unseen():
                break
        if self.law.scope is not None and self.schedule is None:
            self._walk(self.law.scope, profile.schedules)

    def _draw(
        self,
        profile: Profile,
        examples: int,
        shrink: bool,
        fixed: Mapping[str, Any],
        attempt: int,
        until: float,
    ) -> None:
        phases = (Phase.explicit, Phase.reuse, Phase.generate, *([Phase.shrink] * shrink))
        configured = settings(
            max_examples=examples,
            phases=phases,
            deadline=None,
            database=settings.default.database if profile.remember and settings.default else None,
            verbosity=Verbosity.quiet,
            print_blob=False,
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        )
        strategies = {
            name: st.just(fixed[name]) if name in fixed else INPUTS[name](self.instance)
            for name in self.law.inputs
        }
        tried = 0
        # What a law sees must not depend on how fast the machine is.
        fewest = FEWEST_AGAIN if attempt and not self.law.once else FEWEST

        def experiment(data: st.DataObject, inputs: dict[str, Any]) -> None:
            nonlocal tried
            if tried >= fewest and self._is_over(until):
                self.cut_short = True
                raise _EndOfSearch
            tried += 1
            # Not data.draw: what it does besides, for its report, takes longer than a run.
            pick = data.conjecture_data.draw_integer
            if self.schedule:
                self._experiment(Schedule(self.schedule.picks), inputs)
                return
            several = len(profile.strategies) > 1
            strategy = profile.strategies[pick(0, len(profile.strategies) - 1) if several else 0]
            self._experiment(STRATEGIES[strategy](lambda n: pick(0, n - 1)), inputs)

        # What Hypothesis remembers is filed under the function's name and source.
        experiment.__qualname__ = f"{self.law} on {self.instance.name} {dict(fixed)}"
        if not profile.remember:
            # For its database, Hypothesis tokenizes the source of what it runs; here there is none.
            experiment.__code__ = experiment.__code__.replace(co_filename="<an experiment>")
        searching = configured(given(st.data(), st.fixed_dictionaries(strategies))(experiment))
        if not profile.remember:
            searching = seed(zlib.crc32(self.law.id.encode()) + attempt)(searching)
        try:
            searching()
        except Flaky:
            self.unsteady = True
        except _EndOfSearch:
            if not self.cut_short:
                raise
        except HypothesisException:
            raise
        except Exception:
            if self.failure is None:
                raise

    def _is_over(self, until: float) -> bool:
        """Whether the time is used up; a failure may be shrunk a little longer."""
        over = clock.seconds() - until
        return over > (SHRINKING if self.failure is not None else 0.0)

    def _walk(self, scope: Mapping[str, Any], limit: int) -> None:
        """Run the scope's inputs under every schedule there is, up to a limit.

        Schedules that lead to the same run are tried once: see `World.each_run_once`. Each that is
        given up counts all the same: of a program that polls there is no end of them.
        """
        for number, chooser in enumerate(every_schedule()):
            if number >= limit:
                return
            if self._is_over(self.until):
                self.cut_short = True
                return
            try:
                self._experiment(chooser, scope, each_run_once=True)
            except Repeated:
                continue
            except Exception:
                return
            self.walked += 1
        if self.walked:
            self.seen[EVERY_SCHEDULE] = self.walked

    def _experiment(
        self, chooser: Chooser, inputs: Mapping[str, Any], *, each_run_once: bool = False
    ) -> None:
        bench = Bench(self.instance, chooser, length=self.length)
        bench.world.each_run_once = each_run_once
        self.world = bench.world
        stopped: Stopped | None = None
        try:
            with self.watchdog.experiment(bench.world.abort):
                self.law.check(bench, **inputs)
        except NotOffered as exc:
            self.unoffered = str(exc)
        except Stopped as exc:
            # Its frames hold all that the program under test had come to hold.
            traceback.clear_frames(exc.__traceback__)
            stopped = type(exc)(*exc.args)
        except Exception as exc:
            self._fail(exc, bench, inputs)
            raise
        except (StopTest, Repeated):
            raise  # Hypothesis has seen enough of these inputs, or the walk has seen this run.
        except BaseException as exc:
            if is_interrupt(exc) and type(exc).__name__ != "Skipped":
                self.interrupt = exc
            else:
                self._fail(exc, bench, inputs)
            raise _EndOfSearch from None
        else:
            self.seen["examples"] += 1
        finally:
            self.seen.update(bench.seen)
        if stopped is not None:
            self._fail(stopped, bench, inputs)
            raise _EndOfSearch

    def _fail(self, exc: BaseException, bench: Bench, inputs: Mapping[str, Any]) -> None:
        if self.failure is None:
            self.seen["examples until broken"] = self.seen["examples"] + 1
        self.failure = exc, inputs, tuple(bench.world.recorder.schedule().picks)

    def verdict(self) -> Verdict:
        """What the search amounts to."""
        law, name = self.law, self.instance.name
        if self.cut_short:
            self.seen[CUT_SHORT] += 1
        seen = dict(self.seen)
        if self.failure is not None:
            return self._failed(*self.failure, seen)
        if self._offered_nothing():
            return Verdict(law, name, "not offered", self.unoffered, seen)
        unseen = self._unseen()
        if unseen and self._is_silent():
            reason = "of what it is given it delivers nothing: `values=` says what items may hold"
            return Verdict(law, name, "not offered", reason, seen)
        if unseen:
            reason = f"never observed: {', '.join(unseen)}"
            if self.cut_short:
                reason += f"; there was time for {seen.get('examples', 0)} inputs"
            return Verdict(law, name, "vacuous", reason, seen)
        return Verdict(law, name, "held", "", seen)

    def _failed(
        self,
        exc: BaseException,
        inputs: Mapping[str, Any],
        picks: tuple[int, ...],
        seen: Mapping[str, int],
    ) -> Verdict:
        law, name = self.law, self.instance.name
        unsteady = (
            "\n(not every time: with the same inputs and schedule it also held, so the program"
            " under test depends on something else)"
        ) * self.unsteady
        if isinstance(exc, NotSimulated):
            return Verdict(law, name, "not simulated", str(exc), seen, error=exc)
        if isinstance(exc, Stopped):
            found = Counterexample(str(exc), inputs, picks)
            return Verdict(law, name, "crashed", f"{exc}{unsteady}", seen, found, exc)
        if not isinstance(exc, Broken):
            reason = f"{type(exc).__name__}: {exc}{unsteady}"
            found = Counterexample(reason, inputs, picks)
            return Verdict(law, name, "crashed", reason, seen, found, exc)
        confirmed = confirms(law, self.instance, exc.reason, inputs, picks)
        found = Counterexample(exc.reason, inputs, picks, exc.sides, confirmed)
        return Verdict(law, name, "broken", exc.reason + unsteady, seen, found)

    def _offered_nothing(self) -> bool:
        return bool(self.unoffered) and not self.seen["examples"]

    def _unseen(self) -> list[str]:
        """What the law is about and no experiment has shown."""
        return [w for w in self.law.observes if not self.seen[w] and self._possible(w)]

    def _is_silent(self) -> bool:
        """Whether all that was tried are operators of which only silence is known."""
        fits = fitted_operators(self.instance)
        tried = {name.removeprefix("subject ") for name in self.seen if name.startswith("subject ")}
        return bool(tried) and all(name in fits and fits[name].silent for name in tried)

    def _possible(self, what: str) -> bool:
        instance = self.instance
        if instance.kind == "value" and what in ("several", "equal values", "many"):
            return False
        if what == "falsy" and instance.values is not None:
            return not all(instance.values)
        found = set(EACH["subject"](instance))
        if what in ("open", "many", "failed in") and not EACH["over"](instance):
            return False  # None of them has a source.
        if what in ("ok", "emit", "struck") and found <= {"empty"}:
            return False
        if what in ("cancel", "cancelled", "open") and found <= {"pure", "empty"}:
            return False  # Neither of them suspends.
        return what not in ("err", "failed in") or instance.offers("err")
