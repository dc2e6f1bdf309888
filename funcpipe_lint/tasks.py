"""Calls that start a task, and what keeps hold of it."""

from __future__ import annotations

import libcst as cst

from funcpipe_lint.flow import called
from funcpipe_lint.rule import Context
from funcpipe_lint.vocabulary import LOOP_NAMES, SPAWNERS, last_words

_WORDS = frozenset(last_words(SPAWNERS))
_LOOPS = ("asyncio.get_running_loop", "asyncio.get_event_loop", "asyncio.new_event_loop")


def is_free_spawn(ctx: Context, call: cst.Call) -> bool:
    """Whether a call starts a task that belongs to nobody: `asyncio.create_task`,
    `ensure_future`, or `create_task` of an event loop. Those of a group are ended by it."""
    word = called(call)
    if word not in _WORDS and not ctx.settings.spawners and not isinstance(call.func, cst.Name):
        return False
    if ctx.names.is_a(call.func, (*SPAWNERS, *ctx.settings.spawners)):
        return True
    if not isinstance(call.func, cst.Attribute) or word != "create_task":
        return False
    receiver = call.func.value
    if isinstance(receiver, cst.Call):
        return ctx.names.is_a(receiver.func, _LOOPS)
    return called(receiver) in LOOP_NAMES


def is_group_spawn(call: cst.Call) -> bool:
    """Whether a call starts a task in a group, nursery or manager."""
    if not isinstance(call.func, cst.Attribute):
        return False
    return called(call) in ("create_task", "start_soon", "ensure_future")


def is_patient(ctx: Context, wait: cst.Await) -> bool:
    """Whether an `await` comes back only when all it waits for has ended: not `asyncio.wait` with
    a time or for the first one only."""
    call = wait.expression
    if not isinstance(call, cst.Call) or not ctx.names.is_a(call.func, ("asyncio.wait",)):
        return True
    return not any(
        arg.keyword is not None and arg.keyword.value in ("timeout", "return_when")
        for arg in call.args
    )
