"""What items may hold for functions of which nothing else is known: each value is tried."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Collection, Mapping, Sequence
from typing import Any

from funcpipe_laws.declared.instance import VALUES, StreamInstance
from funcpipe_laws.declared.offers import SEVERAL, Consumer, Operator
from funcpipe_laws.finding.trying.conventions import stream_of
from funcpipe_laws.finding.trying.fit import fit_of
from funcpipe_laws.finding.trying.trial import TookTooLong, delivered, patience

LEAST = 3
"""Values that an operator must take: laws tell items apart by what they hold."""


def accepted(
    operators: Mapping[str, Operator],
    consumers: Mapping[str, Consumer],
    instance: StreamInstance,
    hashing: Collection[str] = (),
) -> tuple[Sequence[Any] | None, Mapping[str, str]]:
    """What items may hold for all operators and consumers of which nothing else is known: None is
    "anything". And those that take next to nothing, with what they raise. `hashing`: those that are
    known and may want items that can be hashed."""
    usual = VALUES if instance.values is None else instance.values
    common, refused = list(usual), {}
    trials = [(name, _in_time(_consumed, one, instance)) for name, one in consumers.items()]
    trials += [
        (name, _in_time(_taken, one, instance))
        for name, one in operators.items()
        if one.arity and (name in hashing or not (one.model or one.allows))
    ]
    for name, (taken, problem) in trials:
        both = [value for value in common if any(value is other for other in taken)]
        if len(both) < LEAST:
            refused[name] = problem
        else:
            common = both
    return (instance.values if len(common) == len(usual) else tuple(common)), refused


def _in_time(
    trial: Callable[..., tuple[list[Any], str]], one: Any, instance: StreamInstance
) -> tuple[list[Any], str]:
    try:
        with patience():
            return trial(one, instance)
    except TookTooLong as exc:
        return [], str(exc)


def _taken(operator: Operator, instance: StreamInstance) -> tuple[list[Any], str]:
    make, taken, problem = fit_of(instance, operator).make, [], ""
    arity = 2 if operator.arity == SEVERAL else operator.arity
    usual = VALUES if instance.values is None else instance.values
    for value in usual if make is not None and operator.takes == "streams" else ():
        raised: list[BaseException] = []
        sources = [stream_of(instance, (value, value))] * arity
        if delivered(lambda sources=sources: make(*sources), instance, raised) is not None:  # type: ignore[misc]
            taken.append(value)
        elif raised:
            problem = problem or f"of {value!r} it raises {raised[0]!r}"
    return taken, problem


def _consumed(consumer: Consumer, instance: StreamInstance) -> tuple[list[Any], str]:
    taken, problem = [], ""
    for value in VALUES if instance.values is None else instance.values:
        raised: list[BaseException] = []

        def build(value: Any = value) -> Any:
            async def run() -> AsyncGenerator[Any, None]:
                await consumer.consume(stream_of(instance, (value, value)))
                for _ in ():
                    yield None

            return instance.embed(run)

        if delivered(build, instance, raised) is not None:
            taken.append(value)
        elif raised:
            problem = problem or f"of {value!r} it raises {raised[0]!r}"
    return taken, problem
