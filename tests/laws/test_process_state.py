"""What an operation does to the process, the laws undo: the next test finds it as it was."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
import threading
import warnings
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import replace
from io import StringIO
from typing import Any

import pytest

from funcpipe_laws import catalogue
from funcpipe_laws.checking.check import check_law
from tests.laws.mutants import MODEL

LAWS = {law.id: law for law in catalogue.laws()}


def with_map(at_each_call: Callable[[], object]) -> Any:
    """The model, whose `map` does this when it is called."""
    assert MODEL.map is not None
    plain = MODEL.map

    def mapped(source: Any, f: Any) -> Any:
        at_each_call()
        return plain(source, f)

    return replace(MODEL, name="changes the process", map=mapped)


def _hook(*args: object) -> None:
    """Of the operation's own."""


CHANGES: dict[str, tuple[Callable[[], object], Callable[[], object]]] = {
    "excepthook": (lambda: sys.excepthook, lambda: setattr(sys, "excepthook", _hook)),
    "threads": (lambda: threading.excepthook, lambda: setattr(threading, "excepthook", _hook)),
    "recursion": (sys.getrecursionlimit, lambda: sys.setrecursionlimit(5_000)),
    "switch interval": (sys.getswitchinterval, lambda: sys.setswitchinterval(0.1)),
    "collector": (gc.isenabled, gc.disable),
    "folder": (os.getcwd, lambda: os.chdir("/")),
    "handler": (
        lambda: signal.getsignal(signal.SIGTERM),
        lambda: signal.signal(signal.SIGTERM, lambda *args: None),
    ),
    "warnings": (lambda: list(warnings.filters), lambda: warnings.simplefilter("ignore")),
    "origin": (
        sys.get_coroutine_origin_tracking_depth,
        lambda: sys.set_coroutine_origin_tracking_depth(7),
    ),
    "loop policy": (
        lambda: getattr(asyncio.events, "_event_loop_policy", None),
        lambda: setattr(asyncio.events, "_event_loop_policy", object()),
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_the_process_is_afterwards_what_it_was(name: str) -> None:
    """The law is checked to its end, and what the operation changed is set back."""
    read, change = CHANGES[name]
    before = read()
    verdict = check_law(LAWS["F4"], with_map(change))
    assert verdict.status == "held", verdict.reason
    assert read() == before


def test_what_is_printed_is_no_fault() -> None:
    """It goes where it goes; the verdict does not depend on it."""
    told = StringIO()
    with redirect_stdout(told):
        verdict = check_law(LAWS["F4"], with_map(lambda: print("mapping")))
    assert verdict.status == "held" and "mapping" in told.getvalue()
