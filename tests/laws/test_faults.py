"""A fault at every point of a run: where it strikes, what is told, and what stays green."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from typing import Any

import pytest

from funcpipe_laws import Operator, StreamInstance
from funcpipe_laws.catalogue import laws
from funcpipe_laws.checking.check import check_law
from funcpipe_laws.checking.replay import replay as run_again
from funcpipe_laws.declared.instance import Value
from funcpipe_laws.experiments.bench import Bench
from funcpipe_laws.experiments.consumer import Plan
from funcpipe_laws.experiments.probes import FORMS
from funcpipe_laws.experiments.scripts import ItemFn, ProbeError, Script
from funcpipe_laws.experiments.striking import fault_sweep, with_failing_clean_ups
from funcpipe_laws.simulation.callouts import CLEAN_UP, Hangs, Raises
from funcpipe_laws.simulation.schedule import Schedule
from tests.laws.mutants import MODEL, MUTANTS

LAWS = {law.id: law for law in laws() if law.family == "faults"}
TWO = Script((Value(1), Value(2)))
OOPS = Raises(OSError, "oops")


def held(bench: Bench) -> Any:
    """A parallel map over a source in a resource."""
    op = bench.op
    source = op.using(bench.resource(), lambda _: bench.source(TWO))
    return op.par_map(source, bench.coroutine_function(ItemFn(())), concurrency=1)


def test_every_point_has_its_turn() -> None:
    """Sources made, opened, pulled, at their end and closed; calls; resources; the body."""
    bench = Bench(MODEL)
    told = [str(struck) for struck in fault_sweep(bench, lambda: held(bench), OOPS)]
    assert {line.removesuffix(" raises OSError") for line in told} >= {
        "the acquisition of r",
        "the making of s",
        "the opening of s",
        "item 1 of s",
        "item 2 of s",
        "the end of s",
        "the clean-up of s",
        "the release of r",
        "a call of fn",
        "a call of fn#2",
        "the consumer's body",
    }
    assert bench.seen["struck"] == len(told)


def test_a_struck_run_is_the_undisturbed_one_up_to_its_fault() -> None:
    """The schedule is repeated, so the call-out that is struck is the one that was counted."""
    bench = Bench(MODEL)
    for struck in fault_sweep(bench, lambda: held(bench), OOPS):
        events = [str(event) for event in struck.trace.events]
        usual = [str(event) for event in struck.undisturbed.events]
        first = struck.reached.index(next(iter(struck.faults)))
        same = [a == b for a, b in zip(events, usual, strict=False)]
        assert all(same[:first])
        assert isinstance(struck.trace.exception, OSError) or struck.callout.act in CLEAN_UP


def test_what_hangs_is_ended_by_a_cancel_of_the_consumer() -> None:
    """The cancel comes when nothing else can move; functions that cannot wait are left out."""
    bench = Bench(MODEL)
    swept = [*fault_sweep(bench, lambda: held(bench), Hangs())]
    assert swept and all(struck.callout.waits for struck in swept)
    assert {struck.trace.ending for struck in swept} == {"cancelled"}


def test_pairs_are_a_failure_and_a_clean_up_after_it() -> None:
    """Each clean-up that the first failure has caused fails in turn."""
    bench = Bench(MODEL)

    def make() -> Any:
        return bench.op.using(bench.resource(), lambda _: bench.source(TWO))

    plan = Plan()
    first = next(s for s in fault_sweep(bench, make, OOPS) if str(s).startswith("item 1"))
    told = [str(both) for both in with_failing_clean_ups(bench, first, make, plan)]
    assert told == [
        f"item 1 of s raises OSError, and then {clean_up} raises RuntimeError"
        for clean_up in ("the clean-up of s", "the release of r")
    ]


@pytest.mark.parametrize(
    ("name", "law_id", "sentence"),
    [
        (
            "bind closes streams in turn, unguarded",
            "D1",
            "the clean-up of k.s raises ProbeError, and s stays open",
        ),
        ("bind skips streams that cannot be made", "D2", "and the consumer sees a normal end"),
        ("using acquires again after a failure", "D3", "and afterwards: r#2 acquire"),
        (
            "map remembers a failure",
            "D4",
            "the making of s raises ProbeError; the next run differs",
        ),
        ("map of a map changes the inner one", "D5", "f: call 0, call 0"),
        ("par_map waits for its calls", "D6", "a call of fn never returns: deadlock"),
        ("buffer takes a pause for the end", "D7", "takes 1 s longer: [], not [Value(0)]"),
        ("using ends when its release fails", "D8", "and the consumer sees a normal end"),
        ("map closes generators only", "D9", "an iterator class: s#3 stays open"),
    ],
)
def test_a_fault_is_told_in_one_sentence(name: str, law_id: str, sentence: str) -> None:
    """What fails where, and what then is wrong."""
    (mutant,) = (mutant for mutant in MUTANTS if mutant.name == name)
    assert sentence in check_law(LAWS[law_id], mutant.instance).reason


async def clean(items: AsyncGenerator[Any, None]) -> AsyncGenerator[Any, None]:
    """Falsy items are left out."""
    async with aclosing(items):
        async for item in items:
            if item:
                yield item


async def ticks() -> AsyncGenerator[Any, None]:
    """A source without call-outs."""
    yield 1


OF_OPERATIONS = [ident for ident, law in LAWS.items() if not {*law.takes}]
"""Wrappers and consumers have laws of their own: tests/laws/test_wrappers.py."""


@pytest.mark.parametrize("law_id", OF_OPERATIONS)
def test_right_operators_stay_green_under_faults(law_id: str) -> None:
    """An operator, and a source; of the latter nothing but the consumer's body can fail."""
    operators = {"clean": Operator(clean), "ticks": Operator(ticks)}
    verdict = check_law(LAWS[law_id], StreamInstance(name="own", operators=operators))
    # All their items may depend on the time, for all that is known.
    assert verdict.status == ("not offered" if law_id == "D7" else "held"), verdict.reason


@pytest.mark.parametrize("form", FORMS)
def test_sources_of_every_form_deliver_the_same(form: str) -> None:
    """As the model sees them, whose map closes what it reads."""
    bench = Bench(replace(MODEL, name=form))
    trace = bench.run(bench.op.map(bench.source(TWO, form=form), lambda value: value))
    assert trace.items == [Value(1), Value(2)]


def test_a_chunk_may_raise_after_what_it_has() -> None:
    """A consumer that leaves it with its first chunk has not asked for the exception."""
    law = LAWS["D2"]
    inputs = {"subject": "chunk", "short": Script((Value(0),)), "layers": (), "flag": True}
    bench = run_again(law, MODEL, {**inputs, "fault": Raises(ProbeError)}, Schedule())
    assert bench.seen["struck"] > 3
