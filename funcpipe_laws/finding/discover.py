"""From the name of a module to instances: operations found by name, Result types by shape."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import ModuleType
from typing import Any

from funcpipe_laws.declared.instance import (
    Kind,
    KnownFailure,
    NotFound,
    Policy,
    ResultType,
    StreamInstance,
)
from funcpipe_laws.declared.offers import Consumer, Operator, Wrapper
from funcpipe_laws.finding.functions import function_of, stream_functions
from funcpipe_laws.finding.importing import import_named
from funcpipe_laws.finding.makers import is_stream_class
from funcpipe_laws.finding.result_types import constructors, result_type
from funcpipe_laws.finding.sightings import Seen, Sighting, look
from funcpipe_laws.finding.trying.conventions import Function
from funcpipe_laws.finding.trying.fit import fitted
from funcpipe_laws.finding.trying.texts import KINDS, reads_lines
from funcpipe_laws.finding.trying.trial import DoesNotFit

NAMES: Mapping[Kind, Mapping[str, tuple[str, ...]]] = {
    "stream": {
        "pure": ("async_gen_return", "async_gen_pure", "stream_return", "stream_of"),
        "map": ("async_gen_map", "stream_map", "map_stream"),
        "bind": (
            *("async_gen_and_then", "async_gen_bind", "async_gen_flat_map"),
            *("stream_bind", "stream_and_then", "flat_map", "and_then", "bind"),
        ),
        "using": ("async_gen_using", "stream_using", "using", "bracket"),
        "lift": ("lift_async_item", "lift_item"),
        "empty": ("async_gen_empty", "stream_empty"),
        "merge": ("async_gen_gather", "async_gen_merge", "stream_merge", "merge_streams"),
        "par_map": ("async_gen_par_map", "stream_par_map", "par_map"),
        "buffer": ("async_gen_buffer", "stream_buffer"),
        "chunk": ("async_gen_chunk", "stream_chunk"),
        "timeout": ("async_gen_timeout", "stream_timeout"),
        "retry": ("async_gen_retry", "stream_retry"),
    },
    "sync": {
        "pure": ("io_gen_return", "io_gen_pure", "gen_return"),
        "map": ("io_gen_map", "gen_map"),
        "bind": ("io_gen_and_then", "io_gen_bind", "gen_and_then"),
        "using": ("io_gen_using", "gen_using"),
        "empty": ("io_gen_empty", "gen_empty"),
    },
    "value": {
        "pure": ("async_pure", "async_return", "plan_return"),
        "map": ("async_map", "plan_map"),
        "bind": ("async_and_then", "async_bind", "plan_and_then"),
        "using": ("async_using", "plan_using"),
        "lift": ("lift_plan", "lift_async_result"),
    },
}
"""What a module's descriptions are -> operation -> the names it goes by, the first found wins."""

LAZY_NAMES = ("async_gen_", "io_gen_", "async_")
"""What the names of operations begin with that promise to work in step with their consumer."""

ARITY = {"pure": 1, "map": 2, "bind": 2, "using": 2, "lift": 1, "empty": 0, "merge": 1}
ARITY |= {"par_map": 2, "buffer": 2, "chunk": 2, "timeout": 2, "retry": 1}


EXAMPLE = "StreamInstance(name='mine', map=lambda s, f: lambda: my_map(f, s()))"


@dataclass(frozen=True, slots=True)
class Found:
    """An instance, the target that names it alone, and what was found under which name."""

    target: str
    instance: StreamInstance
    operations: tuple[tuple[str, str], ...] = ()
    constructors: tuple[str, str] | None = None
    on_iterables: frozenset[str] = frozenset()
    """Operations that take async iterables, and were made into ones that take thunks."""
    originals: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    """The operations as the module has them."""
    sightings: tuple[Sighting, ...] = ()
    """The functions of the module that look like functions on streams, and what became of each."""
    adapters: Mapping[str, str] = field(default_factory=dict)
    """Operation -> the lambda that makes a function into it, {} for its name; empty if none."""

    @property
    def mapping(self) -> str:
        """What each operation is, in one line."""
        words = [f"{operation}={name}" for operation, name in self.operations]
        words += [f"operator {name}" for name in self.instance.operators if self.sightings]
        words += [f"consumer {name}" for name in self.instance.consumers if self.sightings]
        if self.constructors:
            words.append(f"items={'/'.join(self.constructors)}")
        if self.on_iterables:
            words.append("streams=async iterables, made anew for each run")
        if self.sightings and self.instance.values is not None:
            words.append(f"values={', '.join(map(repr, self.instance.values))}")
        if words and self.instance.policy.in_step:
            words.append("policy=in_step")
        return ", ".join(words) or f"the instance {self.instance.name}"


def resolve(target: str) -> list[Found]:
    """The instances that `package.module` or `package.module:NAME` stands for.

    A module is searched for a `StreamInstance`; if it has none, for operations by name and arity:
    those on async streams, on synchronous ones and on single values make an instance each, which
    `module:stream`, `module:sync` and `module:value` name. Raises `NotFound` if the module does not
    import, offers nothing, or has several instances. The module is imported, so its code runs.
    """
    module_name, _, attribute = target.partition(":")
    module = import_named(module_name, target)
    instances = {k: v for k, v in vars(module).items() if isinstance(v, StreamInstance)}
    if attribute in NAMES and not hasattr(module, attribute):
        found = [one for one in by_name(module) if one.instance.kind == attribute]
        if not found:
            raise NotFound(f"{module_name} offers nothing to check of the kind {attribute!r}")
        return found
    if attribute in KINDS and not hasattr(module, attribute):
        found = [one for one in by_name(module) if one.target == target]
        if not found:
            raise NotFound(f"{module_name} has no function on streams of {attribute}")
        return found
    if attribute:
        return [_named(module, attribute, instances)]
    if len({id(instance) for instance in instances.values()}) > 1:
        names = " or ".join(f"{module_name}:{name}" for name in sorted(instances))
        raise NotFound(f"{module_name} has several instances; name one: {names}")
    for name, instance in instances.items():
        return [Found(f"{module_name}:{name}", instance)]
    return by_name(module)


def _named(module: ModuleType, name: str, instances: Mapping[str, StreamInstance]) -> Found:
    target = f"{module.__name__}:{name}"
    if name in instances:
        return Found(target, instances[name])
    thing = getattr(module, name, None) or function_of(module, name)
    if hasattr(module, name) or thing is not None:
        return _offered_alone(target, name, thing)
    near = difflib.get_close_matches(name, list(instances), 1) or sorted(instances)[:1]
    hint = f"; did you mean {module.__name__}:{near[0]}?" if near else " and no StreamInstance"
    raise NotFound(f"{module.__name__} has no {name!r}{hint}")


def _offered_alone(target: str, name: str, thing: Any) -> Found:
    """One function of a module, or what an instance can hold, as an instance of its own."""
    given: dict[str, Any] = {}
    if isinstance(thing, Operator):
        given["operators"] = {name: thing}
    elif isinstance(thing, Wrapper):
        given["wrappers"] = {name: thing}
    elif isinstance(thing, Consumer):
        given["consumers"] = {name: thing}
    elif inspect.isroutine(thing) or is_stream_class(thing) or isinstance(thing, str):
        seen = _look_alone(target, name, thing)
        (sighting,) = seen.sightings
        if not sighting.checked_as:
            raise NotFound(f"{target}: {sighting.reason}")
        if seen.operations:
            operation, (_, convention) = next(iter(seen.operations.items()))
            instance = StreamInstance(name=target, **{operation: convention.operation})  # type: ignore[arg-type]
            return Found(target, instance, ((operation, name),))
        given = {"operators": seen.operators, "consumers": seen.consumers, "values": seen.values}
    else:
        kind = type(thing).__name__
        article = "an" if kind[0] in "aeiouAEIOU" else "a"
        raise NotFound(
            f"{target} is {article} {kind}: no StreamInstance, and no function on streams"
        )
    return Found(target, StreamInstance(name=target, **given))


def _look_alone(target: str, name: str, thing: Any) -> Seen:
    """What one function is, given values of any kind, or else text, bytes or JSON."""
    first = look(iter([(name, thing)]), StreamInstance(name=target), {}, named=True)
    done = first.sightings[0].checked_as or first.given_up
    for values in () if done else KINDS.values():
        instance = StreamInstance(name=target, values=values)
        again = look(iter([(name, thing)]), instance, {}, named=True)
        if again.sightings[0].checked_as and not again.operations:
            return again
    return first


def by_name(module: ModuleType) -> list[Found]:
    """The instances of a module, from what its functions are called and do, or re-export."""
    problems: list[str] = []
    found = [one for kind in NAMES for one in _of_kind(module, kind, problems)]
    if found:
        return found
    if problems:
        raise NotFound(problems[0])
    wanted = ", ".join(names[0] for names in NAMES["stream"].values())
    raise NotFound(
        f"{module.__name__} offers nothing to check: define some of {wanted}, or a"
        f" funcpipe_laws.StreamInstance that names your own: {EXAMPLE}"
    )


def _of_kind(module: ModuleType, kind: Kind, problems: list[str]) -> list[Found]:
    operations: dict[str, Any] = {}
    names: dict[str, str] = {}
    refused: list[Sighting] = []
    pair = constructors(module)
    item = 0 if pair is None else pair[0](0)
    on_iterables = set()
    for operation, known in NAMES[kind].items():
        for name in known:
            candidate = getattr(module, name, None)
            if not callable(candidate):
                continue
            try:
                _check_arity(module, name, candidate, ARITY[operation])
                adapted, form = candidate, ""
                if kind == "stream":
                    adapted, form = _fit(module, operation, name, candidate, item)
            except NotFound as exc:
                problems.append(str(exc))
                refused.append(Sighting(name, "", str(exc)))
                continue
            operations[operation], names[operation] = adapted, name
            if form == "async iterables":
                on_iterables.add(operation)
            break
    pair_names = pair and (pair[0].__name__, pair[1].__name__)
    result = None if pair is None else result_type(*pair)
    seen = Seen({}, {}, {}, [])
    others: dict[str, Seen] = {}
    originals = {operation: getattr(module, name) for operation, name in names.items()}
    if kind == "stream":
        plain = StreamInstance(name=module.__name__, result=result)
        skipped = {one.name for one in refused} | _NOT_STREAMS
        functions = {n: f for n, f in stream_functions(module) if n not in skipped}
        seen = look(iter(functions.items()), plain, names)
        seen, others = _in_other_items(seen, functions, plain)
        for operation, (name, convention) in seen.operations.items():
            operations[operation], names[operation] = convention.operation, name
    further = [_of_items(module, items, each, result, pair_names) for items, each in others.items()]
    if not (operations.keys() & _ENOUGH or seen.operators or seen.consumers):
        left = [one for one in seen.sightings if not one.checked_as]
        if further:
            first = replace(further[0], sightings=(*further[0].sightings, *left, *refused))
            return [first, *further[1:]]
        problems += [
            f"{module.__name__} has nothing that is checked unasked; {one.name}: {one.reason}"
            for one in left
        ]
        return []
    in_step = any(name.startswith(LAZY_NAMES) for name in names.values())
    target = module.__name__ if kind == "stream" else f"{module.__name__}:{kind}"
    instance = StreamInstance(
        name=target,
        kind=kind,
        policy=Policy(in_step=in_step or None),
        result=result,
        operators=seen.operators,
        consumers=seen.consumers,
        values=seen.values,
        **operations,
    )
    return [
        Found(
            target,
            instance,
            tuple(names.items()),
            pair_names,
            frozenset(on_iterables),
            originals,
            (*seen.sightings, *refused),
            {op: convention.text for op, (_, convention) in seen.operations.items()},
        ),
        *further,
    ]


def _in_other_items(
    seen: Seen, functions: Mapping[str, Function | str], plain: StreamInstance
) -> tuple[Seen, dict[str, Seen]]:
    """What is left of functions that could not be checked, tried with text, bytes and JSON."""
    others: dict[str, Seen] = {}
    left = {one.name for one in seen.sightings if not one.checked_as} - seen.given_up
    # It may make text of numbers, but lines of them tell nothing.
    readers = {name for name, one in seen.operators.items() if reads_lines(name) and not one.model}
    left |= readers
    for items, values in KINDS.items():
        tried = ((name, one) for name, one in functions.items() if name in left)
        again = look(tried, replace(plain, values=values), {})
        checked = [one for one in again.sightings if one.checked_as]
        for name in readers & again.operators.keys():
            if not again.operators[name].model:
                del again.operators[name]
                checked = [one for one in checked if one.name != name]
        if again.operators or again.consumers:
            others[items] = replace(again, operations={}, sightings=checked)
            left -= {one.name for one in checked}
    there = {one.name for each in others.values() for one in each.sightings}
    kept = [one for one in seen.sightings if one.name not in there]
    operators = {name: one for name, one in seen.operators.items() if name not in there}
    return replace(seen, operators=operators, sightings=kept), others


def _of_items(
    module: ModuleType,
    items: str,
    seen: Seen,
    result: ResultType | None,
    pair: tuple[str, str] | None,
) -> Found:
    """An instance of the operators and consumers that want items of some kind."""
    target = f"{module.__name__}:{items}"
    instance = StreamInstance(
        name=target,
        result=result,
        operators=seen.operators,
        consumers=seen.consumers,
        values=seen.values,
    )
    return Found(target, instance, (), pair, sightings=tuple(seen.sightings))


_NOT_STREAMS = {
    name for other in ("sync", "value") for known in NAMES[other].values() for name in known
}
"""Names of operations on other kinds of descriptions."""
_ENOUGH = {"map", "bind", "using", "lift", "merge", "par_map", "buffer", "chunk", "timeout", "tee"}


def _fit(
    module: ModuleType, operation: str, name: str, call: Callable[..., Any], item: Any
) -> tuple[Callable[..., Any], str]:
    """An operation on async iterables in the form of thunks, and which form it has itself."""
    try:
        return fitted(operation, call, item)
    except DoesNotFit as exc:
        raise NotFound(
            f"{module.__name__}.{name} was taken for {operation} by its name, but does not take"
            f" and return streams as laws use them ({exc}); write a"
            f" funcpipe_laws.StreamInstance that adapts it or leaves it out: {EXAMPLE}"
        ) from None


def waived(found: Found, waivers: Mapping[str, KnownFailure]) -> Found:
    """The same with more laws waived, those of the instance itself taking precedence."""
    instance = replace(found.instance, waivers={**waivers, **found.instance.waivers})
    return replace(found, instance=instance)


def _check_arity(module: ModuleType, name: str, function: Callable[..., Any], arity: int) -> None:
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return
    try:
        # A parallel map must be told its limit, and laws name it.
        limit: dict[str, Any] = {"concurrency": 1} if "concurrency" in signature.parameters else {}
        if name.endswith("retry"):
            limit = {"attempts": 1, "delays": (), "retry_on": ()}
        signature.bind(*range(arity), **limit)
    except TypeError:
        raise NotFound(
            f"{module.__name__}.{name}{signature} cannot be called with {arity} argument(s);"
            " write a funcpipe_laws.StreamInstance that adapts it"
        ) from None
