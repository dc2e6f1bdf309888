"""Turning named exceptions into `Err`: the only place where an exception becomes an item."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from funcpipe_streams.result import Err, ErrInfo, Ok, Result

__all__ = ["async_attempt", "attempt", "exception_classes"]

T = TypeVar("T")
U = TypeVar("U")


def exception_classes(classes: Any) -> tuple[type[Exception], ...]:
    """The classes, checked: a tuple of `Exception` classes.

    Raises `TypeError` that names the entry otherwise: cancellation and exit requests, which are no
    `Exception`, are never items.
    """
    if not isinstance(classes, tuple):
        raise TypeError(f"expected a tuple of exception classes, as (OSError,), not {classes!r}")
    for entry in classes:
        if not (isinstance(entry, type) and issubclass(entry, Exception)):
            raise TypeError(
                f"{entry!r} cannot be turned into Err: only subclasses of Exception can; "
                "cancellation and exit requests always surface"
            )
    return classes


def attempt(
    f: Callable[[T], U], *, catch: tuple[type[Exception], ...]
) -> Callable[[T], Result[U, ErrInfo]]:
    """A function that returns `Ok` of what `f` returns, or `Err` for an exception of `catch`.

    The error's code is the name of the exception's class, its cause the exception. Others surface
    unchanged. Raises `TypeError` for a class that is no `Exception`.
    """
    exception_classes(catch)

    def attempted(value: T) -> Result[U, ErrInfo]:
        try:
            return Ok(f(value))
        except catch as error:
            return Err(ErrInfo.of(error))

    return attempted


def async_attempt(
    fn: Callable[[T], Awaitable[U]], *, catch: tuple[type[Exception], ...]
) -> Callable[[T], Awaitable[Result[U, ErrInfo]]]:
    """`attempt` for coroutine functions: what `lift_async_item` and `async_gen_par_map` take."""
    exception_classes(catch)

    async def attempted(value: T) -> Result[U, ErrInfo]:
        try:
            return Ok(await fn(value))
        except catch as error:
            return Err(ErrInfo.of(error))

    return attempted
