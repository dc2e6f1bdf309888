"""What a builder is called with: from its annotations by Hypothesis, with fakes for ports.

A port is what does something when it is used: a function, a stream, a protocol, an object of a
class that is no plain data. A builder may keep it, and may not use it: a fake that is used says so.
"""

from __future__ import annotations

import collections.abc
import dataclasses
import enum
import inspect
import pathlib
import sys
import types
import typing
from collections.abc import Callable
from typing import Any, NoReturn, Union, get_args, get_origin

from hypothesis import strategies as st

from funcpipe_laws.purity.examples import OF_TYPES

_STREAMS = (
    collections.abc.AsyncIterator,
    collections.abc.AsyncIterable,
    collections.abc.AsyncGenerator,
    collections.abc.Awaitable,
    collections.abc.Coroutine,
)


class PortUsed(Exception):
    """A builder has used something that it may only keep."""


class Unbuildable(Exception):
    """An argument that nobody knows how to make; the texts say which, and what factory it needs."""

    def __init__(self, reason: str, factory: str) -> None:
        super().__init__(reason)
        self.reason, self.factory = reason, factory


def strategies(builder: Callable[..., Any], name: str) -> dict[str, st.SearchStrategy[Any]]:
    """A strategy for each parameter that has no default; raises `Unbuildable`."""
    try:
        parameters = inspect.signature(builder).parameters.values()
    except (TypeError, ValueError) as exc:
        raise Unbuildable(f"its parameters are not known: {exc}", for_builder(name, ())) from None
    needed = [p for p in parameters if p.default is p.empty and p.kind not in _STARS]
    if not needed:
        return {}
    try:
        hints = typing.get_type_hints(_annotated(builder))
    except Exception as exc:
        reason = f"its annotations do not resolve: {type(exc).__name__}: {exc}"
        raise Unbuildable(reason, for_builder(name, [p.name for p in needed])) from None
    made = {}
    for parameter in needed:
        if parameter.name not in hints:
            reason = f"parameter {parameter.name!r} has no annotation"
            raise Unbuildable(reason, for_builder(name, [p.name for p in needed]))
        made[parameter.name] = strategy(hints[parameter.name], parameter.name)
    return made


def _annotated(builder: Any) -> Any:
    """What has the annotations: of a class, its constructor, which it may inherit."""
    if not isinstance(builder, type):
        return inspect.unwrap(builder)
    return next(vars(above)["__init__"] for above in builder.__mro__ if "__init__" in vars(above))


_STARS = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


def for_builder(name: str, parameters: Any) -> str:
    """The factory that would make a builder's arguments."""
    values = ", ".join(f"{p}=..." for p in parameters)
    return f"@purity_example({name!r})\ndef arguments():\n    return dict({values})"


def for_type(kind: type) -> str:
    """The factory that would make an object of a class."""
    return (
        f"from {kind.__module__} import {kind.__qualname__.partition('.')[0]}\n"
        f"@purity_example({kind.__qualname__})\ndef example():\n    return {kind.__qualname__}(...)"
    )


def strategy(hint: Any, name: str) -> st.SearchStrategy[Any]:
    """How an argument with this annotation is made; raises `Unbuildable`."""
    hint = _plain(hint)
    origin, parts = get_origin(hint) or hint, get_args(hint)
    if origin is collections.abc.Callable:
        return st.just(_function(name))
    if origin in (Union, types.UnionType):
        return st.one_of([strategy(part, name) for part in parts])
    if origin in _PLAIN:
        return _PLAIN[origin]
    if not isinstance(origin, type):
        return st.from_type(hint)
    if origin in OF_TYPES:
        return st.builds(OF_TYPES[origin])
    if origin in _STREAMS:
        return st.just(_fake(None, name))
    if origin in _CONTAINERS and parts:
        return _container(origin, [strategy(p, name) for p in parts if p is not Ellipsis])
    if dataclasses.is_dataclass(origin):
        return _dataclass(origin, name)
    if is_data(origin) or _is_known(origin):
        return st.from_type(hint)
    return st.just(_fake(origin, name))


def _plain(hint: Any) -> Any:
    """A hint without what stands around it: an alias, `Annotated`, a type variable."""
    while True:
        if isinstance(hint, typing.TypeVar):
            return hint.__bound__ or Any
        if hasattr(hint, "__value__"):
            hint = hint.__value__
        elif hasattr(get_origin(hint), "__value__"):
            hint = get_origin(hint).__value__
        elif get_origin(hint) is typing.Annotated and get_origin(get_args(hint)[0]) is not None:
            hint = get_args(hint)[0]
        else:
            return hint


_FEW = 3
"""Items of a container."""
# A small positive number first: builders refuse sizes below one, as they should.
_PLAIN: dict[Any, st.SearchStrategy[Any]] = {
    Any: st.just(object()),
    object: st.just(object()),
    int: st.integers(1, 5) | st.integers(),
    float: st.sampled_from([1.0, 0.5]) | st.floats(),
    pathlib.Path: st.sampled_from([pathlib.Path("example.txt"), pathlib.Path("folder/more.csv")]),
}
_SEQUENCES = (list, collections.abc.Sequence, collections.abc.Iterable, collections.abc.Collection)
_MAPPINGS = (dict, collections.abc.Mapping, collections.abc.MutableMapping)
_CONTAINERS = {*_SEQUENCES, *_MAPPINGS, tuple, set, frozenset}


def _container(kind: Any, parts: list[st.SearchStrategy[Any]]) -> st.SearchStrategy[Any]:
    if kind in _MAPPINGS:
        return st.dictionaries(parts[0], parts[1], max_size=_FEW)
    if kind is tuple and len(parts) > 1:
        return st.tuples(*parts)
    items = st.lists(parts[0], max_size=_FEW)
    if kind in _SEQUENCES:
        return items
    return items.map(kind)


def _dataclass(kind: Any, name: str) -> st.SearchStrategy[Any]:
    try:
        hints = typing.get_type_hints(kind)
    except Exception as exc:
        reason = f"the annotations of {kind.__qualname__} do not resolve: {exc}"
        raise Unbuildable(reason, for_type(kind)) from None
    fields = [f for f in dataclasses.fields(kind) if f.init]
    needed = {
        f.name: strategy(hints[f.name], name)
        for f in fields
        if f.default is f.default_factory is dataclasses.MISSING
    }
    made = st.builds(kind, **needed)
    if len(needed) == len(fields):
        return made
    # With its defaults first; some cannot be made of these alone.
    return made | st.builds(kind, **{f.name: strategy(hints[f.name], name) for f in fields})


def is_data(kind: type) -> bool:
    """Whether a class is plain data, which making does nothing else."""
    return (
        issubclass(kind, enum.Enum)
        or (issubclass(kind, tuple) and hasattr(kind, "_fields"))
        or typing.is_typeddict(kind)
        or hasattr(kind, "__attrs_attrs__")
        or hasattr(kind, "model_fields")
    )


def _is_known(kind: type) -> bool:
    """Whether Hypothesis makes it by itself: what the standard library has."""
    return kind.__module__.partition(".")[0] in sys.stdlib_module_names


def _refuse(name: str, what: str) -> NoReturn:
    raise PortUsed(f"used the argument {name!r}: {what}")


def _function(name: str) -> Callable[..., Any]:
    def fake(*args: Any, **kwargs: Any) -> NoReturn:
        _refuse(name, "called it")

    return fake


def _fake(kind: type | None, name: str) -> Any:
    """An object of a class, made without its constructor, that may be kept and not used."""
    ours: set[str] = set()
    for above in (kind or collections.abc.AsyncIterator).__mro__[:-1]:
        ours |= vars(above).keys()

    def getattribute(self: Any, attribute: str) -> Any:
        # Printers and Hypothesis look for names of their own, which begin like this.
        if attribute.startswith("_"):
            return object.__getattribute__(self, attribute)
        if kind is None or callable(getattr(kind, attribute, None)):
            return _acting(name, attribute)
        made = kind.__qualname__
        raise Unbuildable(
            f"it reads {name}.{attribute}, and a fake {made} has none", for_type(kind)
        )

    members: dict[str, Any] = {"__getattribute__": getattribute, "__module__": __name__}
    # Python looks the first of these up on the class, past `__getattribute__`.
    acting = (ours & set(_ACTING)) | getattr(kind, "__abstractmethods__", set())
    members |= {method: _acting(name, method) for method in acting}
    try:
        fake = type(f"Fake{kind.__name__ if kind else 'Stream'}", (kind or object,), members)
        return object.__new__(fake)
    except TypeError as exc:
        assert kind is not None
        raise Unbuildable(f"nothing makes a {kind.__qualname__}: {exc}", for_type(kind)) from None


_ACTING = (
    *("__aiter__", "__anext__", "__aenter__", "__await__"),
    *("__enter__", "__call__", "__iter__", "__next__"),
)


def _acting(name: str, method: str) -> Callable[..., NoReturn]:
    def fake(*args: Any, **kwargs: Any) -> NoReturn:
        _refuse(name, f"called its {method}")

    return fake
