"""FP506: a pull that runs in a task of its own is cancelled, and not waited for."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from funcpipe_lint.model import Scope
from funcpipe_lint.model.vocabulary import SPAWNERS
from funcpipe_lint.rule import Bad, Context, Finding, Good, Rule, asked_once
from funcpipe_lint.rule.flow import called
from funcpipe_lint.rule.tree import descendants
from funcpipe_lint.rules.questions.started_tasks import is_patient
from funcpipe_lint.screen.declaration import Named, Screen, Words


class FP506(Rule):
    """A pull that runs in a task of its own is cancelled, and not waited for.

    ## What it does
    Reports `create_task(anext(iterator))` and `ensure_future(iterator.__anext__())` in a function
    that cancels the task and awaits it nowhere behind that; and in an async generator that waits
    for the task with a timeout, or for it and another one, and neither cancels it nor mentions it
    in a `finally`.

    ## Why is this bad
    `cancel()` only asks: the pull goes on until its clean-up has run. Closing the iterator, or
    pulling it again, before that fails with `RuntimeError: aclose(): asynchronous generator is
    already running`; what the clean-up raises is lost. A task of its own has a context of its own
    too: a cancel scope or context variable that the source holds across a `yield` breaks.

    ## Fix safety
    There is no fix. Await the task after cancelling it: `await asyncio.wait({task})`, then close
    the iterator.

    ## Known problems
    A caller that waits for the task under another name is not seen.
    """

    code = "FP506"
    name = "pull-left-behind"
    summary = "a pull in a task is cancelled and not awaited"
    scope = Scope.STRICT
    screen = Screen(
        (Words((Named(SPAWNERS), ("next",), ("cancel", "wait"))),),
        without_streams=(("next",), ("create_task", "ensure_future")),
    )
    visits = (cst.Call,)
    bad = (
        Bad("""\
import asyncio


async def next_or_stop(stream, stop):
    coming = asyncio.ensure_future(anext(stream))  # error
    await asyncio.wait({coming, stop}, return_when=asyncio.FIRST_COMPLETED)
    if coming.done():
        return coming.result()
    coming.cancel()
    raise LookupError
"""),
        Bad("""\
import asyncio


async def first(stream, timer):
    pull = asyncio.create_task(stream.__anext__())  # error
    done, _ = await asyncio.wait({pull, timer}, return_when=asyncio.FIRST_COMPLETED)
    if pull not in done:
        pull.cancel()
    await stream.aclose()
"""),
        Bad("""\
import asyncio


async def with_keep_alive(stream):
    pull = asyncio.ensure_future(anext(stream))  # error
    while True:
        done, _ = await asyncio.wait({pull}, timeout=15)
        if done:
            yield pull.result()
            pull = asyncio.ensure_future(anext(stream))  # error
        else:
            yield "still there"
"""),
    )
    good = (
        Good("""\
import asyncio


async def first(stream, timer):
    pull = asyncio.create_task(stream.__anext__())
    done, _ = await asyncio.wait({pull, timer}, return_when=asyncio.FIRST_COMPLETED)
    if pull not in done:
        pull.cancel()
        await asyncio.wait({pull})
    await stream.aclose()
"""),
        Good("""\
import asyncio


async def first(stream):
    return await asyncio.create_task(anext(stream))
"""),
    )

    def check(self, node: cst.Call, ctx: Context) -> Iterator[Finding]:
        function = ctx.tree.owner(node)
        if not isinstance(function, cst.FunctionDef) or not node.args:
            return
        if not ctx.names.is_a(node.func, SPAWNERS) or not _is_pull(ctx, node.args[0].value):
            return
        name = _held_by(ctx, node)
        if name is None or not ctx.flow.is_live(node):
            return
        if name in _used_elsewhere(ctx, function):
            return
        cancel = _cancels(ctx, function).get(name)
        if cancel is None:
            yield from _never_cancelled(ctx, function, name, node)
            return
        if _last_awaits(ctx, function).get(name, -1) > ctx.tree.place_in_order(cancel):
            return
        message = (
            f"this pull is cancelled (line {ctx.line(cancel)}) and nothing waits for it: the "
            "iterator is still running when it is closed or pulled again. Await the "
            "task after cancel()"
        )
        yield Finding(node, message, notes=((cancel, "cancelled here"),))


def _never_cancelled(
    ctx: Context, function: cst.FunctionDef, name: str, spawn: cst.Call
) -> Iterator[Finding]:
    """The pull of a stream that may be under way at a yield, and that no way out ends."""
    if not ctx.functions.is_stream_function(function) or not ctx.flow.live_yields(function):
        return
    wait = _impatient_waits(ctx, function).get(name)
    if wait is None or name in _guarded(ctx, function):
        return
    message = (
        f"closing the stream leaves this pull running: '{ctx.short_call(wait)}' (line "
        f"{ctx.line(wait)}) can come back before it is done, and nothing cancels it. Cancel the "
        "task in a finally, and await it there"
    )
    yield Finding(spawn, message, notes=((wait, "can come back before the pull is done"),))


@asked_once
def _impatient_waits(ctx: Context, function: cst.FunctionDef) -> dict[str, cst.Await]:
    """The first `await` that may come back before a task is done, by the task's name."""
    found: dict[str, cst.Await] = {}
    for wait in ctx.tree.own(function, cst.Await):
        if not is_patient(ctx, wait):
            for name in descendants(wait):
                if isinstance(name, cst.Name):
                    found.setdefault(name.value, wait)
    return found


@asked_once
def _guarded(ctx: Context, function: cst.FunctionDef) -> frozenset[str]:
    """The names that a function mentions in a `finally` or a `with`, which may end their tasks."""
    return frozenset(
        name.value
        for block in ctx.tree.own(function, cst.Finally, cst.With)
        for name in descendants(block)
        if isinstance(name, cst.Name)
    )


def _is_pull(ctx: Context, value: cst.BaseExpression) -> bool:
    if not isinstance(value, cst.Call):
        return False
    if isinstance(value.func, cst.Attribute):
        return called(value) == "__anext__"
    return ctx.names.is_a(value.func, ("builtins.anext",))


def _held_by(ctx: Context, call: cst.Call) -> str | None:
    """The local name that alone holds the task."""
    above = ctx.tree.parent(call)
    if not isinstance(above, cst.Assign) or len(above.targets) != 1:
        return None
    target = above.targets[0].target
    return target.value if isinstance(target, cst.Name) else None


@asked_once
def _cancels(ctx: Context, function: cst.FunctionDef) -> dict[str, cst.Call]:
    """The first `name.cancel()` of a function, by name."""
    found: dict[str, cst.Call] = {}
    for call in ctx.tree.own(function, cst.Call):
        holder = getattr(call.func, "value", None)
        if called(call) == "cancel" and isinstance(holder, cst.Name):
            found.setdefault(holder.value, call)
    return found


@asked_once
def _last_awaits(ctx: Context, function: cst.FunctionDef) -> dict[str, int]:
    """Where the last `await` stands that waits for what may be the task, by its name."""
    return {
        name.value: ctx.tree.place_in_order(wait)
        for wait in ctx.tree.own(function, cst.Await)
        for name in descendants(wait)
        if isinstance(name, cst.Name)
    }


_ASKING = ("asyncio.wait", "asyncio.wait_for", "asyncio.gather", "asyncio.shield", "builtins.set")


@asked_once
def _used_elsewhere(ctx: Context, function: cst.FunctionDef) -> frozenset[str]:
    """The names of tasks that somebody else may wait for: they are returned, stored, captured, put
    into a collection that is kept, or handed to a function of unknown meaning."""
    return frozenset(
        name.value
        for name in descendants(function.body)
        if isinstance(name, cst.Name)
        and (ctx.tree.owner(name) is not function or _is_handed_on(ctx, name))
    )


def _is_handed_on(ctx: Context, name: cst.Name) -> bool:
    above = ctx.tree.parent(name)
    if isinstance(above, cst.Return | cst.Yield):
        return True
    if isinstance(above, cst.Assign) and above.value is name:
        return True
    if isinstance(above, cst.Arg) and above.value is name:
        call = ctx.tree.parent(above)
        if not isinstance(call, cst.Call) or not ctx.names.is_a(call.func, _ASKING):
            return True
    return isinstance(above, cst.Element) and not _is_waited_for(ctx, above)


def _is_waited_for(ctx: Context, element: cst.CSTNode) -> bool:
    for above in ctx.tree.ancestors(element):
        if isinstance(above, cst.Call):
            return ctx.names.is_a(above.func, _ASKING)
        if isinstance(above, cst.Comparison):
            return True
        if isinstance(above, cst.BaseSmallStatement | cst.BaseCompoundStatement):
            return False
    return False
