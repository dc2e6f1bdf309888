"""FP504: a stream starts a task and leaves it running when it is closed."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate

import libcst as cst

from funcpipe_lint.model import Scope
from funcpipe_lint.rule import Bad, Context, Finding, Good, Rule, asked_once
from funcpipe_lint.rule.flow import Try, called
from funcpipe_lint.rule.tree import descendants
from funcpipe_lint.rules.questions.handlers import catches
from funcpipe_lint.rules.questions.started_tasks import (
    ends_after,
    is_ended_between,
    is_free_spawn,
)
from funcpipe_lint.rules.questions.task_holders import PASSING, holders_of
from funcpipe_lint.screen.declaration import Screen, Shape

_BROAD = tuple(
    f"{module}.{word}"
    for module in ("builtins", "asyncio")
    for word in ("BaseException", "GeneratorExit")
)


class FP504(Rule):
    """A stream starts a task and leaves it running when it is closed.

    ## What it does
    Finds a task that a stream function starts and that nothing ends when the stream is left
    early: it is not cancelled or awaited in a `finally` or a broad handler, nor on the way to the
    next `yield`, not handed on.

    ## Why is this bad
    A consumer may leave at any `yield`. The generator is closed there, and the task runs on: it
    keeps reading, holds its connection, and its exception is reported to nobody.

    ## Fix safety
    There is no fix: whether the task is to be cancelled or awaited is the author's to say.

    ## Known problems
    A function of your own that starts a task is named in `spawners` (`loop.run_in_executor` of a
    pool counts as none: its work cannot be cancelled, see FP510). A task that is stored in an
    attribute or passed to a function is taken to be looked after there, and whatever is cancelled
    on the way to a `yield` may be it. A task that is meant to outlive the stream, such as one that
    writes a log, is reported unless it is shielded, or nobody holds it and the stream ends right
    below: say so in a suppression.
    """

    code = "FP504"
    name = "orphan-task"
    summary = "a stream leaves a task running when it is closed"
    scope = Scope.DEFAULT
    visits = (cst.Call,)
    screen = Screen((Shape.SPAWN,))
    bad = (
        Bad("""\
import asyncio


async def items(queue, fill):
    task = asyncio.create_task(fill(queue))  # error
    while (item := await queue.get()) is not None:
        yield item
    await task
"""),
        Bad("""\
import asyncio


async def messages(socket, pump):
    asyncio.create_task(pump(socket))  # error
    while True:
        yield await socket.recv()
"""),
    )
    good = (
        Good("""\
import asyncio


async def items(queue, fill):
    task = asyncio.create_task(fill(queue))
    try:
        while (item := await queue.get()) is not None:
            yield item
    finally:
        task.cancel()
        await asyncio.wait([task])
"""),
        Good("""\
import asyncio


async def pages(fetch):
    first = asyncio.create_task(fetch(1))
    second = asyncio.create_task(fetch(2))
    for page in await asyncio.gather(first, second):
        yield page
"""),
    )

    def check(self, node: cst.Call, ctx: Context) -> Iterator[Finding]:
        function = ctx.tree.owner(node)
        if not is_free_spawn(ctx, node) or not ctx.functions.is_stream_function(function):
            return
        assert isinstance(function, cst.FunctionDef)
        if not ctx.flow.is_live(node):
            return
        later = ctx.flow.live_yields_after(node)
        if not later:
            return
        holders = holders_of(ctx, node)
        if holders is None or not all(_is_local(ctx, name, node, function) for name in holders):
            return
        if _is_kept(ctx, function, node, later, holders):
            return
        if _is_let_go(ctx, node) and not _some(later, _number_of_going_on(ctx, function)):
            return
        place = ctx.flow.live_yields(function)[later[0].start]
        message = (
            "this task runs on when the stream is closed at its yield (line "
            f"{ctx.line(place)}): nothing cancels it or waits for it. Cancel it in a 'finally' "
            "around the yield"
        )
        yield Finding(node, message, notes=((place, "the stream can be closed here"),))


def _is_local(ctx: Context, name: str, at: cst.CSTNode, function: cst.FunctionDef) -> bool:
    """Whether what a name holds is the function's own: what it was given, or shares, others may
    look after."""
    found = ctx.names.bindings(name, at)
    return bool(found) and all(b.scope is function and b.kind != "parameter" for b in found)


def _is_let_go(ctx: Context, call: cst.Call) -> bool:
    """Whether nobody holds the task at all: it goes on past the end of the stream as well."""
    return isinstance(ctx.tree.parent(call), cst.Expr)


def _is_kept(
    ctx: Context,
    function: cst.FunctionDef,
    call: cst.Call,
    later: list[range],
    holders: frozenset[str],
) -> bool:
    if _is_guarded(ctx, call) or _some(later, _number_of_guarded(ctx, function)):
        return True
    if is_ended_between(ctx, call, ctx.flow.live_yields(function)[later[0].start], holders):
        return True
    return not holders.isdisjoint(_looked_after(ctx, function))


@asked_once
def _number_of_guarded(ctx: Context, function: cst.FunctionDef) -> list[int]:
    """How many of a function's live yields up to each have a `try` that ends tasks around them."""
    yields = ctx.flow.live_yields(function)
    return list(accumulate((_is_guarded(ctx, place) for place in yields), initial=0))


@asked_once
def _number_of_going_on(ctx: Context, function: cst.FunctionDef) -> list[int]:
    """How many of a function's live yields up to each are followed by more than its end."""
    yields = ctx.flow.live_yields(function)
    return list(accumulate((not ends_after(ctx, place) for place in yields), initial=0))


def _some(places: list[range], numbers: list[int]) -> bool:
    return any(numbers[each.stop] > numbers[each.start] for each in places)


@asked_once
def _is_guarded(ctx: Context, node: cst.CSTNode) -> bool:
    """Whether a `try` around the node cancels or awaits something however it is left."""
    for above, child in ctx.tree.path(node):
        if not isinstance(above, Try) or child is above.finalbody:
            continue
        parts: list[cst.CSTNode] = [above.finalbody] if above.finalbody is not None else []
        if child is above.body:
            parts += [handler for handler in above.handlers if catches(ctx.names, handler, _BROAD)]
        if any(_ends_tasks(ctx, part) for part in parts):
            return True
    return False


@asked_once
def _ends_tasks(ctx: Context, part: cst.CSTNode) -> bool:
    return ctx.flow.awaits_in(part) or any(
        isinstance(call, cst.Call) and "cancel" in called(call).lower()
        for call in ctx.tree.own_below(part)
    )


@asked_once
def _looked_after(ctx: Context, function: cst.FunctionDef) -> frozenset[str]:
    """The names whose tasks go to somebody else, or are dealt with in a `finally`, or that a
    function or class inside the stream function uses."""
    within = descendants(function.body)
    return frozenset(
        name.value
        for name in within
        if isinstance(name, cst.Name)
        and (
            ctx.tree.owner(name) is not function
            or _is_handed_on(ctx, name)
            or _is_in_finally(ctx, name)
        )
    )


def _is_handed_on(ctx: Context, name: cst.Name) -> bool:
    """Whether the task goes to somebody else: yielded, stored in an object, passed to a function
    of unknown meaning, or given a callback. What is shielded is to go on whoever leaves."""
    above = ctx.tree.parent(name)
    if isinstance(above, cst.Attribute) and above.value is name:
        use = ctx.tree.parent(above)
        is_called = isinstance(use, cst.Call) and use.func is above
        # `stack.callback(task.cancel)`: somebody else will cancel it.
        return above.attr.value == ("add_done_callback" if is_called else "cancel")
    if isinstance(above, cst.Yield):
        return True
    if isinstance(above, cst.Assign) and above.value is name:
        return any(not isinstance(target.target, cst.Name) for target in above.targets)
    if not isinstance(above, cst.Arg) or above.value is not name:
        return False  # `decode(errors="replace")`: the name of a parameter is no use of the task
    call = ctx.tree.parent(above)
    return isinstance(call, cst.Call) and not ctx.names.is_a(call.func, _KNOWN_CALLS)


_KNOWN_CALLS = (
    *PASSING,
    "asyncio.wait_for",
    *(f"builtins.{word}" for word in ("len", "print", "isinstance", "id", "repr", "sorted", "any")),
)


def _is_in_finally(ctx: Context, name: cst.Name) -> bool:
    above = [each for each, _ in ctx.tree.path(name)]
    # `del tasks[key]` looks after nothing.
    return any(isinstance(each, cst.Finally) for each in above) and not any(
        isinstance(each, cst.Del) for each in above
    )
