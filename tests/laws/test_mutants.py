"""Laws and mutants are paired both ways: no wrong implementation lives, no law is idle."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from funcpipe_laws import catalogue
from funcpipe_laws.checking.check import check_law
from tests.laws.mutants import MUTANTS, Mutant

LAWS = {law.id: law for law in catalogue.laws()}
PAIRS = [(mutant, law_id) for mutant in MUTANTS for law_id in mutant.killed_by]

# Wrong implementations leave coroutines and generators behind: that is what is wrong with them.
pytestmark = [
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::RuntimeWarning"),
]


@pytest.fixture(scope="module", autouse=True)
def nothing_left_for_other_tests() -> Iterator[None]:
    """What mutants left behind is collected here, not in a test that comes later."""
    yield
    gc.collect()


@pytest.mark.parametrize(
    ("mutant", "law_id"), PAIRS, ids=[f"{law_id}-{mutant.name}" for mutant, law_id in PAIRS]
)
def test_a_mutant_is_killed_by_the_law_it_names(mutant: Mutant, law_id: str) -> None:
    """The quick profile finds the defect, and the stock loop shows it too."""
    verdict = check_law(LAWS[law_id], mutant.instance)
    assert verdict.status == "broken", verdict.reason
    assert verdict.counterexample is not None
    assert verdict.counterexample.confirmed


def test_every_law_kills_a_mutant() -> None:
    """A law that no wrong implementation breaks would observe nothing."""
    killers = {law_id for _, law_id in PAIRS}
    assert sorted(set(LAWS) - killers) == []
    assert sorted(killers - set(LAWS)) == []


def test_mutants_have_names_of_their_own() -> None:
    """Reports name mutants; two of one name could not be told apart."""
    names = [mutant.name for mutant in MUTANTS]
    assert len(set(names)) == len(names)
