"""The laws as a whole: right implementations keep them, the nested form breaks release alone."""

from __future__ import annotations

import gc
import re
import sys
from collections.abc import Iterator
from dataclasses import replace

import pytest

from funcpipe_laws import catalogue
from funcpipe_laws.checking.check import check, check_law
from funcpipe_laws.declared.law import Law
from funcpipe_laws.experiments.strategies import INPUTS
from funcpipe_laws.experiments.turns import EACH
from funcpipe_laws.finding.discover import resolve
from tests.laws.mutants import MODEL

LAWS = catalogue.laws()
(_REFERENCE,) = (f for f in resolve("funcpipe_streams") if f.instance.kind == "stream")
REFERENCE = _REFERENCE.instance
(_NAIVE,) = resolve("examples.naive_streams")
NAIVE = _NAIVE.instance

OF_RELEASE = {"S9", "S10", "S11", "S14", "C2", "D1", "D2", "D3", "D6", "D8", "D9"}
"""What a stream breaks that does not close the stream inside it."""


def by_id(law: Law) -> str:
    """A test's name."""
    return str(law).replace(" ", "-")


ON_OFFERS = {"operators", "wrappers", "consumers"}
"""These are a user's own, the model has none. That each law about them holds of right ones, and has
something to look at, test_operators and test_wrappers say."""


@pytest.mark.parametrize("law", [law for law in LAWS if not ON_OFFERS & {*law.takes}], ids=by_id)
def test_the_plain_model_keeps_every_law(law: Law) -> None:
    """The model offers every operation and declares every policy, so nothing is left out."""
    verdict = check_law(law, MODEL)
    assert verdict.status == "held", verdict.reason


@pytest.mark.parametrize("law", LAWS, ids=by_id)
def test_the_reference_keeps_every_law(law: Law) -> None:
    """What the reference does not offer or declare is not offered, all else holds."""
    verdict = check_law(law, REFERENCE)
    assert verdict.status in ("held", "not offered"), verdict.reason


@pytest.mark.skipif(sys.version_info < (3, 12), reason="eager tasks came with Python 3.12")
def test_the_reference_keeps_the_laws_under_eager_tasks() -> None:
    """A task that runs when it is made changes what overtakes what, and breaks nothing."""
    eager = replace(REFERENCE, name="eager", eager_tasks=True)
    assert {v.law.id: v.reason for v in check(eager) if v.failed} == {}


@pytest.fixture
def nothing_left_for_other_tests() -> Iterator[None]:
    """What an implementation that leaks has left behind is collected here."""
    yield
    gc.collect()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.usefixtures("nothing_left_for_other_tests")
def test_the_nested_form_breaks_release_and_nothing_else() -> None:
    """Items, errors, laziness and replay of the usual form are right; its closing is not."""
    failed = {verdict.law.id for verdict in check(NAIVE) if verdict.failed}
    assert failed == OF_RELEASE


def test_a_library_without_failed_items_is_not_offered_their_laws() -> None:
    """With no Result type, laws of the error channel are not offered, and no other is vacuous."""
    bare = replace(
        MODEL,
        map=lambda gen, f: _mapped(gen, f),
        bind=None,
        lift=None,
        par_map=None,
        chunk=None,
        retry=None,
        result=None,
        pure=None,
    )
    verdicts = check(bare)
    assert {v.law.id: v.reason for v in verdicts if v.failed} == {}
    assert {"E1", "E2", "E3"} <= {v.law.id for v in verdicts if v.status == "not offered"}


def _mapped(gen: object, f: object) -> object:
    from contextlib import aclosing

    async def stream():  # type: ignore[no-untyped-def]
        async with aclosing(gen()) as items:  # type: ignore[operator]
            async for item in items:
                yield f(item)  # type: ignore[operator]

    return stream


def test_laws_are_named_once_and_say_what_they_claim() -> None:
    """Ids and slugs select laws and never change; the statement is there in words and symbols."""
    assert len({law.id for law in LAWS}) == len({law.slug for law in LAWS}) == len(LAWS)
    for law in LAWS:
        assert re.fullmatch(r"[FMEZPRXISCGBOTAWKD]\d+", law.id)
        assert law.slug.startswith(f"{law.family}."), law
        assert law.words.endswith(".") and law.symbols and law.observes, law


def test_laws_of_the_policy_tier_name_what_must_be_declared() -> None:
    """Where right implementations differ, nothing is demanded of one that declares nothing."""
    silent = replace(MODEL, policy=type(MODEL.policy)())
    for law in LAWS:
        assert (law.tier == "policy") == (law.policy is not None)
        if law.policy:
            assert check_law(law, silent).status == "not offered"


def test_every_input_is_used_and_every_law_finds_its_inputs() -> None:
    """A law's parameters are the names of its inputs."""
    used = {name for law in LAWS for name in law.inputs}
    assert used == set(INPUTS) | set(EACH)


def test_a_second_cancel_strikes_during_clean_up() -> None:
    """The sweep over pairs of cancels reaches the clean-up that the first one began."""
    twice = next(law for law in LAWS if law.id == "C4")
    assert check_law(twice, MODEL).seen["two cancels"] > 10


@pytest.mark.parametrize(("law_id", "schedules"), [("G1", 7), ("G2", 7), ("G4", 268), ("G9", 508)])
def test_small_scopes_are_walked_to_the_end(law_id: str, schedules: int) -> None:
    """The ci profile tries every schedule of the law's small scope, and the verdict says so."""
    law = next(law for law in LAWS if law.id == law_id)
    assert check_law(law, MODEL, profile="ci").seen["all schedules of the small scope"] == schedules
