"""What a search has seen and found, and the verdict that it amounts to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from funcpipe_laws.checking.replay import confirms
from funcpipe_laws.declared.instance import StreamInstance
from funcpipe_laws.declared.law import (
    CUT_SHORT,
    EVERY_SCHEDULE,
    Broken,
    Counterexample,
    Law,
    Verdict,
)
from funcpipe_laws.experiments.bench import Bench
from funcpipe_laws.experiments.turns import EACH
from funcpipe_laws.finding.trying.fit import fitted_operators
from funcpipe_laws.simulation.loops.stopped import NotSimulated, Stopped

_UNSTEADY = (
    "\n(not every time: with the same inputs and schedule it also held, so the program under test"
    " depends on something else)"
)


class Outcome:
    """One law's search on one instance, as far as it has got."""

    def __init__(self, law: Law, instance: StreamInstance) -> None:
        self.law, self.instance = law, instance
        self.seen: Counter[str] = Counter()
        self.failure: tuple[BaseException, Mapping[str, Any], tuple[int, ...]] | None = None
        self.unoffered = ""
        self.unsteady = self.cut_short = False

    def fail(self, exc: BaseException, bench: Bench, inputs: Mapping[str, Any]) -> None:
        """This experiment has broken the law; a later one, of a smaller input, takes its place."""
        if self.failure is None:
            self.seen["examples until broken"] = self.seen["examples"] + 1
        self.failure = exc, inputs, tuple(bench.world.recorder.schedule().picks)

    def walked(self, schedules: int) -> None:
        """All schedules of the small scope were tried; so many lead to different runs."""
        if schedules:
            self.seen[EVERY_SCHEDULE] = schedules

    @property
    def offered_nothing(self) -> bool:
        """Whether the law does not apply, as its experiments have shown."""
        return bool(self.unoffered) and not self.seen["examples"]

    def unseen(self) -> list[str]:
        """What the law is about and no experiment has shown."""
        return [w for w in self.law.observes if not self.seen[w] and self._possible(w)]

    def verdict(self) -> Verdict:
        """What the search amounts to."""
        law, name = self.law, self.instance.name
        if self.cut_short:
            self.seen[CUT_SHORT] += 1
        seen = dict(self.seen)
        if self.failure is not None:
            return self._failed(*self.failure, seen)
        if self.offered_nothing:
            return Verdict(law, name, "not offered", self.unoffered, seen)
        unseen = self.unseen()
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
        unsteady = _UNSTEADY * self.unsteady
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
