"""Checking laws: the right implementation passes, each wrong one is caught and can be replayed."""

from __future__ import annotations

import asyncio
import sys
from contextlib import aclosing
from dataclasses import replace
from typing import Any

import pytest

from funcpipe_laws import catalogue
from funcpipe_laws.checking.check import check, check_law
from funcpipe_laws.checking.replay import replay as run_again
from funcpipe_laws.declared.instance import StreamInstance
from funcpipe_laws.declared.law import Broken, Law, law
from funcpipe_laws.declared.profile import PROFILES, Profile
from funcpipe_laws.experiments.bench import Bench
from funcpipe_laws.experiments.consumer import Shell
from funcpipe_laws.experiments.scripts import Script
from funcpipe_laws.simulation.schedule import Schedule
from tests.laws.mutants import MODEL, MUTANTS

LAWS = {law.id: law for law in catalogue.laws()}
MAP_DROPS_ERR = next(m for m in MUTANTS if m.name == "map drops Err")


def test_a_failure_replays_from_what_is_printed() -> None:
    """The inputs and the schedule of a counterexample break the law again, on both loops."""
    verdict = check_law(LAWS["F1"], MAP_DROPS_ERR.instance)
    found = verdict.counterexample
    assert verdict.status == "broken" and found is not None and found.confirmed
    for stock in (False, True):
        with pytest.raises(Broken, match="emit Failure"):
            run_again(
                LAWS["F1"],
                MAP_DROPS_ERR.instance,
                found.inputs,
                Schedule(found.schedule),
                stock=stock,
            )


def test_a_law_that_saw_nothing_of_interest_fails() -> None:
    """A law that observes what its inputs never produce is vacuous, not held."""
    never = replace(LAWS["F1"], observes=(*LAWS["F1"].observes, "eclipse"))
    verdict = check_law(never, MODEL)
    assert (verdict.status, verdict.failed) == ("vacuous", True)
    assert "eclipse" in verdict.reason


def test_verdicts_count_what_was_observed() -> None:
    """A held law says how many items, errors and runs it saw."""
    (verdict,) = check(MODEL, [LAWS["F1"]])
    assert verdict.status == "held"
    assert verdict.seen["err"] > 0 < verdict.seen["ok"] and verdict.seen["runs"] >= 20


def _law(check: Any, **changes: Any) -> Law:
    """A law made up for a test."""
    given = {"words": "", "symbols": "", "takes": (), "observes": ()}
    return law("F99", "functor.made_up", **(given | changes))(check)


def test_small_scopes_are_walked_through_every_schedule() -> None:
    """A law with a scope says how many schedules there are, and that they were all of them."""

    def race(bench: Bench, take: int) -> None:
        async def consumer(shell: Shell) -> None:
            await asyncio.gather(*(shell.point(str(n)) for n in range(take)))

        bench.drive(consumer)

    verdict = check_law(_law(race, scope={"take": 3}), MODEL, profile="ci")
    assert verdict.seen["all schedules of the small scope"] > 6
    held = check_law(_law(race, scope={"take": 9}), MODEL)
    assert "all schedules of the small scope" not in held.seen


def test_the_walk_of_a_program_that_polls_ends() -> None:
    """There is no end of schedules for it, however many of them lead to the same run."""
    runs = 0

    def polls(bench: Bench, take: int) -> None:
        nonlocal runs
        runs += 1
        assert runs < 1_000

        async def consumer(shell: Shell) -> None:
            waiting = [asyncio.ensure_future(shell.point(str(n))) for n in range(take)]
            while not all(each.done() for each in waiting):  # noqa: ASYNC110 - what is tested
                await asyncio.sleep(0.001)

        bench.drive(consumer)

    verdict = check_law(_law(polls, scope={"take": 2}), MODEL)
    quick = PROFILES["quick"]
    assert verdict.status == "held" and runs <= quick.examples + quick.schedules


@pytest.mark.parametrize("strategy", ["drawn", "priorities", "delays"])
def test_no_schedule_is_unfair_for_ever(strategy: str) -> None:
    """Each wait of the outside is followed by another: a timer expires among them nevertheless."""

    def waits(bench: Bench, take: int) -> None:
        async def busy(shell: Shell) -> None:
            while True:
                await shell.point("again")

        async def consumer(shell: Shell) -> None:
            other = asyncio.ensure_future(busy(shell))
            await asyncio.sleep(1.0)
            other.cancel()

        bench.drive(consumer)

    effort = Profile(20, schedules=0, strategies=(strategy,))
    verdict = check_law(_law(waits), MODEL, profile=effort)
    assert verdict.status == "held", verdict.reason


def test_a_failure_found_only_by_the_walk_is_a_failure() -> None:
    """What the search misses and the walk finds breaks the law, with its schedule."""

    def rare(bench: Bench, take: int) -> None:
        trace = bench.run(bench.one(1))
        bench.expect(take < 7 or bench.world.choose(4, "") < 3, "the last of four", trace)

    verdict = check_law(_law(rare, scope={"take": 7}), MODEL)
    assert verdict.status == "broken" and verdict.counterexample is not None
    assert verdict.counterexample.schedule == (3,)


def test_a_program_that_is_not_deterministic_is_named_as_such() -> None:
    """A law that breaks now and then is broken, and the reason says that it is unsteady."""
    turns = iter(range(10_000))

    def flaky(bench: Bench, take: int) -> None:
        bench.expect(next(turns) != 3, "the fourth time", bench.run(bench.one(1)))

    verdict = check_law(_law(flaky), MODEL)
    assert verdict.status == "broken" and "not every time" in verdict.reason


def test_an_error_in_the_operations_is_a_crash_with_its_inputs() -> None:
    """An operation that raises while it is applied fails the law and shows the inputs."""

    def broken_map(gen: Any, f: Any) -> Any:
        raise TypeError("no map today")

    verdict = check_law(LAWS["F1"], replace(MODEL, map=broken_map))
    assert (verdict.status, verdict.failed) == ("crashed", True)
    assert "TypeError: no map today" in verdict.reason
    assert verdict.counterexample is not None and "source" in verdict.counterexample.inputs


def test_what_is_not_offered_is_not_a_pass() -> None:
    """A missing operation, or an iterator without aclose, leaves the law as not offered."""
    assert check_law(LAWS["F1"], replace(MODEL, map=None)).status == "not offered"

    class NoClose:
        def __init__(self, iterator: Any) -> None:
            self.iterator = iterator

        def __aiter__(self) -> Any:
            return self

        def __anext__(self) -> Any:
            return self.iterator.__anext__()

    verdict = check_law(LAWS["S14"], replace(MODEL, open=lambda thunk: NoClose(thunk())))
    assert (verdict.status, verdict.reason) == ("not offered", "its iterators have no aclose()")


def test_interrupting_the_search_ends_it() -> None:
    """Ctrl-C during a run is not taken for something that the stream did."""

    def interrupted(gen: Any, f: Any) -> Any:
        async def stream() -> Any:
            async for item in gen():
                yield item
            raise KeyboardInterrupt

        return stream

    with pytest.raises(KeyboardInterrupt):
        check_law(LAWS["F1"], replace(MODEL, map=interrupted))


def test_instances_without_a_result_type_run_the_laws_on_values() -> None:
    """Streams of raw values with exceptions as errors need no Result type."""

    def raw_map(gen: Any, f: Any) -> Any:
        async def stream() -> Any:
            async with aclosing(gen()) as items:
                async for item in items:
                    yield f(item)

        return stream

    instance = StreamInstance(name="raw", map=raw_map)
    verdict = check_law(LAWS["F1"], instance)
    assert verdict.status == "held" and verdict.seen["ok"] > 0 and "err" not in verdict.seen


EAGER = sys.version_info >= (3, 12)


@pytest.mark.skipif(EAGER, reason="for Python 3.11")
def test_without_eager_tasks_their_instances_are_not_offered() -> None:
    """On Python 3.11 no law can be run under eager tasks, and the verdict says why."""
    verdict = check_law(LAWS["F1"], replace(MODEL, eager_tasks=True))
    assert (verdict.status, verdict.reason) == ("not offered", "eager tasks came with Python 3.12")


@pytest.mark.skipif(not EAGER, reason="eager tasks came with Python 3.12")
def test_eager_tasks_are_an_instance_of_their_own() -> None:
    """A library can be checked on loops whose tasks are eager, where Python has them."""
    began: list[str] = []

    def spawning(gen: Any, f: Any) -> Any:
        async def stream() -> Any:
            async def note() -> None:
                began.append("task")

            task = asyncio.create_task(note())
            began.append("after")
            await task
            async with aclosing(gen()) as items:
                async for item in items:
                    yield item

        return stream

    verdict = check_law(LAWS["F1"], replace(MODEL, map=spawning, eager_tasks=True))
    assert verdict.status == "held" and began[:2] == ["task", "after"]


def test_a_rare_case_is_searched_for_before_a_law_is_called_vacuous() -> None:
    """What the first search happens to miss is looked for from other seeds."""
    turns = iter(range(10_000))

    def shy(bench: Bench, source: Script) -> None:
        bench.run(bench.source(source))
        if next(turns) >= PROFILES["quick"].examples:
            bench.saw("rarity")

    assert check_law(_law(shy, observes=("rarity",)), MODEL).status == "held"


def _mutants_side(name: str, law_id: str) -> Any:
    """The trace that shows a mutant's fault."""
    instance = next(mutant.instance for mutant in MUTANTS if mutant.name == name)
    law = next(law for law in catalogue.laws() if law.id == law_id)
    found = check_law(law, instance).counterexample
    assert found is not None
    return found.sides[0].trace


def test_a_hung_run_is_reported_as_it_hung() -> None:
    """What ends it afterwards, to go on to the next, is late, and no leak of the program's."""
    trace = _mutants_side("merge of nothing waits for ever", "G3")
    assert [event.act for event in trace.events] == []
    assert [event.act for event in trace.late] == ["cancelled", "closed"]
    assert trace.leaks.tasks == ()


def test_a_cancel_is_on_the_line_of_the_run_that_it_strikes() -> None:
    """Of a sweep's many runs, the one that is shown reads as one."""
    trace = _mutants_side("map swallows CancelledError", "C1")
    assert {event.run for event in trace.events if event.actor == "out"} == {
        next(event.run for event in trace.events if event.act == "cancel")
    }
