"""Functions of a module that look like functions on async streams, by what can be read off them."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from types import CodeType, ModuleType
from typing import Any

from funcpipe_laws.finding.harmless import reads_a_stream
from funcpipe_laws.finding.trying.conventions import Function, parameters_of
from funcpipe_laws.finding.words import word_for


def stream_functions(module: ModuleType) -> Iterator[tuple[str, Function]]:
    """The public functions of a module that take or make an async stream, by what can be read off.

    An annotation says so, the function is an async generator or has one inside, or it is a
    coroutine function that iterates over a parameter. Methods of public classes that can be made of
    a stream are taken for functions of a stream.
    """
    exported = getattr(module, "__all__", None)
    package = module.__name__.partition(".")[0]
    # What is found is tried at once: a warning that it gives adds to the module's names.
    for name, thing in list(vars(module).items()):
        at_home = str(getattr(thing, "__module__", "")).partition(".")[0] == package
        if name.startswith("_") or not (name in exported if exported is not None else at_home):
            continue
        if inspect.isclass(thing):
            if wraps_a_stream(thing):
                yield name, thing
            yield from _methods(name, thing)
        elif inspect.isroutine(thing) and _looks_like_one(thing):
            yield name, thing


def wraps_a_stream(thing: object) -> bool:
    """Whether it is a class of async iterables that are made of one thing."""
    return (
        inspect.isclass(thing)
        and hasattr(thing, "__aiter__")
        and "__init__" in vars(thing)
        and required_by(thing) == 1
    )


def _methods(name: str, cls: type[Any]) -> Iterator[tuple[str, Function]]:
    if not wraps_a_stream(cls):
        return
    for method, function in vars(cls).items():
        if not method.startswith("_") and inspect.isfunction(function) and word_for(method):
            yield f"{name}.{method}", _as_function(cls, method)


def _as_function(cls: type[Any], method: str) -> Function:
    def call(source: Any, *args: Any, **options: Any) -> Any:
        return getattr(cls(source), method)(*args, **options)

    own = list(inspect.signature(getattr(cls, method)).parameters.values())[1:]
    source = inspect.Parameter("source", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    call.__signature__ = inspect.Signature([source, *own])  # type: ignore[attr-defined]
    return call


def _looks_like_one(function: Any) -> bool:
    if inspect.isasyncgenfunction(function):
        return True
    annotations = getattr(function, "__annotations__", {})
    if any(names_a_stream(annotation, function) for annotation in annotations.values()):
        return True
    if reads_a_stream(function):
        return True
    code = getattr(inspect.unwrap(function), "__code__", None)
    return code is not None and _holds_a_generator(code)


def _holds_a_generator(code: CodeType) -> bool:
    inner = [const for const in code.co_consts if isinstance(const, CodeType)]
    return any(
        one.co_flags & inspect.CO_ASYNC_GENERATOR or _holds_a_generator(one) for one in inner
    )


def names_a_stream(annotation: object, function: Any = None) -> bool:
    """Whether an annotation names a type of async streams, itself or by an alias of its module."""
    text = annotation if isinstance(annotation, str) else repr(annotation)
    module = getattr(inspect.unwrap(function), "__globals__", {}) if function is not None else {}
    aliases = [module[name] for name in re.findall(r"[A-Za-z_]\w*", text) if name in module]
    text += " ".join(repr(alias) for alias in aliases if not inspect.isclass(alias))
    return any(f"Async{kind}" in text for kind in ("Iterator", "Iterable", "Gen"))


def needed(function: Function) -> str:
    """The parameters that have no default, in a text."""
    return ", ".join(p for p, v in parameters_of(function).items() if v.default is v.empty)


def is_factory(function: Function) -> bool:
    """Whether its one parameter is annotated as something that is no stream."""
    annotation = first_annotation(function)
    return annotation is not None and not names_a_stream(annotation, function)


def first_annotation(function: Function) -> Any:
    """The annotation of the first parameter, or None."""
    for parameter in parameters_of(function).values():
        return None if parameter.annotation is parameter.empty else parameter.annotation
    return None


def required_by(function: Function) -> int:
    """How many parameters have no default, and are not variadic."""
    parameters = parameters_of(function).values()
    kinds = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return sum(p.default is p.empty and p.kind not in kinds for p in parameters)
