"""What the simulated clock may do to a program, and what it may not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from funcpipe_laws import catalogue
from funcpipe_laws.checking.check import check
from funcpipe_laws.experiments.bench import Bench
from funcpipe_laws.experiments.consumer import Shell
from funcpipe_laws.simulation.schedule import every_schedule
from funcpipe_laws.simulation.world import PROMPT
from tests.laws.mutants import MODEL

LIMIT = 10.0
"""Seconds after which a library gives up on a clean-up; real ones are promptly done."""


@asynccontextmanager
async def closing_in_time(items: Any) -> AsyncIterator[Any]:
    """`aclosing` of a library that does not wait for ever."""
    try:
        yield items
    finally:
        async with asyncio.timeout(LIMIT):
            await items.aclose()


def mapped(source: Any, f: Any) -> Any:
    """The model's map, whose source has to be closed in time."""
    right = MODEL.map
    assert right is not None

    async def stream() -> AsyncIterator[Any]:
        async with (
            closing_in_time(source()) as items,
            aclosing(right(lambda: items, f)()) as results,
        ):
            async for result in results:
                yield result

    return stream


def held(managers: Any, make_stream: Any) -> Any:
    """The model's using, whose resource has to be released in time."""
    right = MODEL.using
    assert right is not None

    class InTime:
        def __init__(self) -> None:
            self.manager = managers()

        async def __aenter__(self) -> Any:
            return await self.manager.__aenter__()

        async def __aexit__(self, *exc_info: Any) -> Any:
            async with asyncio.timeout(LIMIT):
                return await self.manager.__aexit__(*exc_info)

    return right(InTime, make_stream)


@pytest.mark.parametrize("family", ["resources", "cancellation", "errors"])
def test_a_limit_on_clean_up_does_not_expire_while_the_event_is_due(family: str) -> None:
    """The clock does not run ahead of a release that is under way: the limit is never reached."""
    instance = replace(MODEL, name="limited", map=mapped, using=held)
    concerned = [law for law in catalogue.laws() if law.family == family]
    failed = {v.law.id: v.reason for v in check(instance, concerned) if v.failed}
    assert failed == {}


@pytest.mark.parametrize(
    ("prompt", "limit", "expires"),
    [(True, LIMIT, {False}), (True, PROMPT / 2, {False, True}), (False, LIMIT, {False, True})],
)
def test_the_clock_overtakes_any_other_event(
    prompt: bool, limit: float, expires: set[bool]
) -> None:
    """A pull may take longer than any limit; a clean-up may take longer than a short one."""
    seen = set()
    for chooser in every_schedule():
        bench = Bench(MODEL, chooser)

        async def consumer(shell: Shell, bench: Bench = bench) -> None:
            try:
                async with asyncio.timeout(limit):
                    await bench.world.point("it", prompt=prompt)
            except TimeoutError:
                seen.add(True)
            else:
                seen.add(False)

        bench.drive(consumer)
    assert seen == expires
