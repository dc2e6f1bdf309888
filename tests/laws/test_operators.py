"""Any function on streams is checked: operators, sources, pipelines; and what is none is told."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import pytest

from funcpipe_laws import Operator, StreamInstance, laws
from funcpipe_laws.catalogue import laws as catalogue_laws
from funcpipe_laws.checking.check import check, check_law
from funcpipe_laws.finding.discover import resolve
from funcpipe_laws.finding.trying import models
from tests.laws import named_streams

LAWS = {law.id: law for law in catalogue_laws()}
Items = AsyncGenerator[Any, None]


async def clean(items: Items) -> Items:
    """Falsy items are left out."""
    async with aclosing(items):
        async for item in items:
            if item:
                yield item


async def embed(items: Items) -> Items:
    """Pairs, after a while."""
    async with aclosing(items):
        async for item in items:
            await asyncio.sleep(0.5)
            yield (item, item)


async def zipped(left: Items, right: Items) -> Items:
    """Pairs of two streams."""
    async with aclosing(left), aclosing(right):
        async for item in left:
            try:
                yield (item, await anext(right))
            except StopAsyncIteration:
                return


async def ticks() -> Items:
    """A source."""
    for number in range(3):
        await asyncio.sleep(1)
        yield number


def held(acquire: Any) -> Any:
    """A stream of what a resource gives."""

    async def run() -> Items:
        async with acquire():
            yield 1
            yield 2

    return run


SEVEN: Any = 7
BARE: Any = clean

RIGHT = StreamInstance(
    name="right operators",
    operators={
        "clean": Operator(clean, model=lambda xs: [x for x in xs if x], read_ahead=0),
        "embedded": Operator(lambda s: embed(clean(s)), model=lambda xs: [(x, x) for x in xs if x]),
        "zipped": Operator(zipped, model=lambda xs, ys: list(zip(xs, ys, strict=False))),
        "ticks": Operator(ticks, model=lambda: [0, 1, 2]),
        "held": Operator(held, takes="resource", model=lambda: [1, 2]),
    },
)


def test_right_operators_break_no_law() -> None:
    """A filter, a pipeline, two streams in, none, and a resource: much holds, nothing is broken."""
    verdicts = check(RIGHT)
    assert {v.law.id: v.reason for v in verdicts if v.failed} == {}
    assert sum(v.status == "held" for v in verdicts) >= 30


def test_each_operator_has_its_turn() -> None:
    """The verdict says which were looked at."""
    seen = check_law(LAWS["C1"], RIGHT).seen
    assert all(seen[f"subject {name}"] for name in RIGHT.operators)


def test_what_is_no_operator_is_one_line_each_and_the_others_are_checked() -> None:
    """None, a coroutine, a list, an exit and a model that differs: told once, by A2 alone."""
    wrong: dict[str, Any] = {
        "nothing": lambda s: None,
        "coroutine": lambda s: asyncio.sleep(0),
        "a_list": lambda s: [1, 2],
        "ends": lambda s: sys.exit(0),
        "clean": clean,
    }
    calls: list[int] = []

    def model(items: Any) -> Any:
        calls.append(1)
        return [len(calls)]

    operators = {name: Operator(make) for name, make in wrong.items()}
    operators["unsure"] = Operator(clean, model=model)
    instance = StreamInstance(name="wrong", operators=operators)
    failed = {v.law.id: v.reason for v in check(instance) if v.failed}
    assert set(failed) == {"A2"}
    lines = failed["A2"].splitlines()
    assert len(lines) == 5
    assert "operators['nothing'] is no operator" in lines[0] and "returns None" in lines[0]
    assert "returns a coroutine" in lines[1] and "a list, which cannot be called" in lines[2]
    assert "operators['ends'] is no operator" in lines[3] and "SystemExit: 0" in lines[3]
    assert "the model of operators['unsure'] says [1], and then [2], of []" in lines[4]


@pytest.mark.parametrize("delivered", [0, 1, 2])
def test_the_memory_of_one_that_leaves_most_out_is_not_asked_for(delivered: int) -> None:
    """`take(2)` and debounce end, or wait, long before memory could be looked at twice: such a law
    is not offered, where it would have seen nothing."""
    taken = Operator(lambda s: clean(s), model=lambda xs: list(xs)[:delivered])
    instance = StreamInstance(name="taken", operators={"taken": taken})
    assert check_law(LAWS["O4"], instance).status == "not offered"


def test_operators_are_found_by_their_names_and_right_ones_hold() -> None:
    """Switch, newest of two, inner streams at once, unordered results, groups, retry."""
    (found,) = resolve("tests.laws.named_streams")
    assert {s.name: s.checked_as for s in found.sightings} == {
        "Tee.branch": "",  # a method of a class that is made of more than a stream
        "combine_latest": "combine_latest",
        "switch_map": "switch_map",
        "flat_map_concurrent": "merge_map",
        "map_unordered": "par_map_unordered",
        "group_by": "group_by",
        "retry": "retry",
        "limited": "operator, given 2 and 2 too",
        "atee": "tee",
    }
    assert {check_law(LAWS[i], found.instance).status for i in ("X4", "X5", "O5")} == {"held"}
    assert {v.law.id: v.reason for v in check(found.instance) if v.failed} == {}


def test_what_is_declared_of_an_operator_is_checked() -> None:
    """A rate in every window, and a retry that stops at the first item."""
    declared = StreamInstance(
        name="declared",
        operators={
            "limited": Operator(
                lambda s: named_streams.limited(s, 3, 1.0), model=list, rate=(3, 1.0)
            ),
            "again": Operator(
                named_streams.retry,
                model=list,
                exceptions="handle",
                retries="before the first item",
            ),
        },
    )
    assert {v.law.id: v.reason for v in check(declared) if v.failed} == {}
    assert {check_law(LAWS[i], declared).status for i in ("A5", "A6")} == {"held"}


@pytest.mark.parametrize(
    ("got", "allowed"),
    [
        ([], False),
        ([1, 10, 2, 20], True),
        ([2, 20], True),
        ([1, 2, 20], True),
        ([1, 2], False),
        ([10, 2, 20], False),
    ],
)
def test_a_switch_may_cut_all_but_the_last(got: list[int], allowed: bool) -> None:
    """Of earlier inner streams a beginning, of the last one all."""
    assert models.switched(lambda x: [x, 10 * x])(got, [1, 2]) is allowed


@pytest.mark.parametrize(
    ("got", "allowed"),
    [
        ([(1, "a"), (2, "a"), (2, "b")], True),
        ([(2, "a"), (2, "b")], True),
        ([(1, "a"), (2, "b")], False),
        ([(2, "b")], False),
        ([(1, "a"), (2, "a")], False),
        ([], False),
    ],
)
def test_the_newest_of_two_go_one_step_at_a_time(got: Any, allowed: bool) -> None:
    """From the first pair that there can be to the last items of both."""
    assert models.latest()(got, [1, 2], ["a", "b"]) is allowed


WRONG: Any = "sometimes"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Operator(SEVEN), "Operator(7): the first argument must be a function"),
        (lambda: StreamInstance(name="x", operators={"clean": BARE}), "write Operator(clean)"),
        (
            lambda: StreamInstance(name="x", operators={"map": Operator(clean)}),
            "give it as map=..., or under another name",
        ),
        (lambda: Operator(clean, rate=(0, 1.0)), "(items, seconds), both above zero"),
        (lambda: Operator(clean, retries=WRONG), "'before the first item' or 'always'"),
        (lambda: laws(), "takes a StreamInstance or pipeline="),
        (lambda: laws(BARE), "not a StreamInstance; laws(pipeline=...) takes it"),
    ],
)
def test_a_wrong_declaration_is_told_at_once(make: Any, message: str) -> None:
    """The value is named, and what to write."""
    with pytest.raises((TypeError, ValueError)) as raised:
        make()
    assert message in str(raised.value)


@laws(pipeline=lambda source: embed(clean(source)))
def test_a_pipeline_is_an_operator(law: Any) -> None:
    """Each law is a test; those about other operations are not offered, and say so."""
    assert law.verdict.seen.get("subject pipeline") or law.verdict.law.id == "A2"
