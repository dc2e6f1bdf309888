"""From the name of a module to an instance: operations found by name, Result types by shape."""

from __future__ import annotations

import dataclasses
import difflib
import importlib
import inspect
import sys
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from .instance import OPERATIONS, ResultType, StreamInstance

NAMES: Mapping[str, tuple[str, ...]] = {
    "pure": ("async_gen_return", "async_gen_pure", "stream_return", "stream_of"),
    "map": ("async_gen_map", "stream_map", "map_stream", "amap"),
    "bind": (
        *("async_gen_and_then", "async_gen_bind", "async_gen_flat_map"),
        *("stream_bind", "stream_and_then", "flat_map", "and_then", "bind"),
    ),
    "using": ("async_gen_using", "stream_using", "using", "bracket"),
    "lift": ("lift_async_item", "lift_async", "lift_item"),
    "empty": ("async_gen_empty", "stream_empty"),
    "merge": ("async_gen_gather", "async_gen_merge", "stream_merge", "merge_streams"),
    "par_map": ("async_gen_par_map", "stream_par_map", "par_map"),
    "buffer": ("async_gen_buffer", "stream_buffer"),
    "chunk": ("async_gen_chunk", "stream_chunk"),
}
"""Operation -> the names it goes by, the first found wins."""

ARITY = {"pure": 1, "map": 2, "bind": 2, "using": 2, "lift": 1, "empty": 0, "merge": 1}
ARITY |= {"par_map": 2, "buffer": 2, "chunk": 2}

RESULTS = (("Ok", "Err"), ("Ok", "Error"), ("Success", "Failure"))
"""Pairs of constructors for items that succeeded and failed."""

_VALUE_NAMES = ("value", "ok_value", "error", "err_value", "_inner_value", "_value")


class NotFound(Exception):
    """A target names nothing that laws can be run on; the text says what would."""


@dataclass(frozen=True, slots=True)
class Found:
    """An instance and, in one line, what each of its operations is."""

    instance: StreamInstance
    mapping: str


def resolve(target: str) -> Found:
    """The instance that `package.module` or `package.module:NAME` stands for.

    A module is searched for a `StreamInstance`; if it has none, for operations by name and arity.
    Raises `NotFound` if the module does not import, offers nothing, or offers several instances.
    The module is imported, so its top-level code runs.
    """
    module_name, _, attribute = target.partition(":")
    module = _import(module_name, target)
    instances = {k: v for k, v in vars(module).items() if isinstance(v, StreamInstance)}
    if attribute:
        return _named(module, attribute, instances)
    if len({id(instance) for instance in instances.values()}) > 1:
        names = " or ".join(f"{module_name}:{name}" for name in sorted(instances))
        raise NotFound(f"{module_name} has several instances; name one: {names}")
    if instances:
        name, instance = next(iter(instances.items()))
        return Found(instance, f"{module_name}:{name}")
    return by_name(module)


def _import(name: str, target: str) -> ModuleType:
    if name.endswith(".py") or "/" in name:
        dotted = ".".join(Path(name).with_suffix("").parts)
        raise NotFound(f"{target!r} is a path; name the module instead: {dotted}")
    if not all(part.isidentifier() for part in name.split(".")):
        raise NotFound(f"{target!r} is not package.module or package.module:INSTANCE")
    here = str(Path.cwd())
    if here not in sys.path and "" not in sys.path:
        # `pytest` does not search the working directory; `python -m pytest` does.
        sys.path.insert(0, here)
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as exc:
        if exc.name is not None and (name == exc.name or name.startswith(exc.name + ".")):
            raise NotFound(f"no module named {name!r}{_near_module(name)}") from None
        raise NotFound(f"{name} does not import: {exc}") from None
    except Exception as exc:
        place = _last_line_of(exc)
        raise NotFound(f"{name} does not import: {type(exc).__name__}: {exc}{place}") from None


def _last_line_of(exc: Exception) -> str:
    if isinstance(exc, SyntaxError):
        return ""
    trace = exc.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f" ({trace.tb_frame.f_code.co_filename}:{trace.tb_lineno})" if trace else ""


def _near_module(name: str) -> str:
    parent, _, last = name.rpartition(".")
    try:
        places = list(importlib.import_module(parent).__path__) if parent else [str(Path.cwd())]
    except (ImportError, AttributeError):
        return f" (nor {parent!r})" if parent else ""
    found = {p.stem for place in places for p in Path(place).glob("*") if p.stem.isidentifier()}
    near = difflib.get_close_matches(last, sorted(found), 1)
    prefix = f"{parent}." if parent else ""
    return (
        f"; did you mean {prefix}{near[0]}?" if near else " on sys.path or below the current folder"
    )


def _named(module: ModuleType, name: str, instances: Mapping[str, StreamInstance]) -> Found:
    if name in instances:
        return Found(instances[name], f"{module.__name__}:{name}")
    if hasattr(module, name):
        kind = type(getattr(module, name)).__name__
        raise NotFound(f"{module.__name__}:{name} is a {kind}, not a StreamInstance")
    near = difflib.get_close_matches(name, list(instances), 1) or sorted(instances)[:1]
    hint = f"; did you mean {module.__name__}:{near[0]}?" if near else ""
    raise NotFound(f"{module.__name__} has no {name!r}{hint}")


def by_name(module: ModuleType) -> Found:
    """The instance of a module whose operations go by known names, in it or re-exported by it."""
    operations = {}
    for operation in OPERATIONS:
        for name in NAMES.get(operation, ()):
            candidate = getattr(module, name, None)
            if callable(candidate):
                _check_arity(module, name, candidate, ARITY[operation])
                operations[operation] = (name, candidate)
                break
    if not operations.keys() & {"map", "bind", "using", "lift", "merge", "par_map"}:
        wanted = ", ".join(names[0] for names in NAMES.values())
        raise NotFound(
            f"{module.__name__} offers nothing to check: define some of {wanted},"
            " or a funcpipe_laws.StreamInstance that names your own"
        )
    constructors = _constructors(module)
    result = None if constructors is None else result_type(*constructors)
    words = [f"{operation}={name}" for operation, (name, _) in operations.items()]
    if constructors is not None:
        words.append(f"items={constructors[0].__name__}/{constructors[1].__name__}")
    instance = StreamInstance(
        name=module.__name__,
        result=result,
        **{operation: function for operation, (_, function) in operations.items()},
    )
    return Found(instance, ", ".join(words))


def _check_arity(module: ModuleType, name: str, function: Callable[..., Any], arity: int) -> None:
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return
    try:
        signature.bind(*range(arity))
    except TypeError:
        raise NotFound(
            f"{module.__name__}.{name}{signature} cannot be called with {arity} argument(s);"
            " write a funcpipe_laws.StreamInstance that adapts it"
        ) from None


def _constructors(module: ModuleType) -> tuple[Any, Any] | None:
    for ok, err in RESULTS:
        if callable(getattr(module, ok, None)) and callable(getattr(module, err, None)):
            return getattr(module, ok), getattr(module, err)
    return None


def result_type(ok: Any, err: Any) -> ResultType:
    """A Result type from its two constructors.

    Items are told apart by class; the payload is read from the attribute that holds what the
    constructor was given. The error payload is made from the annotation of the constructor's
    parameter. Raises `NotFound` if a constructor does not take one argument, or hides it.
    """
    error_for = _error_factory(err)
    ok_class, value_name = _inspect_constructor(ok, object())
    err_class, error_name = _inspect_constructor(err, error_for("probe"))
    if ok_class is err_class:
        raise NotFound(
            f"{ok.__name__} and {err.__name__} both make {ok_class.__name__}:"
            " write a funcpipe_laws.ResultType that tells them apart"
        )
    return ResultType(
        ok=ok,
        err=err,
        is_ok=lambda item: isinstance(item, ok_class),
        is_err=lambda item: isinstance(item, err_class),
        value=lambda item: getattr(item, value_name),
        error=lambda item: getattr(item, error_name),
        error_for=error_for,
    )


def _inspect_constructor(make: Any, payload: object) -> tuple[type[Any], str]:
    try:
        item = make(payload)
    except Exception as exc:
        raise NotFound(
            f"{make.__name__}(x) fails: {exc}; write a funcpipe_laws.ResultType"
        ) from None
    names = (
        *getattr(type(item), "__match_args__", ()),
        *_VALUE_NAMES,
        *getattr(item, "__dict__", ()),
    )
    for name in names:
        if getattr(item, name, None) is payload:
            return type(item), name
    raise NotFound(f"{make.__name__}(x) hides x: write a funcpipe_laws.ResultType")


def _error_factory(err: Any) -> Callable[[str], Any]:
    """One payload a code; the same object each time, for types that compare by identity."""
    kind = _payload_type(err)
    made: dict[str, Any] = {}

    def error_for(code: str) -> Any:
        if code not in made:
            made[code] = code if kind is None else _fill(kind, code)
        return made[code]

    return error_for


def _payload_type(err: Any) -> type[Any] | None:
    """The class that the constructor's parameter is annotated with, if instances can be made."""
    target = inspect.getattr_static(err, "__init__") if isinstance(err, type) else err
    try:
        hints = typing.get_type_hints(target)
    except (NameError, TypeError, AttributeError):
        return None
    kinds = [hint for name, hint in hints.items() if name != "return"]
    if len(kinds) != 1 or not isinstance(kinds[0], type) or kinds[0] in (object, str):
        return None
    try:
        _fill(kinds[0], "probe")
    except Exception:
        return None
    return kinds[0]


def _fill(kind: type[Any], code: str) -> Any:
    """An object of a payload class with every text field set, so that losing one shows."""
    if issubclass(kind, BaseException):
        return kind(code)
    hints = typing.get_type_hints(inspect.getattr_static(kind, "__init__"))
    arguments: dict[str, Any] = {}
    defaults = {int: 0, float: 0.0, bool: False}
    if dataclasses.is_dataclass(kind):
        hints |= typing.get_type_hints(kind)
    for name, parameter in inspect.signature(kind).parameters.items():
        hint = hints.get(name)
        if hint is str:
            arguments[name] = f"{code}" if not arguments else f"{code} {name}"
        elif parameter.default is parameter.empty:
            arguments[name] = defaults.get(hint) if isinstance(hint, type) else None
    return kind(**arguments)
