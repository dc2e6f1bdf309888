"""A function whose name tells nothing, by what it does: tried with several arguments and streams.

What is claimed of it is what it did in all of the trials. It is given streams of no item, of one
and of several, and has to read them and to end.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from funcpipe_laws.declared.instance import Failure, StreamInstance, Value
from funcpipe_laws.declared.offers import SEVERAL, Operator
from funcpipe_laws.finding.trying import models
from funcpipe_laws.finding.trying.conventions import (
    LIMITS,
    Convention,
    Function,
    parameters_of,
    required_by,
    stream_of,
)
from funcpipe_laws.finding.trying.currying import made_anew, made_once
from funcpipe_laws.finding.trying.fit import fit_of, iterated
from funcpipe_laws.finding.trying.named import on_items
from funcpipe_laws.finding.trying.trial import delivered, quietly

TRIALS: Sequence[tuple[int, ...]] = ((), (5,), (5, 6, 7, 8, 9))
SHORT = (5, 12, 12)
"""With an item that another stream has, and one that comes twice: who delivers all, keeps both."""
MANY = tuple(range(20, 34))
SIZE = re.compile(r"((max|batch|chunk|page|group|buffer|block)_?)?size|(max_)?(items|length|len)")
"""What a parameter is called that tells how much there is in a list at most."""
SECONDS = ("second", "wait", "time", "interval", "delay", "age", "linger", "period")
"""What the name of a limit in time holds."""


def _as_it_comes(*values: Any) -> Any:
    return values[-1]


async def _awaited(*values: Any) -> Any:
    return values[-1]


EVENT = object()
"""Stands for an event that is never set, a new one for each stream."""
EVENTS = re.compile(
    r"(.*_)?(event|signal|stop|stopped|stopping|until|cancel|done|shutdown|closed?)"
)
"""What a parameter is called that an event is given for."""
OTHERS: Sequence[tuple[tuple[Any, ...], str]] = (
    ((), ""),
    ((EVENT,), "an event"),
    ((2,), "2"),
    ((_as_it_comes,), "a function"),
    ((_awaited,), "a coroutine function"),
    ((2, 2), "2 and 2"),
    ((_as_it_comes, 2), "a function and 2"),
    ((_awaited, 2), "a coroutine function and 2"),
)
"""What a function may need besides its stream, and how that is told."""


def operator_of_one(
    call: Function, instance: StreamInstance, required: int, *, exceptions: Any = "raise"
) -> tuple[Operator, str] | None:
    """A function of a stream, and of up to two things more, as an operator of which nothing else is
    known; and what it is given besides."""
    for others, told in OTHERS:
        for make in _calls(call, others, required):
            operator = Operator(make[0], streams=1, exceptions=exceptions)
            lists = [delivered_of(operator, instance, [values]) for values in _trials(instance)]
            if (
                all(got is not None for got in lists)
                and (lists[-1] or not (others or instance.values))
                and (not others or _passes_failures(operator, instance))
            ):
                shared = make[1] and made_once(call, make[1], instance)
                return (replace(operator, make=shared) if shared else operator), told
    return None


def _trials(instance: StreamInstance) -> Sequence[Sequence[Any]]:
    values = instance.values
    return TRIALS if values is None else ((), values[:1], values)


Made = tuple[Function, Callable[[], Sequence[Any]] | None]
"""An operator on one stream; and what makes its arguments, if it is made of these first."""


def _calls(call: Function, others: tuple[Any, ...], required: int) -> Iterator[Made]:
    """With a stream and these, or with these and then with a stream."""
    if EVENT in others and not any(map(EVENTS.fullmatch, parameters_of(call))):
        return

    def given() -> list[Any]:
        return [asyncio.Event() if other is EVENT else other for other in others]

    if required and len(others) == required - 1:
        yield lambda s: call(s, *given()), None
    if (others or not required) and len(others) == required:
        yield lambda s: call(*given())(s), given


def _passes_failures(operator: Operator, instance: StreamInstance) -> bool:
    """Whether it does with a failure of its stream, and with an item that failed, what any operator
    does: what it was given besides has nothing to do with it. One that is there to handle failures
    may deliver something."""
    make = fit_of(instance, operator).make

    async def failing() -> AsyncGenerator[Any, None]:
        yield instance.make_item(Value(instance.usual))
        raise _Failed

    async def failed() -> AsyncGenerator[Any, None]:
        yield instance.make_item(Failure("E1"))

    assert make is not None
    raised: list[BaseException] = []
    got = delivered(lambda: make(instance.embed(failing)), instance, raised)
    if got is not None and operator.exceptions == "handle":
        return True
    if got is not None or not isinstance(raised[0], _Failed):
        return False
    return (
        instance.result is None
        or delivered(lambda: make(instance.embed(failed)), instance) is not None
    )


class _Failed(Exception):
    """What a stream raises that is tried."""


def operator_of_many(call: Function, instance: StreamInstance) -> Operator | None:
    """A function of two streams, of any number of them or of a list, as an operator.

    Where it delivers all that both have, whichever is the longer one, so it must; where it makes
    pairs, as zip. Where it reads both and does something else, nothing is known of its items.
    """
    makers = (call, lambda *streams: call(list(streams)))
    for make, streams in zip(makers, _numbers(call), strict=True):
        operator = Operator(make, streams=streams)
        pairs = ((TRIALS[-1], SHORT), (SHORT, TRIALS[-1]), ((), SHORT))
        lists = [delivered_of(operator, instance, pair) for pair in pairs]
        if any(got is None for got in lists):
            continue
        for model, ordered in ((models.zipped(), True), (models.concatenated(), False)):
            alike = [
                _same(got or [], model(list(left), list(right)), ordered=ordered)
                for got, (left, right) in zip(lists, pairs, strict=True)
            ]
            if all(alike):
                claimed = on_items(model, instance)
                return Operator(make, streams=streams, model=claimed, ordered=ordered)
        if lists[0] and delivered_of(operator, instance, pairs[0], every=True):
            return operator
    return None


def _numbers(call: Function) -> tuple[int, int]:
    kinds = [p.kind for p in parameters_of(call).values()]
    variadic = any(kind is kind.VAR_POSITIONAL for kind in kinds)
    return (SEVERAL if variadic else 2), 2


def _same(got: list[Any], wanted: list[Any], *, ordered: bool) -> bool:
    return got == wanted if ordered else sorted(map(repr, got)) == sorted(map(repr, wanted))


def parallel_map(call: Function, instance: StreamInstance) -> Convention | None:
    """A function of a stream, a coroutine function and a limit that holds for the calls at once."""
    parameters = list(parameters_of(call))
    named = [name for name in LIMITS if name in parameters]
    if not named and len(parameters) < 3:
        return None
    limit = named[0] if named else parameters[2]
    calls = {
        f"lambda s, fn, concurrency: lambda: {{}}(s(), fn, {limit}=concurrency)": (
            lambda s, fn, concurrency: lambda: iterated(call(s(), fn, **{limit: concurrency}))
        ),
        f"lambda s, fn, concurrency: {{}}(s, fn, {limit}=concurrency)": (
            lambda s, fn, concurrency: call(s, fn, **{limit: concurrency})
        ),
        f"lambda s, fn, concurrency: lambda: {{}}(fn, s(), {limit}=concurrency)": (
            lambda s, fn, concurrency: lambda: iterated(call(fn, s(), **{limit: concurrency}))
        ),
    }
    for text, operation in calls.items():
        if all(_calls_at_once(operation, instance, most) == most for most in (2, 3)):
            return Convention(operation, text)
    return None


def _calls_at_once(operation: Function, instance: StreamInstance, limit: int) -> int:
    """How many calls are under way at the most, where all results come, in order; or 0."""
    running = peak = 0

    async def fn(value: Any) -> Any:
        nonlocal running, peak
        running += 1
        peak = max(peak, running)
        await asyncio.sleep(1.0)
        running -= 1
        return instance.make_item(Value(("f", value)))

    values = TRIALS[-1]
    got = delivered(lambda: operation(stream_of(instance, values), fn, limit), instance)
    return peak if got == [("f", value) for value in values] else 0


def timed_chunk(call: Function, instance: StreamInstance) -> Convention | None:
    """A function of a stream, a size and a time, that makes lists of no more items than this."""
    third = list(parameters_of(call).values())[2:3]
    if not third or not any(word in third[0].name.lower() for word in SECONDS):
        return None
    usual = None if third[0].default is None else 1e6

    def chunk(source: Any, size: int, max_seconds: float | None = usual) -> Any:
        return lambda: iterated(call(source(), size, max_seconds))

    for values in TRIALS:
        got = delivered(lambda values=values: chunk(stream_of(instance, values), 2), instance)  # type: ignore[misc]
        wanted = [list(values[i : i + 2]) for i in range(0, len(values), 2)]
        if got is None or [list(c) if isinstance(c, tuple) else c for c in got] != wanted:
            return None
    return Convention(
        chunk,
        f"lambda s, size, max_seconds={usual}: lambda: {{}}(s(), size, max_seconds)",
    )


def too_long_a_chunk(call: Function, instance: StreamInstance) -> Convention | None:
    """A function of a stream and a size whose lists are cut from the stream, and hold one or more
    items too many: as a chunk, it is for the laws to judge."""
    second = list(parameters_of(call))[1:2]
    if not second or SIZE.fullmatch(second[0]) is None or required_by(call) != 2:
        return None

    def chunk(source: Any, size: int) -> Any:
        return lambda: iterated(call(source(), size))

    lengths = []
    for size in (2, 3):
        got = delivered(lambda size=size: chunk(stream_of(instance, MANY), size), instance)  # type: ignore[misc]
        if not got or not all(isinstance(part, list | tuple) for part in got):
            return None
        if [item for part in got for item in part] != list(MANY):
            return None
        lengths.append({len(part) for part in got[:-1]})
    if all(len(each) == 1 and min(each) > size for each, size in zip(lengths, (2, 3), strict=True)):
        return Convention(chunk, "lambda s, size: lambda: {}(s(), size)")
    return None


def confirmed(operator: Operator, instance: StreamInstance) -> bool:
    """Whether an operator delivers what its model, or its relation, says of other streams too."""
    return all(_is_right(made_anew(operator), instance, values) for values in TRIALS)


def _is_right(operator: Operator, instance: StreamInstance, values: Sequence[Any]) -> bool:
    items = [instance.make_item(Value(value)) for value in values]
    got = delivered_of(operator, instance, [values])
    if operator.allows is not None:
        return got is not None and operator.allows(
            [*map(instance.make_item, map(Value, got))], items
        )
    assert operator.model is not None
    read = [instance.read_item(item) for item in operator.model(items) or ()]
    wanted = [item.value if isinstance(item, Value) else item for item in read]
    return got is not None and _same(got, wanted, ordered=operator.ordered)


def delivered_of(
    operator: Operator,
    instance: StreamInstance,
    lists: Sequence[Sequence[Any]],
    *,
    every: bool = False,
) -> list[Any] | None:
    """What an operator delivers of streams of these items; None where it does not read them: one of
    them, or every one."""
    with quietly():
        make = fit_of(instance, operator).make
    if make is None:
        return None
    read: set[int] = set()

    def source(number: int, values: Sequence[Any]) -> Any:
        async def run() -> AsyncGenerator[Any, None]:
            read.add(number)
            for value in values:
                yield instance.make_item(Value(value))

        return instance.embed(run)

    sources = [source(number, values) for number, values in enumerate(lists)]
    got = delivered(lambda: make(*sources), instance)
    return got if len(read) >= (len(lists) if every else 1) else None
