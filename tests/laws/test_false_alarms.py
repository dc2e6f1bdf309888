"""No law speaks of a right implementation, whatever it has chosen that Python leaves open."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import replace
from typing import Any

import pytest

from funcpipe_laws.catalogue import laws
from funcpipe_laws.checking.check import check, check_law
from funcpipe_laws.declared.instance import Policy, StreamInstance
from funcpipe_laws.declared.offers import Operator
from funcpipe_laws.declared.profile import Budget, Profile
from funcpipe_laws.finding.trying import models
from tests.laws.mutants import MODEL, model
from tests.laws.mutants.model import RESULT, Gen
from tests.laws.right_streams import RIGHT

LAWS = {law.id: law for law in laws()}


@pytest.mark.parametrize("operation", ["merge", "par_map", "map", "lift"])
def test_no_law_is_vacuous_for_a_library_of_one_operation(operation: str) -> None:
    """Laws that take whatever is there are not offered where that is nothing of theirs."""
    operations: dict[str, Any] = {operation: getattr(MODEL, operation)}
    one = StreamInstance(name=operation, result=MODEL.result, **operations)
    failed = {verdict.law.id: verdict.reason for verdict in check(one) if verdict.failed}
    assert failed == {}


@pytest.mark.parametrize("without", ["pure", "bind", "using"])
def test_no_law_needs_what_is_not_offered(without: str) -> None:
    """Where one operation is missing, the laws of the others hold, and none is vacuous."""
    operations: dict[str, Any] = {without: None}
    less = replace(MODEL, name=f"no {without}", **operations)
    failed = {verdict.law.id: verdict.reason for verdict in check(less) if verdict.failed}
    assert failed == {}


@pytest.mark.parametrize("instance", RIGHT, ids=lambda instance: instance.name)
def test_a_right_implementation_breaks_no_law(instance: StreamInstance) -> None:
    """Every law of what it offers holds, and has seen its interesting case."""
    verdicts = check(instance)
    failed = {verdict.law.id: verdict.reason for verdict in verdicts if verdict.failed}
    assert failed == {}
    assert sum(verdict.status == "held" for verdict in verdicts) > 60


class NoTime(Budget):
    """What a machine gives that is slow beyond measure."""

    def share(self, seconds: float) -> float:
        return 0.0


@pytest.mark.parametrize("instance", [MODEL, *RIGHT], ids=lambda instance: instance.name)
def test_what_a_law_sees_does_not_depend_on_the_machine(instance: StreamInstance) -> None:
    """Where there is no time at all, less is tried, and each law still meets what it is about."""
    chosen = laws(instance.kind)
    verdicts = check(instance, chosen, budget=NoTime(len(chosen)))
    assert {verdict.law.id: verdict.reason for verdict in verdicts if verdict.failed} == {}
    assert any(verdict.seen.get("out of time") for verdict in verdicts)


def dropping(gen: Gen, f: Callable[[Any], Any]) -> Gen:
    """A map that leaves out None, by design."""

    async def stream() -> AsyncGenerator[Any, None]:
        async with aclosing(model.mapped(gen, f)()) as items:
            async for item in items:
                if not isinstance(item, model.Ok) or item.value is not None:
                    yield item

    return stream


def test_a_cache_that_fills_once_is_no_memory_that_grows() -> None:
    """What is kept of the first items, up to a bound, is measured again and no longer grows."""
    kept: list[bytes] = []

    def mapped(gen: Gen, f: Callable[[Any], Any]) -> Gen:
        async def stream() -> AsyncGenerator[Any, None]:
            async with aclosing(model.mapped(gen, f)()) as items:
                async for item in items:
                    if len(kept) < 1_500:
                        kept.append(bytes(500))
                    yield item

        return stream

    caching = StreamInstance(name="caches", map=mapped, result=RESULT)
    assert check_law(LAWS["O4"], caching).status == "held"
    assert len(kept) == 1_500


def test_an_instance_says_what_its_items_may_hold() -> None:
    """Without `values` a map that drops None breaks laws; with them all are checked, and hold."""
    by_design = StreamInstance(name="drops None", map=dropping, pure=model.pure, result=RESULT)
    assert check_law(LAWS["A1"], by_design).status == "broken"
    restricted = replace(by_design, values=(1, 2, 3, "x"))
    assert {v.law.id: v.reason for v in check(restricted) if v.failed} == {}
    assert check_law(LAWS["F4"], restricted).status == "held"


@pytest.mark.parametrize("values", [(), "abc"])
def test_values_are_a_tuple_of_at_least_one(values: Any) -> None:
    """What is refused is named."""
    with pytest.raises(ValueError, match="such as"):
        StreamInstance(name="none", values=values)


def test_a_merge_without_a_buffer_is_not_asked_for_its_bound() -> None:
    """B3 says why it is not offered; how far the merge runs ahead is still checked."""
    policy = Policy(read_ahead=1)
    merge = StreamInstance(name="merge", merge=lambda sources: model.merge(sources), policy=policy)
    verdict = check_law(LAWS["B3"], merge)
    assert (verdict.status, verdict.reason) == ("not offered", "its merge takes no max_buffer")
    assert check_law(LAWS["G1"], merge).status == "held"


def test_a_cancel_after_the_end_is_no_cancel_of_the_stream() -> None:
    """An exit that is told None, for the stream was at its end, was told the truth."""

    def using(acquire: Any, make: Any) -> Gen:
        async def stream() -> AsyncGenerator[Any, None]:
            async with acquire() as resource:
                items = make(resource)()
                async with aclosing(items):
                    async for item in items:
                        yield item
                await asyncio.shield(asyncio.sleep(0))

        return stream

    instance = StreamInstance(name="late", using=using, result=RESULT)
    assert check_law(LAWS["S16"], instance).status == "held"


async def as_long_as_both(left: AsyncGenerator[Any, None], right: AsyncGenerator[Any, None]) -> Any:
    """Pulls both at once, and ends with the first that does: the other one is cancelled."""
    end = object()
    async with aclosing(left), aclosing(right):
        while True:
            pulls = [asyncio.ensure_future(anext(each, end)) for each in (left, right)]
            try:
                for pull in asyncio.as_completed(pulls):
                    if await pull is end:
                        return
            finally:
                for task in pulls:
                    task.cancel()
                await asyncio.wait(pulls)
            yield tuple(task.result() for task in pulls)


def test_another_source_may_end_one_that_never_goes_on() -> None:
    """Nobody's timeout is swallowed where the stream has ended in time."""
    instance = StreamInstance(
        name="zips",
        operators={"both": Operator(as_long_as_both, streams=2, model=models.zipped())},
        policy=Policy(exceptions="raise"),
    )
    assert check_law(LAWS["C3"], instance, profile=Profile(200, schedules=0)).status == "held"


def test_a_close_that_fails_is_not_taken_for_one_that_is_made_again() -> None:
    """I5 says that the first one raised."""

    def mapped(gen: Gen, f: Callable[[Any], Any]) -> Gen:
        async def stream() -> AsyncGenerator[Any, None]:
            async with aclosing(model.mapped(gen, f)()) as items:
                try:
                    async for item in items:
                        yield item
                except GeneratorExit:
                    raise OSError("closing fails") from None

        return stream

    broken = check_law(LAWS["I5"], StreamInstance(name="fails", map=mapped, result=RESULT))
    assert broken.reason == "before it was closed again: OSError('closing fails')"


async def each_in_time(rows: AsyncIterator[Any]) -> AsyncIterator[Any]:
    """A timer for each item, cancelled at once: a loop that goes round drops them."""
    while True:
        async with asyncio.timeout(30):
            row = await anext(rows, None)
        if row is None:
            return
        yield row


def in_time(gen: Gen, seconds: float) -> Gen:
    """Each item, within so many seconds."""

    async def stream() -> AsyncGenerator[Any, None]:
        async with aclosing(gen()) as items:
            while True:
                async with asyncio.timeout(seconds):
                    item = await anext(items, None)
                if item is None:
                    return
                yield item

    return stream


@pytest.mark.parametrize(
    "instance",
    [
        StreamInstance(name="limits", operators={"each": Operator(each_in_time)}),
        StreamInstance(name="timeout", timeout=in_time, result=RESULT),
    ],
    ids=lambda instance: instance.name,
)
def test_a_time_limit_for_each_item_is_right(instance: StreamInstance) -> None:
    """Python's own way to limit a pull: the loop drops the timers, which are cancelled."""
    assert check_law(LAWS["O4"], instance).status == "held"
