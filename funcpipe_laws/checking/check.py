"""Laws on an instance: a verdict each, in the time that there is."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterable
from dataclasses import replace
from math import inf

from funcpipe_laws import catalogue
from funcpipe_laws.apart.watchdog import Watchdog
from funcpipe_laws.checking.search import Search
from funcpipe_laws.declared import clock
from funcpipe_laws.declared.instance import StreamInstance
from funcpipe_laws.declared.law import Law, Verdict
from funcpipe_laws.declared.nearest import hint
from funcpipe_laws.declared.profile import DEFAULT, PROFILES, TIMEOUT, Budget, Profile
from funcpipe_laws.experiments.turns import EACH
from funcpipe_laws.simulation.loops.stopped import TimedOut
from funcpipe_laws.simulation.process import kept_whole
from funcpipe_laws.simulation.schedule import Schedule


def check(
    instance: StreamInstance,
    laws: Iterable[Law] | None = None,
    *,
    profile: str = DEFAULT,
    budget: Budget | None = None,
) -> list[Verdict]:
    """One verdict a law: of those given, or of all that make sense for the instance's kind.

    They share the time of the profile.
    """
    if profile not in PROFILES:
        raise ValueError(f"profile={profile!r}: {hint(profile, PROFILES)}")
    chosen = list(catalogue.laws(instance.kind) if laws is None else laws)
    budget = budget or Budget(len(chosen))
    return [check_law(law, instance, profile=profile, budget=budget) for law in chosen]


def check_law(
    law: Law,
    instance: StreamInstance,
    *,
    profile: str | Profile = DEFAULT,
    schedule: Schedule | None = None,
    budget: Budget | None = None,
) -> Verdict:
    """Look for inputs and a schedule that break the law; the smallest that was found is kept.

    With `schedule`, only inputs are searched for. With `budget`, the law takes its share of a
    suite's time; without, as long as its search does. An experiment that does not come back is
    interrupted, and none can end the process: the verdict is then "crashed".
    """
    started = clock.seconds()
    missing = not_offered(law, instance)
    if missing:
        if budget is not None:
            budget.settle(started, timed_out=False)
        return Verdict(law, instance.name, "not offered", missing)
    waiver = instance.waiver(law.id, law.slug)
    effort = PROFILES[profile] if isinstance(profile, str) else profile
    share = inf if budget is None else budget.share(effort.seconds)
    timeout = TIMEOUT if budget is None else budget.timeout
    with warnings.catch_warnings(), Watchdog(timeout) as watchdog:
        # A run reports coroutines that nobody awaited itself; what dies between two runs is old.
        warnings.filterwarnings("ignore", "coroutine .* was never awaited", RuntimeWarning)
        # What an operation changes is set back below.
        warnings.filterwarnings("ignore", "The recursion limit will not be reset")
        search = Search(law, instance, schedule, watchdog, started + share)
        with kept_whole(search.abort):
            search.run(effort, shrink=not waiver)
            verdict = search.outcome.verdict()
    if budget is not None:
        budget.settle(started, timed_out=isinstance(verdict.error, TimedOut))
    if waiver and verdict.failed:
        return replace(verdict, status="waived", reason=waiver)
    if waiver and verdict.status == "held":
        return replace(verdict, status="broken", reason=f"waived ({waiver}), but it holds")
    return verdict


def not_offered(law: Law, instance: StreamInstance) -> str:
    """Why the law does not apply to the instance; empty if it does."""
    if instance.eager_tasks and sys.version_info < (3, 12):
        return "eager tasks came with Python 3.12"
    lacking = [operation for operation in law.takes if not instance.offers(operation)]
    if lacking:
        return f"no {', no '.join(lacking)}"
    for name in law.inputs:
        if name in EACH and not EACH[name](instance):
            return "none of the operations that it is about"
    if law.policy and not instance.declares(law.policy):
        return f"policy {law.policy} is not declared"
    return ""
