"""FP509: the mark that ends a reader's loop is dropped where the queue is full."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from funcpipe_lint.model import Scope
from funcpipe_lint.model.vocabulary import QUEUES
from funcpipe_lint.rule import Bad, Context, Finding, Good, Rule
from funcpipe_lint.rule.bindings import Binding
from funcpipe_lint.rule.flow import called
from funcpipe_lint.rules.questions.handlers import catches
from funcpipe_lint.screen.declaration import Screen, Words


class FP509(Rule):
    """The mark that ends a reader's loop is dropped where the queue is full.

    ## What it does
    Reports `queue.put_nowait(MARK)` on a bounded queue of the function, where a reader of the same
    function compares what it gets with that mark, and QueueFull is suppressed, or caught by a
    handler that does nothing, or not caught in a `finally`.

    ## Why is this bad
    The queue is full exactly when the reader is slow. The mark is then lost, the reader takes the
    last item and waits for ever: the stream neither ends nor fails.

    ## Fix safety
    There is no fix. Keep the end out of the queue: let the reader wait for the queue and for the
    producer's task; or make room first (`queue.get_nowait()`), where items may be dropped at the
    end.

    ## Known problems
    A queue that somebody else empties just before looks like one that is full.
    """

    code = "FP509"
    name = "lost-end-mark"
    summary = "the end mark of a full queue is dropped"
    scope = Scope.STRICT
    screen = Screen(
        (Words((("put_nowait",), ("get",))),),
        without_streams=(("put_nowait",), ("get",)),
    )
    visits = (cst.Call,)
    bad = (
        Bad("""\
import asyncio
from contextlib import suppress


async def ahead(source):
    queue = asyncio.Queue(10)

    async def fill():
        async for item in source:
            await queue.put(item)
        with suppress(asyncio.QueueFull):
            queue.put_nowait(None)  # error

    filling = asyncio.create_task(fill())
    try:
        while (item := await queue.get()) is not None:
            yield item
    finally:
        filling.cancel()
"""),
        Bad("""\
import asyncio

END = object()


async def ahead(source, size):
    queue = asyncio.Queue(maxsize=size)

    async def fill():
        try:
            async for item in source:
                await queue.put(item)
        finally:
            queue.put_nowait(END)  # error

    filling = asyncio.create_task(fill())
    while True:
        item = await queue.get()
        if item is END:
            break
        yield item
    await filling
"""),
    )
    good = (
        Good("""\
import asyncio


async def ahead(source):
    queue = asyncio.Queue(10)

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
"""),
        Good("""\
import asyncio


async def ahead(source):
    queue = asyncio.Queue()  # takes any number
    source.on_item(queue.put_nowait)
    source.on_end(lambda: queue.put_nowait(None))
    while (item := await queue.get()) is not None:
        yield item
"""),
    )

    def check(self, node: cst.Call, ctx: Context) -> Iterator[Finding]:
        func = node.func
        if not isinstance(func, cst.Attribute) or called(node) != "put_nowait":
            return
        if not isinstance(func.value, cst.Name) or len(node.args) != 1:
            return
        mark = node.args[0].value
        queue = ctx.names.only(func.value.value, node)
        if queue is None or not isinstance(mark, cst.Name) or not _is_bounded(ctx, queue):
            return
        if not _is_lost(ctx, node) or not ctx.flow.is_live(node):
            return
        reader = _reader(ctx, queue, mark)
        if reader is None:
            return
        message = (
            f"where '{func.value.value}' is full, its end mark '{mark.value}' is lost and the "
            f"reader waits for ever (line {ctx.line(reader)}): put it with await "
            f"{func.value.value}.put({mark.value}), or let the reader wait for the producer too"
        )
        yield Finding(node, message, notes=((reader, "waits for the mark"),))


def _is_bounded(ctx: Context, binding: Binding) -> bool:
    """Whether a name of a function is bound to a queue with a size."""
    call = binding.value
    if not isinstance(binding.scope, cst.FunctionDef) or not isinstance(call, cst.Call):
        return False
    if not ctx.names.is_a(call.func, QUEUES):
        return False
    sizes = [a.value for a in call.args if a.keyword is None or a.keyword.value == "maxsize"]
    if not sizes:
        return False
    size = sizes[0]
    return not (isinstance(size, cst.Integer) and size.evaluated_value == 0) and not isinstance(
        size, cst.UnaryOperation
    )


_FULL = ("asyncio.QueueFull",)


def _is_lost(ctx: Context, call: cst.Call) -> bool:
    """Whether QueueFull at a call ends there without another try, or in a `finally`."""
    if any(isinstance(above, cst.While) for above, _ in ctx.tree.path(call)):
        return False
    for above, child in ctx.tree.path(call):
        if isinstance(above, cst.With) and child is above.body:
            for item in above.items:
                made = item.item
                if isinstance(made, cst.Call) and ctx.names.is_a(made.func, _SUPPRESS):
                    return True
        if isinstance(above, cst.Try) and child is above.body:
            for handler in above.handlers:
                if catches(ctx.names, handler, (*_FULL, "builtins.Exception")):
                    return not any(
                        isinstance(each, cst.Call | cst.Await | cst.Raise | cst.Continue)
                        for each in ctx.tree.own_below(handler.body)
                    )
        if isinstance(above, cst.Finally):
            return True
    return False


_SUPPRESS = ("contextlib.suppress",)


def _reader(ctx: Context, queue: Binding, mark: cst.Name) -> cst.CSTNode | None:
    """Where what is taken from a queue is compared with a mark, in the function of the queue."""
    function = queue.scope
    assert isinstance(function, cst.FunctionDef)
    gets = [
        each
        for each in ctx.tree.own(function, cst.Call)
        if called(each) == "get"
        and isinstance(each.func, cst.Attribute)
        and isinstance(each.func.value, cst.Name)
        and ctx.names.only(each.func.value.value, each) is queue
        and isinstance(ctx.tree.parent(each), cst.Await)
    ]
    compared = any(
        isinstance(one.operator, cst.Is | cst.IsNot | cst.Equal | cst.NotEqual)
        and isinstance(one.comparator, cst.Name)
        and one.comparator.value == mark.value
        for one in ctx.tree.own(function, cst.ComparisonTarget)
    )
    return gets[0] if gets and compared else None
