"""FP507: a stream's producer task is only cancelled, and its exception never looked at."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from funcpipe_lint.model import Scope
from funcpipe_lint.rule import Bad, Context, Finding, Good, Rule
from funcpipe_lint.rules.questions.handlers import may_catch
from funcpipe_lint.rules.questions.started_tasks import is_free_spawn
from funcpipe_lint.screen.declaration import Screen, Shape


class FP507(Rule):
    """A stream's producer task is only cancelled, and its exception never looked at.

    ## What it does
    Reports a task that an async generator starts and binds to a name, where the only thing that is
    ever done with the name is `cancel()`, `done()` or `cancelled()`. Nothing is reported where the
    coroutine is a function of the same file that catches every exception itself.

    ## Why is this bad
    A producer that fails stops putting items. With an end mark in its `finally` the stream then
    ends early, and looks complete; without one it waits for ever. The exception is logged, at best,
    when the task is collected: "Task exception was never retrieved".

    ## Fix safety
    There is no fix. Await the task where the stream has ended (`await producer`), or put the
    exception into the queue; a task group does both.

    ## Known problems
    A task that hands its failures on by itself, as items, is reported as well.
    """

    code = "FP507"
    name = "lost-producer-error"
    summary = "nobody looks at the exception of a stream's producer"
    scope = Scope.STRICT
    screen = Screen((Shape.PRODUCER,))
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
        if _catches_all(ctx, node):
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


def _catches_all(ctx: Context, spawn: cst.Call) -> bool:
    """Whether the body of the coroutine that is started is a `try` with a handler for any error:
    what fails in it is handed on, or known."""
    made = spawn.args[0].value if spawn.args else None
    work = ctx.functions.definition(made.func) if isinstance(made, cst.Call) else None
    tried = [] if work is None else [s for s in work.body.body if isinstance(s, cst.Try)]
    return any(
        may_catch(ctx.names, handler, Exception) for block in tried for handler in block.handlers
    )


def _only_ends_it(ctx: Context, name: cst.Name) -> bool:
    """Whether a use of a task is a call of its `cancel`, or asks whether it has ended."""
    above = ctx.tree.parent(name)
    if not isinstance(above, cst.Attribute) or above.value is not name:
        return False
    call = ctx.tree.parent(above)
    is_called = isinstance(call, cst.Call) and call.func is above
    return is_called and above.attr.value in ("cancel", "done", "cancelled")
