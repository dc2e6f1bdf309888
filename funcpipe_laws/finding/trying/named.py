"""Operators that are known by name: what they are given to try them, and what they then deliver."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from typing import Any

from funcpipe_laws.declared.instance import StreamInstance, Value
from funcpipe_laws.declared.offers import Operator
from funcpipe_laws.finding.trying import models
from funcpipe_laws.finding.trying.conventions import (
    LIMITS,
    VALUES,
    Function,
    Unlike,
    orders,
    parameters_of,
    stream_of,
)
from funcpipe_laws.finding.trying.currying import made_once
from funcpipe_laws.finding.trying.fit import fit_of, iterated
from funcpipe_laws.finding.trying.trial import delivered, quietly


def _not_two(value: Any) -> bool:
    return not isinstance(value, int) or value != 2


def _counted(so_far: Any, value: Any) -> Any:
    return (so_far[0] + 1, value)


NAMED: Mapping[str, tuple[tuple[Any, ...], Callable[[], models.ListModel]]] = {
    "take": ((2,), lambda: models.take(2)),
    "drop": ((2,), lambda: models.drop(2)),
    "take_while": ((_not_two,), lambda: models.take_while(_not_two)),
    "drop_while": ((_not_two,), lambda: models.drop_while(_not_two)),
    "filter": ((_not_two,), lambda: models.filtered(_not_two)),
    "scan": (((0, None), _counted), lambda: models.scan((0, None), _counted)),
    "window": ((2,), lambda: models.windows(2)),
    "debounce": ((0.1,), models.last_of_a_burst),
    "throttle": ((0.1,), models.first_of_a_burst),
    "rate_limit": ((10,), models.as_it_is),
    "enumerate": ((), models.enumerated),
    "pairwise": ((), models.pairs),
    "distinct": ((), models.distinct),
    "unique": ((), models.unique),
}
"""Operators with one stream -> what they are given besides, and what they deliver."""
REPEATING = tuple(map(int, ("500", "500", "700", "500", "900")))
"""Equal items, each an object of its own: small numbers are the same object."""
REPEATS = ("distinct", "unique")
"""What is tried with these."""
PULLS: Mapping[str, Callable[[list[Any]], int]] = {
    "take": lambda items: 2,
    "take_while": lambda items: 1 + len(models.take_while(_not_two)(items)),
}
"""Operators that need no more than this of their stream, as those of `itertools`."""

OF_SEVERAL: Mapping[str, Callable[[], models.ListModel]] = {
    "zip": models.zipped,
    "concat": models.concatenated,
}
"""Operators with several streams -> what they deliver."""
RELATED: Mapping[str, Callable[[], models.Relation]] = {"combine_latest": models.latest}
"""Operators with two streams -> what they may deliver."""


def operator_of_several(
    name: str, call: Function, instance: StreamInstance, unlike: list[Unlike]
) -> Operator | None:
    """A function of two streams, or of a list of them, as the operator that its name says; see
    `convention`."""
    for make in (call, lambda left, right: call([left, right])):
        got = _delivered(Operator(make, streams=2), instance)
        if got is None:
            continue
        if name in RELATED:
            allows = RELATED[name]()
            if allows(got, list(VALUES), list(VALUES)):
                return Operator(make, streams=2, allows=_related(allows, instance))
        elif got == (model := OF_SEVERAL[name]())(list(VALUES), list(VALUES)):
            return Operator(make, streams=2, model=on_items(model, instance))
        else:
            unlike.append((got, model(list(VALUES), list(VALUES))))
    return None


def _inner(value: Any) -> tuple[Any, ...]:
    return (value, ("again", value))


OF_FUNCTIONS = ("switch_map", "merge_map", "par_map_unordered", "group_by")
"""Operators with one stream and a function, whose items depend on the schedule, or are nested."""


def operator_of_a_function(
    name: str, call: Function, instance: StreamInstance, unlike: list[Unlike]
) -> Operator | None:
    """A function of a stream and a function as the operator that its name says; see `convention`.
    Of a switch, where more than one list is right, nothing is added to `unlike`."""
    for make in _makers(name, call, instance):
        got = _delivered(Operator(make, streams=1), instance)
        if got is None:
            continue
        values = list(VALUES)
        if name == "switch_map" and (allows := models.switched(_inner))(got, values):
            return Operator(make, streams=1, allows=_related(allows, instance))
        if name == "group_by":
            model = models.grouped(_parity)
            if got == model(values):
                return Operator(make, streams=1, model=on_items(model, instance), whole=True)
            unlike.append((got, model(values)))
        inners, results = models.concat_mapped(_inner), models.mapped(_marked)
        model = results if name == "par_map_unordered" else inners
        if name in ("merge_map", "par_map_unordered"):
            if _alike(got, model(values)):
                return Operator(make, streams=1, model=on_items(model, instance), ordered=False)
            unlike.append((got, model(values)))
    return None


def _alike(got: list[Any], wanted: list[Any]) -> bool:
    return sorted(map(repr, got)) == sorted(map(repr, wanted))


def _marked(value: Any) -> Any:
    return ("f", value)


def _parity(value: Any) -> Any:
    return value % 2 if isinstance(value, int) else len(repr(value))


def _makers(name: str, call: Function, instance: StreamInstance) -> Iterator[Function]:
    """The operator made of a stream alone, under each convention there is."""
    limits = [limit for limit in LIMITS if limit in parameters_of(call)]
    rest = dict.fromkeys(limits[:1], 2)
    for function in _functions(name, instance):
        for ordered, _ in orders(call):
            if name == "group_by":
                yield lambda s, f=function, o=ordered: lambda: _collected(o, s, f)
            else:
                yield lambda s, f=function, o=ordered: o(s, f, **rest)
    third = [p for p in parameters_of(call).values() if p.default is p.empty][2:]
    if third and not limits:
        for function in _functions(name, instance):
            yield lambda s, f=function: call(s, f, 2)


def _functions(name: str, instance: StreamInstance) -> Iterator[Function]:
    """What such an operator may be given: plain or a coroutine function, in the library's form."""
    if name == "group_by":
        yield lambda item: _parity(instance.read_item(item).value)  # type: ignore[union-attr]
        yield _parity
    elif name == "par_map_unordered":

        async def awaited(value: Any) -> Any:
            return instance.make_item(Value(_marked(value)))

        yield awaited
    else:
        yield lambda value: stream_of(instance, _inner(value))
        yield lambda value: instance.open(stream_of(instance, _inner(value)))


async def _collected(call: Function, source: Any, key: Function) -> AsyncGenerator[Any, None]:
    """Groups as pairs of a key and a list, whether they come as lists or as streams."""
    opened = source() if callable(source) and not hasattr(source, "__anext__") else source
    groups = iterated(call(opened, key))
    try:
        async for k, group in groups:
            yield k, list(group) if isinstance(group, list | tuple) else [x async for x in group]
    finally:
        if hasattr(groups, "aclose"):
            await groups.aclose()


def retrying_operator(call: Function, instance: StreamInstance) -> Operator | None:
    """A function that runs a stream again when it fails, given one or what makes one."""
    for make in (call, lambda s: call(s, 3), lambda s: lambda: iterated(call(s))):
        operator = Operator(make, streams=1)
        failed: list[int] = []

        async def once(failed: list[int] = failed) -> AsyncGenerator[Any, None]:
            if not failed:
                failed.append(1)
                raise OSError("once")
            for value in VALUES:
                yield instance.make_item(Value(value))

        source = instance.embed(once)
        if _delivered(operator, instance, source) == list(VALUES):
            return Operator(
                make, streams=1, model=list, exceptions="handle", retries="always", ordered=True
            )
    return None


def named_operator(
    name: str, call: Function, instance: StreamInstance, unlike: list[Unlike]
) -> Operator | None:
    """A function as the operator that its name says, in the order of arguments that it wants; see
    `convention`."""
    extra, made_of = NAMED[name]
    first: tuple[Any, ...] = ()
    given: list[tuple[Function, tuple[Any, ...]]] = [(lambda s: call(s, *extra), first)]
    if extra:
        given.append((lambda s: call(*extra, s), first))
        given.append((lambda s: call(*extra)(s), extra))
    if len(extra) > 1:
        turned = extra[::-1]
        given.append((lambda s: call(s, *turned), first))
        given.append((lambda s: call(*turned)(s), turned))
    coroutine = [_awaited(argument) if callable(argument) else argument for argument in extra]
    if any(callable(argument) for argument in extra):
        given.append((lambda s: call(s, *coroutine), first))
        given.append((lambda s: call(*coroutine, s), first))
    values = values_for(name)
    wanted = made_of()(list(values))
    for make, before in given:
        operator = Operator(make, streams=1)
        got = _delivered(operator, instance, stream_of(instance, values))
        for model in (made_of(), models.in_lists(made_of())):
            if got == model(list(values)):
                pulls = PULLS.get(name)
                shared = made_once(call, lambda b=before: b, instance) if before else None  # type: ignore[misc]
                return Operator(
                    shared or make,
                    streams=1,
                    model=on_items(model, instance),
                    pulls=pulls and _on_values(pulls, instance),
                )
        if got is not None:
            unlike.append((got, wanted))
    return None


def values_for(name: str) -> tuple[int, ...]:
    """What an operator of this name is tried with."""
    return REPEATING if name in REPEATS else VALUES


def _on_values(
    function: Callable[[list[Any]], Any], instance: StreamInstance
) -> Callable[..., Any]:
    """A function of plain values as one of the library's items; None where one of them failed."""
    result = instance.result
    if result is None:
        return function
    return lambda items: (
        function([result.value(i) for i in items]) if all(map(result.is_ok, items)) else None
    )


def on_items(model: models.ListModel, instance: StreamInstance) -> models.ListModel:
    """A model of plain values as one of the library's items.

    Whether a failed item counts is for each library to say: with one, nothing is claimed.
    """
    result = instance.result
    if result is None:
        return model

    def on_items(*lists: list[Any]) -> Any:
        if not all(result.is_ok(item) for items in lists for item in items):
            return None
        values = [[result.value(item) for item in items] for items in lists]
        return [result.ok(value) for value in model(*values)]

    return on_items


def _related(allows: models.Relation, instance: StreamInstance) -> models.Relation:
    """A relation of plain values as one of the library's items; see `on_items`."""
    result = instance.result
    if result is None:
        return allows

    def on_items(*lists: list[Any]) -> bool:
        if not all(result.is_ok(item) for items in lists for item in items):
            return True
        return allows(*[[result.value(item) for item in items] for items in lists])

    return on_items


def _awaited(function: Function) -> Function:
    async def awaited(*values: Any) -> Any:
        return function(*values)

    return awaited


def _delivered(
    operator: Operator, instance: StreamInstance, source: Any = None
) -> list[Any] | None:
    """What an operator delivers of `VALUES`, or of a source; None where it does not fit, raises or
    never ends."""
    # Before the loop runs: a trial has a loop of its own, and from 3.14 on none runs in another.
    with quietly():
        make = fit_of(instance, operator).make
    if make is None:
        return None
    sources = [stream_of(instance, VALUES) if source is None else source] * operator.arity
    return delivered(lambda: make(*sources), instance)
