"""FP511: closing a stream waits for a producer that nothing stops."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from funcpipe_lint.model import Scope
from funcpipe_lint.model.vocabulary import SPAWNERS
from funcpipe_lint.rule import Bad, Context, Finding, Good, Rule
from funcpipe_lint.rule.flow import called
from funcpipe_lint.rule.tree import descendants
from funcpipe_lint.rules.questions.started_tasks import is_free_spawn
from funcpipe_lint.screen.declaration import YIELD, Named, Screen, Words


class FP511(Rule):
    """Closing a stream waits for a producer that nothing stops.

    ## What it does
    Reports a task of an async generator that runs a function inside it, which fills a queue in a
    loop, where a `finally` around a `yield` awaits the task and nothing in the generator cancels
    it, hands it on, or tells it to end.

    ## Why is this bad
    A consumer that stops early closes the stream, and `aclose()` waits until the producer has read
    its whole source: for ever, where the queue is bounded and full, for nobody reads it any more.

    ## Fix safety
    There is no fix. Cancel the task before it is awaited: `task.cancel()`, then `await
    asyncio.gather(task, return_exceptions=True)`.

    ## Known problems
    A source that ends soon by itself makes closing slow, and no more. What starts a task under
    another name is named in `spawners`.
    """

    code = "FP511"
    name = "close-waits-for-task"
    summary = "closing a stream waits for a producer that nothing stops"
    scope = Scope.STRICT
    screen = Screen((Words((YIELD, Named(SPAWNERS, "spawners"), ("finally",), ("put", "send"))),))
    visits = (cst.Call,)
    bad = (
        Bad("""\
import asyncio


async def ahead(source):
    queue = asyncio.Queue(8)

    async def fill():
        async for item in source:
            await queue.put(item)
        await queue.put(None)

    filling = asyncio.create_task(fill())  # error
    try:
        while (item := await queue.get()) is not None:
            yield item
    finally:
        await filling
"""),
        Bad("""\
import asyncio


async def both(left, right):
    queue = asyncio.Queue(8)

    async def fill(source):
        async for item in source:
            await queue.put(item)

    first = asyncio.create_task(fill(left))  # error
    second = asyncio.create_task(fill(right))
    try:
        while True:
            yield await queue.get()
    finally:
        second.cancel()
        await asyncio.gather(first, second, return_exceptions=True)
"""),
    )
    good = (
        Good("""\
import asyncio


async def ahead(source):
    queue = asyncio.Queue(8)

    async def fill():
        async for item in source:
            await queue.put(item)
        await queue.put(None)

    filling = asyncio.create_task(fill())
    try:
        while (item := await queue.get()) is not None:
            yield item
    finally:
        filling.cancel()
        await asyncio.gather(filling, return_exceptions=True)
"""),
        Good("""\
import asyncio


async def ahead(source):
    queue = asyncio.Queue(8)

    async def fill():
        while not source.is_closed:
            await queue.put(await source.read())

    filling = asyncio.create_task(fill())
    try:
        while True:
            yield await queue.get()
    finally:
        source.close()  # which ends the producer
        await filling
"""),
    )

    def check(self, node: cst.Call, ctx: Context) -> Iterator[Finding]:
        function = ctx.tree.owner(node)
        if not is_free_spawn(ctx, node) or not ctx.functions.is_stream_function(function):
            return
        name = _held_by(ctx, node)
        binding = None if name is None else ctx.names.only(name, node)
        if binding is None or binding.scope is not function or not _fills(ctx, node):
            return
        waits = []
        for use in ctx.tree.named(binding.name):
            if ctx.names.only(binding.name, use) is not binding:
                continue
            if ctx.tree.is_inside(use, binding.node):
                continue
            wait = _wait_of(ctx, use)
            if wait is None:
                return  # somebody else may cancel it
            waits.append(wait)
        place = next((wait for wait in waits if _is_first_act(ctx, wait)), None)
        if place is None or not ctx.flow.is_live(node):
            return
        message = (
            f"closing this stream waits until '{binding.name}' has read its whole source (line "
            f"{ctx.line(place)}): nothing cancels it. Call {binding.name}.cancel() before awaiting "
            "it"
        )
        yield Finding(node, message, notes=((place, "aclose() waits here"),))


def _held_by(ctx: Context, call: cst.Call) -> str | None:
    above = ctx.tree.parent(call)
    target = above.targets[0].target if isinstance(above, cst.Assign) else None
    return target.value if isinstance(target, cst.Name) else None


def _fills(ctx: Context, spawn: cst.Call) -> bool:
    """Whether a task runs a function of the file that fills a queue in a loop without a test."""
    made = spawn.args[0].value if spawn.args else None
    function = ctx.functions.definition(made.func) if isinstance(made, cst.Call) else None
    if function is None or function.asynchronous is None:
        return False
    for loop in ctx.tree.own(function, cst.For, cst.While):
        if isinstance(loop, cst.While) and ctx.tree.code(loop.test) != "True":
            continue
        below = list(descendants(loop.body))
        if any(isinstance(each, cst.Break | cst.Return) for each in below):
            continue
        calls = (each for each in below if isinstance(each, cst.Call))
        if any(called(each) in ("put", "send") for each in calls):
            return True
    return False


_WAITING = ("asyncio.gather", "asyncio.wait", "asyncio.wait_for", "builtins.set")


def _wait_of(ctx: Context, name: cst.Name) -> cst.Await | None:
    """The `await` that a task's name is for, as it is or in a call that only waits."""
    for above in ctx.tree.ancestors(name):
        if isinstance(above, cst.Await):
            return above
        if isinstance(above, cst.Call):
            is_waiting = ctx.names.is_a(above.func, _WAITING[:2])
            if not is_waiting or any(arg.keyword is not None for arg in above.args[:1]):
                return None
        elif not isinstance(above, cst.Arg | cst.Element | cst.List | cst.Tuple | cst.Set):
            return None
    return None


def _is_first_act(ctx: Context, wait: cst.Await) -> bool:
    """Whether an `await` stands in a `finally` around a yield, and nothing above it there may end
    what it waits for: only other tasks are cancelled, or awaited."""
    for above, _ in ctx.tree.path(wait):
        if not isinstance(above, cst.Finally):
            continue
        block = ctx.tree.parent(above)
        if not isinstance(block, cst.Try) or not ctx.flow.live_yields_in(block.body):
            return False
        for node in ctx.tree.own_below(above):
            if node is wait:
                return True
            if isinstance(node, cst.Call) and not _is_harmless(ctx, node):
                return False
    return False


def _is_harmless(ctx: Context, call: cst.Call) -> bool:
    return called(call) == "cancel" or ctx.names.is_a(call.func, (*_WAITING, *_QUIET))


_QUIET = ("contextlib.suppress", "builtins.print")
