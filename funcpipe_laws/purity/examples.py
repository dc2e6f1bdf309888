"""`@purity_example`: what a builder is called with, where its annotations do not tell."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[[], Any])

OF_TYPES: dict[Any, Callable[[], Any]] = {}
"""Type -> what makes one."""
OF_BUILDERS: dict[str, Callable[[], Any]] = {}
"""module:function -> what makes its arguments."""


def purity_example(subject: Any) -> Callable[[F], F]:
    """Register a factory for `pytest --purity`: of a type, or of a builder's arguments.

    Parameters: a class, of which the factory returns an instance for every parameter annotated as
    one; or a builder, or its name `"package.module:function"`, of which the factory returns the
    arguments: a tuple of positional ones, or a dict of keyword ones. Factories are called outside
    of the watch, once for each time that a builder is built. Raises TypeError for anything else.
    """
    if isinstance(subject, str) and ":" in subject:
        key: Any = subject
        table: dict[Any, Callable[[], Any]] = OF_BUILDERS
    elif isinstance(subject, type):
        key, table = subject, OF_TYPES
    elif callable(subject) and hasattr(subject, "__qualname__"):
        key, table = f"{subject.__module__}:{subject.__qualname__}", OF_BUILDERS
    else:
        raise TypeError(
            f"purity_example({subject!r}): give it a class, a builder, or 'package.module:function'"
        )

    def register(factory: F) -> F:
        table[key] = factory
        return factory

    return register


def arguments_of(name: str) -> tuple[tuple[Any, ...], dict[str, Any]] | None:
    """What the factory of a builder gives, as positional and keyword arguments."""
    factory = OF_BUILDERS.get(name)
    if factory is None:
        return None
    made = factory()
    if isinstance(made, dict):
        return (), made
    return (made if isinstance(made, tuple) else (made,)), {}
