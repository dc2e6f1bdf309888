"""From a library's constructors for items that succeeded and failed to a `ResultType`."""

from __future__ import annotations

import dataclasses
import inspect
import typing
from collections.abc import Callable
from types import ModuleType
from typing import Any

from funcpipe_laws.declared.instance import NotFound, ResultType

PAIRS = (("Ok", "Err"), ("Ok", "Error"), ("Success", "Failure"))
"""Names of constructors for items that succeeded and failed."""

_VALUE_NAMES = ("value", "ok_value", "error", "err_value", "_inner_value", "_value")


def constructors(module: ModuleType) -> tuple[Any, Any] | None:
    """The pair of constructors that a module has, or None."""
    for ok, err in PAIRS:
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
