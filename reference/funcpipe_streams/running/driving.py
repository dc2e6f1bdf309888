"""Coroutines that are driven by hand: up to their first suspension, and on from one."""

from __future__ import annotations

import types
from collections.abc import Callable, Coroutine, Generator
from typing import Any, TypeVar

__all__ = ["carry_on", "noticed"]

T = TypeVar("T")


@types.coroutine
def noticed(
    coroutine: Coroutine[Any, Any, T], suspends: Callable[[], object]
) -> Generator[Any, Any, T]:
    """Await a coroutine; if it suspends, `suspends()` is called, at its first suspension."""
    try:
        awaited = coroutine.send(None)
    except StopIteration as stop:
        result: T = stop.value
        return result
    suspends()
    return (yield from carry_on(coroutine, awaited))


@types.coroutine
def carry_on(coroutine: Coroutine[Any, Any, T], awaited: Any) -> Generator[Any, Any, T]:
    """Await a coroutine that is suspended already, on `awaited`: a pending future or None."""
    while True:
        thrown: BaseException | None = None
        sent = None
        if getattr(awaited, "_asyncio_future_blocking", None) is not None:
            # What a task checks to tell `yield future` from `await future`; another awaiter of the
            # same future may have cleared it since.
            awaited._asyncio_future_blocking = True
        try:
            sent = yield awaited
        except GeneratorExit:
            coroutine.close()
            raise
        except BaseException as error:
            thrown = error  # thrown outside of this block: nothing is being handled in there
        try:
            awaited = coroutine.send(sent) if thrown is None else coroutine.throw(thrown)
        except StopIteration as stop:
            result: T = stop.value
            return result
        finally:
            del thrown  # its traceback holds this frame: a cycle
