"""Inputs that are not drawn: each of the few values that they have gets its turn.

`EACH[name](instance)` lists them, for every name that a law may give such an input.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import product
from typing import Any

from funcpipe_laws.declared.instance import StreamInstance, Value
from funcpipe_laws.declared.offers import Operator
from funcpipe_laws.experiments.probes import FORMS
from funcpipe_laws.experiments.strategies import LAYERS
from funcpipe_laws.experiments.subjects import subjects


def layer(instance: StreamInstance) -> Sequence[Any]:
    """Every combinator by itself."""
    return [(layer,) for layer, operation in LAYERS.items() if instance.offers(operation)]


def subject(instance: StreamInstance) -> Sequence[Any]:
    """Every operation, by the name that `subjects` has for it."""
    return list(subjects(instance))


def over(instance: StreamInstance) -> Sequence[Any]:
    """Every operation that has a source."""
    return [name for name, subject in subjects(instance).items() if subject.source]


def modelled(instance: StreamInstance) -> Sequence[Any]:
    """Every operation that has a list model."""
    return [name for name, subject in subjects(instance).items() if subject.model is not None]


def passing(instance: StreamInstance) -> Sequence[Any]:
    """Every operation that lets an exception of its source pass."""
    return [name for name, s in subjects(instance).items() if s.source and not s.handles]


def predicted(instance: StreamInstance) -> Sequence[Any]:
    """Those of them that have a list model."""
    return [name for name in passing(instance) if subjects(instance)[name].model is not None]


def ongoing(instance: StreamInstance) -> Sequence[Any]:
    """Every operation that delivers something of a source that never ends."""
    return [name for name, s in subjects(instance).items() if s.source and not s.waits]


def bounded(instance: StreamInstance) -> Sequence[Any]:
    """Every operation whose memory does not grow with its source, and which delivers items of a
    source that is always ready, as it goes: by its model, if it has one."""
    return [
        name
        for name, s in subjects(instance).items()
        if s.source and not s.whole and not _leaves_most_out(instance, s.operator)
    ]


def _leaves_most_out(instance: StreamInstance, operator: Operator | None) -> bool:
    """Whether an operator delivers less than a third of items that come at once, as `take(2)`,
    debounce and throttle: there is no run of it whose memory could be looked at twice."""
    if operator is None or operator.model is None or operator.arity != 1:
        return False
    items = [instance.make_item(Value(number)) for number in range(_MANY)]
    try:
        return 3 * len(list(operator.model(items) or ())) < _MANY
    except Exception:
        return False  # What a model makes of items is another law's.


_MANY = 30


def _operators_with(field: str) -> Callable[[StreamInstance], Sequence[Any]]:
    """Operators that declare this of themselves."""

    def found(instance: StreamInstance) -> Sequence[Any]:
        known = subjects(instance)
        operators = instance.operators.items()
        return [n for n, op in operators if getattr(op, field) is not None and n in known]

    return found


def steady(instance: StreamInstance) -> Sequence[Any]:
    """Every operation whose items do not depend on the time."""
    return [name for name, s in subjects(instance).items() if s.operator is None]


def prompt(instance: StreamInstance) -> Sequence[Any]:
    """Every operation that needs no further item to deliver what it has."""
    return [name for name, s in subjects(instance).items() if s.source and not s.lags]


def _offered(*operations: str) -> Callable[[StreamInstance], Sequence[Any]]:
    return lambda instance: [op for op in operations if instance.offers(op)]


EACH: dict[str, Callable[[StreamInstance], Sequence[Any]]] = {
    "layer": layer,
    "subject": subject,
    "over": over,
    "modelled": modelled,
    "prompt": prompt,
    "calling": _offered("map", "bind", "lift", "par_map", "retry"),
    "declared": _operators_with("read_ahead"),
    "related": _operators_with("allows"),
    "rated": _operators_with("rate"),
    "retrying": _operators_with("retries"),
    "counted": _operators_with("pulls"),
    "steady": steady,
    "form": lambda instance: list(FORMS),
    "wrapper": lambda instance: list(instance.wrappers),
    "consumer": lambda instance: list(instance.consumers),
    "passing": passing,
    "predicted": predicted,
    "ongoing": ongoing,
    "bounded": bounded,
    "limited": _offered("buffer", "par_map", "chunk"),
    "through": _offered("using", "bind"),
    "stop": lambda instance: ("close", "cancel"),
}
"""Inputs that are not drawn: each of the few values has its turn."""


def each_in_turn(names: Iterable[str], instance: StreamInstance) -> list[dict[str, Any]]:
    """Every combination of the inputs that are not drawn."""
    taken = [name for name in names if name in EACH]
    values = product(*(EACH[name](instance) for name in taken))
    return [dict(zip(taken, combination, strict=True)) for combination in values]
