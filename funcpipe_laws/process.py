"""Keeps the test process whole while operations run: none of them ends it, doubles or replaces it.

`os._exit` would end pytest with the operation's exit code and without a summary; a fork would run
the rest of the suite twice.
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from .stopped import EndsProcess
from .tasks import Site, calling_site

_ENDINGS = ("_exit", "fork", "forkpty", "execv", "execve")
_KIND = type(os._exit)
_HOOKS = ((sys, "excepthook"), (sys, "unraisablehook"), (threading, "excepthook"))


@contextmanager
def kept_whole(abort: Callable[[BaseException], object]) -> Iterator[None]:
    """In the block, calls that end, replace or double the process raise `EndsProcess` instead.

    `abort` is called with it too, for callers that catch everything. Every module that has a name
    for one of the functions is looked through. Hooks and the policy for event loops are at the end
    what they were before.
    """
    refusals = {getattr(os, name): _refusal(name, abort) for name in _ENDINGS if hasattr(os, name)}
    places = _places(refusals)
    hooks = [(module, name, getattr(module, name)) for module, name in _HOOKS]
    policy = getattr(asyncio.events, "_event_loop_policy", None)
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


_known: tuple[int, list[tuple[ModuleType, str, Any]]] = (0, [])


def _places(functions: dict[Any, Any]) -> list[tuple[ModuleType, str, Any]]:
    """Each module's name for one of the functions; looked for anew when modules were imported."""
    global _known
    if _known[0] != len(sys.modules):
        loaded: list[Any] = list(sys.modules.values())  # some put other things in there
        found = [
            (module, name, value)
            for module in loaded
            if isinstance(module, ModuleType) and not module.__name__.startswith(__package__)
            for name, value in list(vars(module).items())
            if isinstance(value, _KIND) and value in functions
        ]
        _known = len(sys.modules), found
    return _known[1]
