"""Checking laws: the right implementation passes, each wrong one is caught and can be replayed."""

from __future__ import annotations

import pytest

from funcpipe_laws import catalogue
from funcpipe_laws.check import check, check_law, replay
from funcpipe_laws.law import Broken, Law
from funcpipe_laws.mutants import MODEL, MUTANTS
from funcpipe_laws.schedule import Schedule

LAWS = {law.id: law for law in catalogue.laws()}
MAP_DROPS_ERR = next(m for m in MUTANTS if m.name == "map drops Err")


def test_a_failure_replays_from_what_is_printed() -> None:
    """The inputs and the schedule of a counterexample break the law again, on both loops."""
    verdict = check_law(LAWS["F1"], MAP_DROPS_ERR.instance)
    found = verdict.counterexample
    assert verdict.status == "broken" and found is not None and found.confirmed
    for stock in (False, True):
        with pytest.raises(Broken, match="emit Failure"):
            replay(
                LAWS["F1"],
                MAP_DROPS_ERR.instance,
                found.inputs,
                Schedule(found.schedule),
                stock=stock,
            )


def test_a_law_that_saw_nothing_of_interest_fails() -> None:
    """A law that observes what its inputs never produce is vacuous, not held."""
    f1 = LAWS["F1"]
    never = Law(f1.id, f1.slug, f1.words, f1.symbols, f1.check, f1.takes, (*f1.observes, "eclipse"))
    verdict = check_law(never, MODEL)
    assert (verdict.status, verdict.failed) == ("vacuous", True)
    assert "eclipse" in verdict.reason


def test_verdicts_count_what_was_observed() -> None:
    """A held law says how many items, errors and runs it saw."""
    (verdict,) = check(MODEL, [LAWS["F1"]])
    assert verdict.status == "held"
    assert verdict.seen["err"] > 0 < verdict.seen["ok"] and verdict.seen["runs"] >= 20
