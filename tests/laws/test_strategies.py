"""Ways to search for schedules: each makes legal choices only, and what it finds replays."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from funcpipe_laws import catalogue
from funcpipe_laws.checking.check import check_law
from funcpipe_laws.checking.replay import replay
from funcpipe_laws.declared.instance import Value
from funcpipe_laws.declared.law import Broken
from funcpipe_laws.declared.profile import PROFILES, Profile
from funcpipe_laws.experiments.bench import Bench
from funcpipe_laws.experiments.scripts import Script
from funcpipe_laws.simulation.schedule import STRATEGIES, Chooser, Delayed, Prioritised, Schedule
from tests.laws.mutants import MODEL, MUTANTS

LAWS = {law.id: law for law in catalogue.laws()}
WRONG_MERGES = [
    (mutant, law_id)
    for mutant in MUTANTS
    for law_id in mutant.killed_by
    if LAWS[law_id].family == "merging"
][:8]


def drawn(seed: int) -> Callable[[int], int]:
    """Draws that are the same every time."""
    return random.Random(seed).randrange


def merged(chooser: Chooser) -> list[int]:
    """The schedule of a merge of two sources, as it was recorded."""
    bench = Bench(MODEL, chooser)
    two = Script((Value(1), Value(2)))
    assert MODEL.merge is not None
    bench.run(MODEL.merge([bench.source(two, "s0"), bench.source(two, "s1")], max_buffer=1))
    return bench.world.recorder.picks


@pytest.mark.parametrize("name", STRATEGIES)
def test_a_schedule_is_legal_and_replays(name: str) -> None:
    """What was picked, given as a list, is picked again."""
    for seed in range(30):
        picks = merged(STRATEGIES[name](drawn(seed)))
        assert merged(Schedule(picks)) == picks


def test_delays_bound_what_is_not_quiet() -> None:
    """At most so many decisions are another than the first possibility."""
    seen = {sum(pick > 0 for pick in merged(Delayed(drawn(seed), delays=2))) for seed in range(60)}
    assert seen <= {0, 1, 2} and len(seen) > 1


def test_priorities_let_one_source_run_ahead_of_the_other() -> None:
    """Which one depends on the draw; an even draw would hardly ever let it."""
    orders = set()
    for seed in range(40):
        bench = Bench(MODEL, Prioritised(drawn(seed), changes=0))
        three = Script((Value(1), Value(2), Value(3)))
        assert MODEL.merge is not None
        stream = MODEL.merge([bench.source(three, "s0"), bench.source(three, "s1")], max_buffer=9)
        trace = bench.run(stream)
        given = [event.actor for event in trace.events if event.act == "give"]
        orders.add("".join(given))
    assert {"s0s0s0s1s1s1", "s1s1s1s0s0s0"} <= orders


@pytest.mark.parametrize("name", STRATEGIES)
@pytest.mark.parametrize(
    ("mutant", "law_id"), WRONG_MERGES, ids=[f"{m.name}-{i}" for m, i in WRONG_MERGES]
)
def test_what_a_strategy_finds_replays_from_its_list(
    mutant: object, law_id: str, name: str
) -> None:
    """A counterexample is inputs and a list of picks, however it was found."""
    instance = mutant.instance  # type: ignore[attr-defined]
    effort = Profile(100, schedules=0, strategies=(name,))
    verdict = check_law(LAWS[law_id], instance, profile=effort)
    if not verdict.failed:
        pytest.skip("needs another strategy")
    found = verdict.counterexample
    assert found is not None
    with pytest.raises(Broken):
        replay(LAWS[law_id], instance, found.inputs, Schedule(found.schedule))


def test_ci_tries_all_strategies() -> None:
    """The quick profile draws; the others take turns."""
    assert PROFILES["quick"].strategies == ("drawn",)
    assert set(PROFILES["ci"].strategies) == set(STRATEGIES)
    verdict = check_law(LAWS["G1"], MODEL, profile=Profile(60, 0, strategies=tuple(STRATEGIES)))
    assert verdict.status == "held"
