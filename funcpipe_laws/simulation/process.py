"""Keeps the test process whole while operations run: none of them ends it, doubles or replaces it.

`os._exit` would end pytest with the operation's exit code and without a summary; a fork would run
the rest of the suite twice.
"""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from funcpipe_laws.simulation.loops.stopped import EndsProcess
from funcpipe_laws.simulation.loops.tasks import Site, calling_site

_ENDINGS = ("_exit", "fork", "forkpty", "execv", "execve")
_STATE: tuple[tuple[Callable[[], Any], Callable[[Any], object]], ...] = (
    (sys.getrecursionlimit, sys.setrecursionlimit),
    (sys.getswitchinterval, sys.setswitchinterval),
    (sys.get_coroutine_origin_tracking_depth, sys.set_coroutine_origin_tracking_depth),
    (sys.get_asyncgen_hooks, lambda hooks: sys.set_asyncgen_hooks(*hooks)),
    (gc.isenabled, lambda enabled: gc.enable() if enabled else gc.disable()),
    (os.getcwd, os.chdir),
)
"""What else an operation may change, and how it is set back."""
_SIGNALS = ("SIGINT", "SIGTERM", "SIGALRM")
_HOOKS = ((sys, "excepthook"), (sys, "unraisablehook"), (threading, "excepthook"))


@contextmanager
def kept_whole(abort: Callable[[BaseException], object]) -> Iterator[None]:
    """In the block, calls that end, replace or double the process raise `EndsProcess` instead.

    `abort` is called with it too, for callers that catch everything. Every module that has a name
    for one of the functions is looked through. Hooks, handlers of signals, the policy for event
    loops, the folder and the interpreter's limits are at the end what they were before.
    """
    refusals = {getattr(os, name): _refusal(name, abort) for name in _ENDINGS if hasattr(os, name)}
    places = _places(refusals)
    hooks = [(module, name, getattr(module, name)) for module, name in _HOOKS]
    policy = getattr(asyncio.events, "_event_loop_policy", None)
    state = [(get(), restore) for get, restore in _STATE]
    handlers = _handlers()
    try:
        for module, name, original in places:
            setattr(module, name, refusals[original])
        yield
    finally:
        for module, name, original in places:
            setattr(module, name, original)
        for module, name, hook in hooks:
            setattr(module, name, hook)
        if getattr(asyncio.events, "_event_loop_policy", None) is not policy:
            asyncio.events._event_loop_policy = policy  # type: ignore[attr-defined]
        for value, restore in state:
            restore(value)
        for number, handler in handlers.items():
            if signal.getsignal(number) is not handler:
                signal.signal(number, handler)


def _handlers() -> dict[int, Any]:
    """The handlers of signals; only the main thread may set them back."""
    if threading.current_thread() is not threading.main_thread():
        return {}
    numbers = [getattr(signal, name) for name in _SIGNALS if hasattr(signal, name)]
    known = {number: signal.getsignal(number) for number in numbers}
    return {number: handler for number, handler in known.items() if handler is not None}


def _refusal(name: str, abort: Callable[[BaseException], object]) -> Callable[..., Any]:
    owner = os.getpid()

    def refuse(*arguments: object) -> Any:
        site: Site = calling_site(2)
        shown = ", ".join(map(repr, arguments))
        error = EndsProcess(f"called os.{name}({shown}) in {site}")
        if os.getpid() == owner:
            abort(error)
        raise error

    return refuse


_known: tuple[tuple[int, ...], list[tuple[ModuleType, str, Any]]] = ((), [])


def _places(functions: dict[Any, Any]) -> list[tuple[ModuleType, str, Any]]:
    """Each module's name for one of the functions; looked for anew when modules were imported."""
    global _known
    wanted = {id(function) for function in functions}  # a watch of leaks wraps one of them
    state = (len(sys.modules), *sorted(wanted))
    if _known[0] != state:
        loaded: list[Any] = list(sys.modules.values())  # some put other things in there
        found = [
            (module, name, value)
            for module in loaded
            if isinstance(module, ModuleType) and not module.__name__.startswith("funcpipe_laws")
            for name, value in list(vars(module).items())
            if id(value) in wanted
        ]
        _known = state, found
    return _known[1]
