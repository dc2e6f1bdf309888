"""A function that drives a stream, by what it returns of a few."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from funcpipe_laws.declared.instance import StreamInstance, Value
from funcpipe_laws.declared.offers import Consumer
from funcpipe_laws.finding.trying.conventions import Function, parameters_of, stream_of
from funcpipe_laws.finding.trying.trial import NO_END, DoesNotFit, on_loop, quietly

LONG = tuple(range(20, 34))
LISTS: Sequence[Sequence[Any]] = ((), (5,), (5, 0, None, "", 5, [1]), LONG)
MODELS: Mapping[str, Callable[[Sequence[Any]], Any]] = {"list": list, "count": len}
"""What a consumer returns that keeps all items, or counts them."""


def consumer_of(consume: Function, instance: StreamInstance) -> Consumer:
    """A function as a consumer of descriptions: as it is, or given an iterator if it pulls only of
    that. It may swallow the error of what it cannot iterate over.

    Where it returns all items, or their number, or as many of the first ones as a default of its
    own says, so it must.
    """
    pulled: list[int] = []

    async def items() -> AsyncGenerator[Any, None]:
        pulled.append(1)
        yield instance.make_item(Value(instance.usual))

    async def run() -> None:
        with suppress(Exception):
            await consume(instance.embed(items))

    def opened(stream: Any) -> Any:
        return consume(instance.open(stream))

    with quietly(), suppress(*NO_END, DoesNotFit):
        on_loop(run())
    found = consume if pulled else opened
    if instance.result is not None or instance.values is not None:
        return Consumer(found)
    results = [_result(found, instance, values) for values in LISTS]
    for model in MODELS.values():
        if results == [model(values) for values in LISTS]:
            return Consumer(found, model=model)
    for n in _own_numbers(consume):
        if results == [list(values[:n]) for values in LISTS]:
            return Consumer(found, model=lambda items: list(items[:n]), pulls=n)  # noqa: B023
    return Consumer(found)


def _own_numbers(consume: Function) -> list[int]:
    """What it says itself, by the defaults of its parameters."""
    defaults = [parameter.default for parameter in parameters_of(consume).values()]
    return [n for n in defaults if type(n) is int and 0 < n < len(LONG)]


def _result(consume: Function, instance: StreamInstance, values: Sequence[Any]) -> Any:
    """What it returns of these; `NotImplemented` if it raises or never ends."""

    async def run() -> Any:
        return await consume(stream_of(instance, values))

    with quietly():
        try:
            return on_loop(run())
        except (*NO_END, DoesNotFit):
            return NotImplemented
