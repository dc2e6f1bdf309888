"""Laws of any operation: that it is one, what it delivers, how far it runs ahead."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

from funcpipe_laws.declared.instance import Failure, Value
from funcpipe_laws.declared.law import Broken, law
from funcpipe_laws.experiments.bench import Bench
from funcpipe_laws.experiments.comparing import expected, given_lists, in_order
from funcpipe_laws.experiments.consumer import End, Shell
from funcpipe_laws.experiments.scripts import Raise, Script
from funcpipe_laws.experiments.subjects import build, over, subject_of
from funcpipe_laws.finding.trying.fit import fitted_operators
from funcpipe_laws.simulation.trace import Trace, same


@law(
    "A1",
    "operators.content",
    words="An operation delivers what its list model gives for the items of its source: all of it,"
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


@law(
    "A4",
    "operators.allowed",
    words="Where the schedule decides what an operation delivers, it is one of the lists that its"
    " relation allows.",
    symbols="allows(run(c(s)), run(s))",
    takes=("operators",),
    observes=("related",),
)
def allowed(bench: Bench, related: str, source: Script) -> None:
    """Sources of all kinds, and any order of events; a normal end, for nothing has failed."""
    operator = bench.instance.operators[related]
    assert operator.allows is not None
    trace = bench.run(build(bench, related, source))
    lists = given_lists(bench, operator, source)
    bench.saw("related", any(lists))
    delivered = [bench.instance.write_item(item) for item in trace.items]
    bench.expect(
        trace.exception is None and operator.allows(delivered, *lists),
        f"{trace.exception or trace.items!r}, of {lists}",
        trace,
    )


@law(
    "A7",
    "operators.pulls",
    words="An operator that needs some items only, as take does, pulls no more of them, not even to"
    " find that it is at its end.",
    symbols="pulls(run(c(s))) <= declared",
    takes=("operators",),
    observes=("counted",),
    shows_log=True,
)
def pulls(bench: Bench, counted: str, long: Script) -> None:
    """Drain it, and count what was pulled of its first source."""
    operator = bench.instance.operators[counted]
    allowed = operator.pulls
    if callable(allowed):
        allowed = allowed(*given_lists(bench, operator, long))
    if allowed is None:
        return
    trace = bench.run(build(bench, counted, long))
    pulled = trace.count("pull", "s")
    bench.saw("counted")
    bench.expect(pulled <= allowed, f"{pulled} pulls, declared is {allowed}", trace)


MANY = 40
"""Items that a limited operator is given at once."""


@law(
    "A5",
    "operators.rate",
    words="In any window of the declared length, no more items are delivered than declared.",
    symbols="rate (n, t): time(x[i+n]) - time(x[i]) >= t",
    takes=("operators",),
    observes=("emit",),
)
def rate(bench: Bench, rated: str, flag: bool) -> None:
    """A source that has everything at once, or pauses in the middle for longer than a window."""
    declared = bench.instance.operators[rated].rate
    assert declared is not None
    most, window = declared

    async def bursts() -> AsyncIterator[Any]:
        for number in range(MANY):
            if flag and number % (most + 1) == most:
                await asyncio.sleep(1.5 * window)
            yield bench.instance.make_item(Value(number))

    times: list[float] = []

    async def consumer(shell: Shell) -> None:
        run = shell.open(over(bench, rated, bench.instance.embed(bursts)))
        while await run.pull() is not End:
            times.append(bench.world.loop.time())
        await run.close()

    trace = bench.drive(consumer)
    spans = [later - first for first, later in zip(times, times[most:], strict=False)]
    least = min(spans, default=window)
    # Some compute what is left of the time from a clock of their own.
    bench.expect(
        least > window - 0.01,
        f"{most + 1} items within {least:g} s; declared is {most} in {window:g} s",
        trace,
    )


@law(
    "A6",
    "operators.retries",
    words="A stream that is run again when it fails: each run is closed before the next one; a"
    " failure that stays does not end as if all were well; and nothing is delivered twice, if so"
    " declared.",
    symbols="retry(s): s fails always => raises; fails after x => x once",
    takes=("operators",),
    observes=("failed for good", "failed after an item"),
    shows_log=True,
)
def retries(bench: Bench, retrying: str, short: Script) -> None:
    """A source that always fails; then one that fails once, after its first item."""
    operator = bench.instance.operators[retrying]
    for_good = bench.run(build(bench, retrying, Script((Raise(OSError),))))
    bench.saw("failed for good")
    told = for_good.exception is not None or for_good.items
    bench.expect(told, "the source always fails, and the stream ends as if all were well", for_good)
    _one_at_a_time(bench, for_good)
    broken = replace(short, items=(short.items[0], Raise(OSError), *short.items[1:]))
    after = bench.run(over(bench, retrying, bench.failing_once(broken, short)))
    bench.saw("failed after an item")
    _one_at_a_time(bench, after)
    first = bench.expected(short.items[:1])
    bench.expect(
        operator.retries == "always" or (after.items == first and after.exception is not None),
        f"after its first item the source failed: {after.items}, then"
        f" {after.exception or 'a normal end'!r}, not {first} and the failure",
        after,
    )


def _one_at_a_time(bench: Bench, trace: Trace) -> None:
    open_now: set[int] = set()
    for index, event in enumerate(trace.of("s", "open", "close")):
        if event.act == "close":
            open_now.discard(event.run)
            continue
        bench.expect(not open_now, f"{event}, while an earlier run is open", trace, at=index)
        open_now.add(event.run)
