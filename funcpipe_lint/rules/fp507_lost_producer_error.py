"""FP507: a stream's producer task is only cancelled, and its exception never looked at."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from funcpipe_lint.model import Scope
from funcpipe_lint.model.vocabulary import SPAWNERS
from funcpipe_lint.rule import Bad, Context, Finding, Good, Rule
from funcpipe_lint.rule.flow import called
from funcpipe_lint.rule.tree import Owner, descendants
from funcpipe_lint.rules.questions.handlers import may_catch
from funcpipe_lint.rules.questions.managers import is_driven_as_manager
from funcpipe_lint.rules.questions.started_tasks import is_free_spawn
from funcpipe_lint.screen.declaration import YIELD, Named, Screen, Words

_SLEEPS = ("asyncio.sleep", "anyio.sleep", "trio.sleep")
_READING = ("get", "get_nowait", "receive", "receive_nowait", "recv", "popleft", "__anext__")


class FP507(Rule):
    """A stream's producer task is only cancelled, and its exception never looked at.

    ## What it does
    Reports a task that an async generator starts and binds to a name, where the only thing that is
    ever done with the name is `cancel()`, `done()` or `cancelled()`, and the task is given what the
    generator reads its items from: `fill(queue)` beside `await queue.get()`. Nothing is reported
    where the coroutine is a function of the same file that catches every exception itself, or one
    that only sleeps and puts, as a heartbeat does.

    ## Why is this bad
    A producer that fails stops putting items. With an end mark in its `finally` the stream then
    ends early, and looks complete; without one it waits for ever. The exception is logged, at best,
    when the task is collected: "Task exception was never retrieved".

    ## Fix safety
    There is no fix. Await the task where the stream has ended (`await producer`), or put the
    exception into the queue; a task group does both.

    ## Known problems
    A task of another module that hands its failures on by itself, as items, is reported as well.
    Tasks from which the generator reads nothing (watchers, heartbeats, log writers) were reported
    once: of eight findings in published packages none was true, and all are silent since. So the
    rule has found nothing in published code yet. Related: FP504, for a task that is never ended.
    What starts a task under another name is named in `spawners`.
    """

    code = "FP507"
    name = "lost-producer-error"
    summary = "nobody looks at the exception of a stream's producer"
    scope = Scope.STRICT
    screen = Screen((Words((YIELD, Named(SPAWNERS, "spawners"), ("cancel",))),))
    visits = (cst.Call,)
    bad = (
        Bad("""\
import asyncio


async def read_ahead(source, queue):
    producer = asyncio.create_task(source.fill(queue))  # error
    try:
        while (item := await queue.get()) is not None:
            yield item
    finally:
        producer.cancel()
"""),
        Bad("""\
import asyncio


async def watched(source, events):
    task = asyncio.ensure_future(source.pump(events))  # error
    try:
        while not task.done():
            yield await events.get()
    finally:
        if not task.done():
            task.cancel()
"""),
    )
    good = (
        Good("""\
import asyncio


async def read_ahead(source, queue):
    producer = asyncio.create_task(source.fill(queue))
    try:
        while (item := await queue.get()) is not None:
            yield item
        await producer
    finally:
        producer.cancel()
"""),
        Good("""\
import asyncio


async def read_ahead(source, queue):
    async with asyncio.TaskGroup() as group:
        group.create_task(source.fill(queue))
        items = [await queue.get() for _ in range(3)]
    for item in items:
        yield item
"""),
    )

    def check(self, node: cst.Call, ctx: Context) -> Iterator[Finding]:
        function = ctx.tree.owner(node)
        if not is_free_spawn(ctx, node) or not ctx.functions.is_stream_function(function):
            return
        assign = ctx.tree.parent(node)
        if not isinstance(assign, cst.Assign) or len(assign.targets) != 1:
            return
        target = assign.targets[0].target
        if not isinstance(target, cst.Name) or not ctx.flow.is_live(node):
            return
        binding = ctx.names.only(target.value, target)
        if binding is None or binding.scope is not function:
            return
        assert isinstance(function, cst.FunctionDef)
        work = _work(ctx, node)
        if work is not None and (_catches_all(ctx, work) or _only_keeps_time(ctx, work)):
            return
        if not _feeds(ctx, node, work) or is_driven_as_manager(ctx, function):
            return
        named = ctx.tree.named_in(target.value, function.body)
        uses = [name for name in named if ctx.names.only(name.value, name) is binding]
        others = [use for use in uses if use is not target]
        if not others or not all(_only_ends_it(ctx, use) for use in others):
            return
        message = (
            f"nobody looks at the exception of '{target.value}': if it fails, the stream ends "
            "early or waits for ever. Await it where the stream has ended, or use a task group"
        )
        yield Finding(node, message, notes=((others[-1], "it is only ended here"),))


def _work(ctx: Context, spawn: cst.Call) -> cst.FunctionDef | None:
    """The function of the file whose coroutine a call starts."""
    made = spawn.args[0].value if spawn.args else None
    return ctx.functions.definition(made.func) if isinstance(made, cst.Call) else None


def _catches_all(ctx: Context, work: cst.FunctionDef) -> bool:
    """Whether the body of a coroutine is a `try` with a handler for any error: what fails in it is
    handed on, or known."""
    tried = [statement for statement in work.body.body if isinstance(statement, cst.Try)]
    return any(
        may_catch(ctx.names, handler, Exception) for block in tried for handler in block.handlers
    )


def _only_keeps_time(ctx: Context, work: cst.FunctionDef) -> bool:
    """Whether a coroutine sleeps, and awaits nothing else but that something is put."""
    waits = [wait.expression for wait in ctx.tree.own(work, cst.Await)]
    calls = [call for call in waits if isinstance(call, cst.Call)]
    sleeps = [call for call in calls if ctx.names.is_a(call.func, _SLEEPS)]
    others = [call for call in calls if call not in sleeps]
    return bool(sleeps) and len(calls) == len(waits) and all(called(c) == "put" for c in others)


def _feeds(ctx: Context, spawn: cst.Call, work: cst.FunctionDef | None) -> bool:
    """Whether the coroutine that a call starts is given, or names itself, what the stream around
    reads from."""
    given: list[cst.CSTNode] = [*spawn.args]
    if work is not None:
        given.append(work.body)
    below = (node for each in given for node in descendants(each))
    names = {node.value for node in below if isinstance(node, cst.Name)}
    return not names.isdisjoint(_read_from(ctx, ctx.tree.owner(spawn)))


def _read_from(ctx: Context, stream: Owner) -> Iterator[str]:
    """The names of what a function reads items from, with its own hands."""
    sources: list[cst.BaseExpression] = [
        loop.iter for loop in ctx.tree.own(stream, cst.For) if loop.asynchronous is not None
    ]
    for call in ctx.tree.own(stream, cst.Call):
        if isinstance(call.func, cst.Attribute) and called(call) in _READING:
            sources.append(call.func.value)
        elif ctx.names.is_a(call.func, ("builtins.anext",)) and call.args:
            sources.append(call.args[0].value)
    return (source.value for source in sources if isinstance(source, cst.Name))


def _only_ends_it(ctx: Context, name: cst.Name) -> bool:
    """Whether a use of a task is a call of its `cancel`, or asks whether it has ended."""
    above = ctx.tree.parent(name)
    if not isinstance(above, cst.Attribute) or above.value is not name:
        return False
    call = ctx.tree.parent(above)
    is_called = isinstance(call, cst.Call) and call.func is above
    return is_called and above.attr.value in ("cancel", "done", "cancelled")
