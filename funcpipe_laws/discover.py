"""From the name of a module to instances: operations found by name, Result types by shape."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import ModuleType
from typing import Any

from .fit import DoesNotFit, fitted
from .importing import import_named
from .instance import Kind, KnownFailure, NotFound, Policy, StreamInstance
from .result_types import constructors, result_type

NAMES: Mapping[Kind, Mapping[str, tuple[str, ...]]] = {
    "stream": {
        "pure": ("async_gen_return", "async_gen_pure", "stream_return", "stream_of"),
        "map": ("async_gen_map", "stream_map", "map_stream", "amap"),
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
ARITY |= {"par_map": 2, "buffer": 2, "chunk": 2}


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

    @property
    def mapping(self) -> str:
        """What each operation is, in one line."""
        words = [f"{operation}={name}" for operation, name in self.operations]
        if self.constructors:
            words.append(f"items={'/'.join(self.constructors)}")
        if self.on_iterables:
            words.append("streams=async iterables, made anew for each run")
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
    if hasattr(module, name):
        kind = type(getattr(module, name)).__name__
        raise NotFound(f"{target} is a {kind}, not a StreamInstance")
    near = difflib.get_close_matches(name, list(instances), 1) or sorted(instances)[:1]
    hint = f"; did you mean {module.__name__}:{near[0]}?" if near else " and no StreamInstance"
    raise NotFound(f"{module.__name__} has no {name!r}{hint}")


def by_name(module: ModuleType) -> list[Found]:
    """The instances of a module whose operations go by known names, its own or re-exported."""
    found = [one for kind in NAMES for one in _of_kind(module, kind)]
    if not found:
        wanted = ", ".join(names[0] for names in NAMES["stream"].values())
        raise NotFound(
            f"{module.__name__} offers nothing to check: define some of {wanted}, or a"
            f" funcpipe_laws.StreamInstance that names your own: {EXAMPLE}"
        )
    return found


def _of_kind(module: ModuleType, kind: Kind) -> list[Found]:
    operations: dict[str, Any] = {}
    found_names: list[tuple[str, str]] = []
    for operation, names in NAMES[kind].items():
        for name in names:
            candidate = getattr(module, name, None)
            if callable(candidate):
                _check_arity(module, name, candidate, ARITY[operation])
                operations[operation] = candidate
                found_names.append((operation, name))
                break
    if not operations.keys() & {"map", "bind", "using", "lift", "merge", "par_map"}:
        return []
    pair = constructors(module)
    originals = dict(operations)
    on_iterables: frozenset[str] = frozenset()
    if kind == "stream":
        on_iterables = _fit(module, operations, dict(found_names), pair)
    in_step = any(name.startswith(LAZY_NAMES) for _, name in found_names)
    target = module.__name__ if kind == "stream" else f"{module.__name__}:{kind}"
    instance = StreamInstance(
        name=target,
        kind=kind,
        policy=Policy(in_step=in_step or None),
        result=None if pair is None else result_type(*pair),
        **operations,
    )
    pair_names = pair and (pair[0].__name__, pair[1].__name__)
    return [Found(target, instance, tuple(found_names), pair_names, on_iterables, originals)]


def _fit(
    module: ModuleType,
    operations: dict[str, Any],
    names: Mapping[str, str],
    pair: tuple[Any, Any] | None,
) -> frozenset[str]:
    """Put operations on async iterables into the form of thunks; which ones those are."""
    item = 0 if pair is None else pair[0](0)
    adapted = set()
    for operation, call in operations.items():
        try:
            operations[operation], form = fitted(operation, call, item)
        except DoesNotFit as exc:
            name = names[operation]
            raise NotFound(
                f"{module.__name__}.{name} was taken for {operation} by its name, but does not take"
                f" and return streams as laws use them ({exc}); write a"
                f" funcpipe_laws.StreamInstance that adapts it or leaves it out: {EXAMPLE}"
            ) from None
        if form == "async iterables":
            adapted.add(operation)
    return frozenset(adapted)


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
        limit = {"concurrency": 1} if "concurrency" in signature.parameters else {}
        signature.bind(*range(arity), **limit)
    except TypeError:
        raise NotFound(
            f"{module.__name__}.{name}{signature} cannot be called with {arity} argument(s);"
            " write a funcpipe_laws.StreamInstance that adapts it"
        ) from None
