"""Laws of any operation: that it is one, what it delivers, how far it runs ahead."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from funcpipe_laws.bench import Bench, End, Shell
from funcpipe_laws.fit import fitted_operators
from funcpipe_laws.instance import Failure, Value
from funcpipe_laws.law import Broken, law
from funcpipe_laws.probes import Script
from funcpipe_laws.subjects import build, expected, in_order, over, subject_of
from funcpipe_laws.trace import same


@law(
    "A1",
    "operators.content",
    words="An operation delivers what its list model says of the items of its source: all of it,"
    " in order, failed items at their place.",
    symbols="run(c(s)) = model(run(s))",
    takes=(),
    observes=("ok", "failed in", "many"),
)
def content(bench: Bench, modelled: str, lengthy: Script, limit: int) -> None:
    """Short sources and long ones, small limits and large ones."""
    wanted = expected(bench, modelled, lengthy, limit)
    if wanted is None:
        return
    if subject_of(bench, modelled).source:
        bench.saw("many", len(lengthy.items) >= 40)
        bench.saw("failed in", sum(isinstance(step, Failure) for step in lengthy.items))
    trace = bench.run(build(bench, modelled, lengthy, limit))
    items = in_order(bench, modelled, trace.items)
    bench.expect(
        same(tuple(items), tuple(wanted)) and trace.exception is None,
        f"{trace.exception or items!r}, not {wanted}",
        trace,
    )


@law(
    "A2",
    "operators.make_streams",
    words="What is offered as an operator takes streams and makes one, and its model makes the same"
    " list of the same lists.",
    symbols="c(s) is a stream; model(xs) = model(xs)",
    takes=("operators",),
    observes=("operator",),
)
def make_streams(bench: Bench) -> None:
    """A short trial, and the model on the plainest lists; all that is wrong is said at once."""
    problems = []
    for name, fit in fitted_operators(bench.instance).items():
        bench.saw("operator")
        if fit.make is None:
            problems.append(f"operators[{name!r}] is no operator: {fit.problem}")
        if fit.model_problem:
            problems.append(f"the model of operators[{name!r}] {fit.model_problem}")
    if problems:
        raise Broken("\n".join(problems))


AWAY = 1_000.0
"""Seconds for which a consumer does not ask; an item comes every ten."""


@law(
    "A3",
    "operators.read_ahead",
    words="While nobody asks for an item, an operator pulls no more of them than it declares.",
    symbols="pulls between two anexts <= read_ahead",
    takes=("operators",),
    observes=("away",),
    shows_log=True,
)
def read_ahead(bench: Bench, declared: str, take: int) -> None:
    """A source that takes its time for each item; the consumer takes some, and stays away."""
    allowed = bench.instance.operators[declared].read_ahead
    pulls = 0

    async def slow() -> AsyncIterator[Any]:
        nonlocal pulls
        for number in range(40):
            pulls += 1
            await asyncio.sleep(10.0)
            yield bench.instance.make_item(Value(number))

    stream = over(bench, declared, bench.instance.embed(slow))
    most = 0

    async def consumer(shell: Shell) -> None:
        nonlocal most
        run = shell.open(stream)
        for _ in range(take):
            if await run.pull() is End:
                break
            before = pulls
            await asyncio.sleep(AWAY)
            bench.saw("away")
            most = max(most, pulls - before)
        await run.close()

    trace = bench.drive(consumer)
    bench.expect(
        allowed is None or most <= allowed,
        f"{most} items were pulled while nobody asked, declared is {allowed}",
        trace,
    )
