"""Operators that are made first, and given their stream then: `over = running(step, start)`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from funcpipe_laws.declared.instance import StreamInstance
from funcpipe_laws.declared.offers import Operator
from funcpipe_laws.finding.trying.conventions import VALUES, Function, stream_of
from funcpipe_laws.finding.trying.fit import fit_of
from funcpipe_laws.finding.trying.trial import delivered, quietly


def made_once(
    call: Function, given: Callable[[], Sequence[Any]], instance: StreamInstance
) -> Function | None:
    """`call(*given())`, made once for all streams, if it shows: it delivers of a second stream
    something else than of the same one before. None otherwise, for what it holds may belong to one
    loop, as a semaphore does."""
    made = call(*given())
    first, second = _of(made, instance), _of(made, instance)
    if first is None or second is None or first == second:
        return None
    shared = call(*given())

    def make(stream: Any) -> Any:
        return shared(stream)

    make.anew = lambda stream: call(*given())(stream)  # type: ignore[attr-defined]
    return make


def made_anew(operator: Operator) -> Operator:
    """The same, made anew for each stream."""
    return replace(operator, make=getattr(operator.make, "anew", operator.make))


def _of(made: Function, instance: StreamInstance) -> list[Any] | None:
    values = VALUES if instance.values is None else instance.values

    def opened(stream: Any) -> Any:
        return made(stream)

    operator = Operator(opened, streams=1)
    with quietly():
        make = fit_of(instance, operator).make
    return None if make is None else delivered(lambda: make(stream_of(instance, values)), instance)
