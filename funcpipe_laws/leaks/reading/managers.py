"""Which context managers a suspended generator has entered, and what leaving them would do.

A generator keeps, for each `with` that it is inside of, the manager's `__exit__` on its stack.
The garbage collector's view of the generator shows that stack: nothing of it is run.
"""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator
from types import AsyncGeneratorType, GeneratorType
from typing import Any, TypeAlias

from funcpipe_laws.leaks.reading.bytecode import Handler, ItemYield, code_of
from funcpipe_laws.leaks.reading.instructions import IS_READABLE

AnyGenerator: TypeAlias = "AsyncGeneratorType[Any, Any] | GeneratorType[Any, Any, Any]"

_EXITS = ("__exit__", "__aexit__")
_HARMLESS: tuple[type, ...] = (contextlib.suppress, contextlib.nullcontext)
_MADE_OF_GENERATORS = (
    contextlib._GeneratorContextManager,
    contextlib._AsyncGeneratorContextManager,
)
_STACKS: tuple[type, ...] = (contextlib.ExitStack, contextlib.AsyncExitStack)
# By name: what is not imported need not be, and no other class has these names.
_SCOPES = {
    "asyncio.timeouts.Timeout": "timeout",
    "asyncio.taskgroups.TaskGroup": "task group",
    "anyio._core._tasks.CancelScope": "cancel scope",
    "anyio.abc._tasks.TaskGroup": "task group",
    "trio._core._run.CancelScope": "cancel scope",
    "trio._core._run.NurseryManager": "nursery",
    "async_timeout.Timeout": "timeout",
}


def frame_of(generator: AnyGenerator) -> Any:
    """The generator's frame; None once it has ended."""
    if isinstance(generator, AsyncGeneratorType):
        return generator.ag_frame
    return generator.gi_frame


def is_suspended(generator: AnyGenerator) -> bool:
    """Whether it was started, has not ended, and is not running or being driven now."""
    frame = frame_of(generator)
    if frame is None or frame.f_lasti < 0:
        return False
    if isinstance(generator, AsyncGeneratorType):
        return not generator.ag_running and position(generator) is not None
    return not generator.gi_running


def position(generator: AnyGenerator) -> ItemYield | None:
    """The yield of an item at which it waits, if it waits at one."""
    frame = frame_of(generator)
    if frame is None:
        return None
    if not IS_READABLE:
        return _unread_position(generator, frame)
    return code_of(frame.f_code).suspended_at(frame.f_lasti)


def _unread_position(generator: AnyGenerator, frame: Any) -> ItemYield | None:
    """Where it waits, told from its attributes: what is pending there is not known."""
    if isinstance(generator, AsyncGeneratorType):
        is_busy = generator.ag_running or generator.ag_await is not None
    else:
        is_busy = generator.gi_running or generator.gi_yieldfrom is not None
    if frame.f_lasti < 0 or is_busy:
        return None
    return ItemYield(frame.f_lasti, frame.f_lineno, ())


def entered(generator: AnyGenerator, count: int) -> list[Any]:
    """The `count` managers that it is inside of, innermost first; empty if they cannot be told."""
    managers: list[Any] = []
    referents = gc.get_referents(generator)
    for n, one in enumerate(referents):
        if getattr(one, "__name__", None) not in _EXITS or isinstance(one, type):
            continue
        owner = getattr(one, "__self__", None)
        if owner is None and n + 1 < len(referents):
            owner = referents[n + 1]  # Python 3.14 keeps the function, then what it belongs to.
        managers.append(owner)
    # Locals come before the stack; one of them may hold an exit function too.
    return managers[len(managers) - count :][::-1] if count and len(managers) >= count else []


def is_harmless(manager: Any) -> bool:
    """Whether leaving it later, or in another task, changes nothing that anyone could see."""
    if isinstance(manager, _HARMLESS):
        return True
    inner = manager_generator(manager)
    if inner is None and isinstance(manager, contextlib.aclosing | contextlib.closing):
        inner = getattr(manager, "thing", None)
        if not isinstance(inner, AsyncGeneratorType | GeneratorType):
            return False
    return inner is not None and not has_pending(inner)


def manager_generator(manager: Any) -> Any:
    """The generator behind a manager that `contextlib.(async)contextmanager` made."""
    if isinstance(manager, _MADE_OF_GENERATORS):
        return manager.gen
    return None


def has_pending(generator: AnyGenerator) -> bool:
    """Whether closing it would run anything of its own."""
    return bool(pending(generator))


def pending(generator: AnyGenerator) -> list[tuple[Handler, Any]]:
    """What closing it would run, innermost first, with the manager where there is one.

    Of one that waits for something else than a consumer: what would run if that were cut off.
    """
    frame = frame_of(generator)
    if frame is None or not IS_READABLE:
        return []
    place = position(generator)
    handlers = place.handlers if place else code_of(frame.f_code).handlers(frame.f_lasti)
    managers = iter(entered(generator, sum(one.what == "with" for one in handlers)))
    found: list[tuple[Handler, Any]] = []
    for handler in handlers:
        if isinstance(handler, Handler):
            manager = next(managers, None) if handler.what == "with" else None
            if manager is None or not is_harmless(manager):
                found.append((handler, manager))
        else:
            clause = handler.runs(frame.f_globals)
            if clause is not None:
                found.append((clause, None))
    return found


def scopes(generator: AnyGenerator, place: ItemYield) -> list[str]:
    """Timeouts, cancel scopes, task groups and nurseries that it is inside of, in words."""
    return [word for one in entered(generator, place.withs) for word in _scopes_of(one)]


def _scopes_of(manager: Any, depth: int = 4) -> Iterator[str]:
    """What a manager is, or holds inside of itself."""
    for kind in type(manager).__mro__:
        word = _SCOPES.get(f"{kind.__module__}.{kind.__qualname__}")
        if word is not None:
            yield f"{word} ({kind.__module__.partition('.')[0]}.{type(manager).__name__})"
            return
    if depth == 0:
        return
    inner = manager_generator(manager)
    if inner is not None:
        place = position(inner)
        for one in entered(inner, place.withs if place else 0):
            yield from _scopes_of(one, depth - 1)
    elif isinstance(manager, _STACKS):
        for _, callback in getattr(manager, "_exit_callbacks", ()):
            yield from _scopes_of(getattr(callback, "__self__", None), depth - 1)


def held_by(generator: AnyGenerator) -> Iterator[AsyncGeneratorType[Any, Any]]:
    """Asynchronous generators that its own managers hold, and will close when it is closed."""
    place = position(generator)
    for manager in entered(generator, place.withs if place else 0):
        for one in gc.get_referents(manager):
            inside = gc.get_referents(one) if type(one) is dict else (one,)
            yield from (thing for thing in inside if isinstance(thing, AsyncGeneratorType))
