"""The reference is checked on all that its API has, not only on what has a known name."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import Any

import funcpipe_streams as fs
from funcpipe_laws import Consumer, Operator, StreamInstance
from funcpipe_laws.checking.check import check
from funcpipe_laws.declared.instance import Value
from funcpipe_laws.experiments.bench import Bench
from funcpipe_laws.experiments.consumer import Shell
from funcpipe_laws.experiments.scripts import Script
from funcpipe_laws.finding.discover import resolve

[_FOUND] = [one for one in resolve("funcpipe_streams") if one.instance.kind == "stream"]
Items = Sequence[Any]
NONE = (ValueError,)


def _values(f: Any) -> Any:
    """A model of what is done to every value; errors stay at their place."""
    return lambda items: [f(item) if isinstance(item, fs.Ok) else item for item in items]


def _truthy(items: Items) -> list[Any]:
    return [item for item in items if isinstance(item, fs.Err) or item.value]


def _errors(f: Any) -> Any:
    return lambda items: [f(item) if isinstance(item, fs.Err) else item for item in items]


def _mended(error: Any) -> Any:
    return fs.Ok(error)


def _seen(error: Any) -> Any:
    return ("seen", error)


async def _nothing(value: object) -> None:
    """For each item."""


async def _plain(value: Any) -> Any:
    return value


async def _same(value: Any) -> Any:
    return fs.Ok(value)


REST = StreamInstance(
    name="the rest of funcpipe_streams",
    result=_FOUND.instance.result,
    policy=_FOUND.instance.policy,
    operators={
        "async_gen_map_err": Operator(
            lambda s: fs.async_gen_map_err(s, _seen),
            model=_errors(lambda item: fs.Err(_seen(item.error))),
            prompt=True,
        ),
        "async_gen_recover": Operator(
            lambda s: fs.async_gen_recover(s, _mended),
            model=_errors(lambda item: fs.Ok(item.error)),
            prompt=True,
        ),
        "async_gen_tap": Operator(
            lambda s: fs.async_gen_tap(s, repr), model=list, prompt=True, read_ahead=0
        ),
        "async_gen_tap_try": Operator(
            lambda s: fs.async_gen_tap_try(s, repr, catch=NONE), model=list, prompt=True
        ),
        "async_gen_map_try": Operator(
            lambda s: fs.async_gen_map_try(s, lambda value: [value], catch=NONE),
            model=_values(lambda item: fs.Ok([item.value])),
            prompt=True,
        ),
        "async_gen_filter_try": Operator(
            lambda s: fs.async_gen_filter_try(s, bool, catch=NONE), model=_truthy, read_ahead=0
        ),
        "async_gen_take_while_try": Operator(
            lambda s: fs.async_gen_take_while_try(s, lambda _: True, catch=NONE), model=list
        ),
        "async_gen_scan_try": Operator(
            lambda s: fs.async_gen_scan_try(s, 0, lambda n, _: n + 1, catch=NONE),
            model=lambda items: (
                None
                if any(isinstance(item, fs.Err) for item in items)
                else [fs.Ok(n) for n in accumulate(1 for _ in items)]
            ),
            prompt=True,
        ),
        "async_gen_rate_limit": Operator(
            lambda s: fs.async_gen_rate_limit(s, fs.RateLimit(per_second=2, burst=3)),
            model=list,
            read_ahead=0,
        ),
        "async_gen_timeout": Operator(
            lambda s: fs.async_gen_timeout(s, fs.TimeoutPolicy(per_item=1e6)),
            model=list,
            prompt=True,
        ),
        "async_gen_from_iterable": Operator(
            lambda: fs.async_gen_from_iterable([1, 2]), model=lambda: [fs.Ok(1), fs.Ok(2)]
        ),
        "async_gen_from_io": Operator(
            lambda: fs.async_gen_from_io(fs.io_gen_from_iterable([1, 2])),
            model=lambda: [fs.Ok(1), fs.Ok(2)],
        ),
        "async_gen_from_plan": Operator(
            lambda: fs.async_gen_from_plan(fs.async_pure(1)), model=lambda: [fs.Ok(1)]
        ),
        "lift_async_item_try": Operator(
            lambda: fs.lift_async_item_try(_plain, catch=NONE)(1), model=lambda: [fs.Ok(1)]
        ),
        "unordered": Operator(
            lambda s: fs.async_gen_par_map(s, _same, concurrency=2, ordered=False),
            model=list,
            ordered=False,
            prompt=True,
        ),
    },
    consumers={
        "async_gen_fold": Consumer(
            lambda s: fs.async_gen_fold(s, 0, lambda n, _: n + 1), model=len
        ),
        "collect": Consumer(fs.collect, model=list),
        "partition": Consumer(fs.partition),
        "async_collect": Consumer(lambda s: fs.async_collect(s)()),
        "for_each": Consumer(
            lambda s: fs.for_each(s, _nothing, on_err=_nothing), model=lambda items: None
        ),
    },
)
ELSEWHERE = {"closing_stream"}
"""Public, about streams, and no function from streams to streams or results."""


def test_every_public_function_on_streams_is_checked() -> None:
    """By a known name, or here; nothing is left out without a word."""
    by_name = {one.name for one in _FOUND.sightings if one.checked_as}
    here = {*REST.operators, *REST.consumers, *ELSEWHERE}
    streams = {
        name
        for name in fs.__all__
        if name.startswith(("async_gen", "lift_async_item")) or name in ELSEWHERE
    }
    assert {name for name in streams - by_name - here if inspect.isroutine(vars(fs)[name])} == set()
    assert {one.name for one in _FOUND.sightings if not one.checked_as} <= here


def test_the_rest_of_the_reference_breaks_no_law() -> None:
    """Operators, sources and consumers; and much holds of them."""
    verdicts = check(REST)
    assert {v.law.id: v.reason for v in verdicts if v.failed} == {}
    assert sum(v.status == "held" for v in verdicts) >= 35


def test_a_rate_limit_holds_in_every_window() -> None:
    """Of a token bucket: in any stretch of time no more items than the burst and the rate allow."""
    bench = Bench(REST)
    many = Script((Value(0),) * 20, ready=True)
    limited = fs.async_gen_rate_limit(bench.source(many), fs.RateLimit(per_second=2, burst=3))
    times: list[float] = []

    async def consumer(shell: Shell) -> None:
        run = shell.open(limited)
        for _ in many.items:
            await run.pull()
            times.append(bench.world.loop.time())
        await run.close()

    assert bench.drive(consumer).exception is None
    for first, start in enumerate(times):
        for last in range(first, len(times)):
            assert last - first + 1 <= 3 + 2 * (times[last] - start) + 1e-6
    assert any(b > a for a, b in pairwise(times))
