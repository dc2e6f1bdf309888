"""FP501: a queue takes a whole stream when its consumer is slow."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from funcpipe_lint.model import Scope
from funcpipe_lint.model.vocabulary import CHANNELS, FEEDS, QUEUES, last_words
from funcpipe_lint.rule import Bad, Context, Finding, Good, Rule
from funcpipe_lint.rule.flow import called
from funcpipe_lint.screen.declaration import Named, Screen, Shape, Words


class FP501(Rule):
    """A queue takes a whole stream when its consumer is slow.

    ## What it does
    Finds a queue without a bound in a stream function, in a builder, or in a function that feeds
    it from an `async for`: `asyncio.Queue()` and its kin, and memory channels of infinite size.

    ## Why is this bad
    A producer that is faster than its consumer puts the whole stream into memory: backpressure
    ends at the queue.

    ## Fix safety
    There is no fix: the size is a decision.

    ## Known problems
    The queues of asyncio and the channels of anyio and trio are known; the key `queues` names more.
    A bound that is kept elsewhere is seen only where a semaphore is acquired before each `put`.
    """

    code = "FP501"
    name = "unbounded-queue"
    summary = "a queue in a stream has no bound"
    scope = Scope.RESULT
    strict_elsewhere = True
    visits = (cst.Call,)
    screen = Screen(
        (Words((Named((*QUEUES, *CHANNELS), "queues"),)), Shape.BUILDER),
        last_words((*QUEUES, *CHANNELS)),
        setting="queues",
    )
    bad = (
        Bad("""\
import asyncio

from funcpipe_streams import AsyncGen


def buffered(source: AsyncGen[int]) -> AsyncGen[int]:
    async def stream():
        queue = asyncio.Queue()  # error
        async for item in source():
            await queue.put(item)
            yield await queue.get()

    return stream
"""),
        Bad("""\
import math

import anyio

from funcpipe_streams import AsyncGen, Ok


def channel() -> AsyncGen[int]:
    async def stream():
        send, receive = anyio.create_memory_object_stream(math.inf)  # error
        async for item in receive:
            yield Ok(item)

    return stream
"""),
    )
    good = (
        Good("""\
import asyncio

from funcpipe_streams import AsyncGen


def buffered(source: AsyncGen[int]) -> AsyncGen[int]:
    async def stream():
        queue = asyncio.Queue(maxsize=16)
        async for item in source():
            await queue.put(item)
            yield await queue.get()

    return stream
"""),
        Good("""\
import asyncio

from funcpipe_streams import AsyncGen


async def fill(source: AsyncGen[int], slots: asyncio.Semaphore):
    queue = asyncio.Queue()
    async for item in source():
        await slots.acquire()  # the bound
        await queue.put(item)
"""),
    )

    def check(self, node: cst.Call, ctx: Context) -> Iterator[Finding]:
        head = node.func.value if isinstance(node.func, cst.Subscript) else node.func
        is_queue = ctx.names.is_a(head, (*QUEUES, *ctx.settings.queues))
        is_channel = not is_queue and ctx.names.is_a(head, CHANNELS)
        if not (is_queue or is_channel) or not ctx.flow.is_live(node):
            return
        size = _size(node, "maxsize" if is_queue else "max_buffer_size")
        if is_queue and not _is_endless_queue(node, size):
            return
        if is_channel and not _is_infinite(ctx, size):
            return
        if not _carries_stream(ctx, node) or _has_slots(ctx, node):
            return
        what = ctx.text(head)
        message = (
            f"'{what}' without a bound takes the whole stream into memory when its consumer is "
            "slow: give it a size"
        )
        yield Finding(node, message)


def _size(call: cst.Call, keyword: str) -> cst.BaseExpression | None:
    for arg in call.args:
        if arg.star:
            continue
        if arg.keyword is None or arg.keyword.value in (keyword, "max_buffer_size"):
            return arg.value
    return None


def _is_endless_queue(call: cst.Call, size: cst.BaseExpression | None) -> bool:
    if size is None:
        return not any(arg.star for arg in call.args)
    if isinstance(size, cst.UnaryOperation) and isinstance(size.operator, cst.Minus):
        return isinstance(size.expression, cst.Integer)
    return isinstance(size, cst.Integer) and size.evaluated_value == 0


def _is_infinite(ctx: Context, size: cst.BaseExpression | None) -> bool:
    if size is None:
        return False
    if isinstance(size, cst.Call) and ctx.names.is_a(size.func, ("builtins.float",)):
        first = size.args[0].value if size.args else None
        text = first.evaluated_value if isinstance(first, cst.SimpleString) else ""
        return isinstance(text, str) and text.lower().lstrip("+") in ("inf", "infinity")
    return ctx.names.is_a(size, ("math.inf",))


def _carries_stream(ctx: Context, node: cst.Call) -> bool:
    """Whether the queue is made in a stream function or builder, or fed by an `async for`."""
    for function in ctx.tree.functions(node):
        if ctx.functions.is_stream_function(function) or ctx.streams.is_builder(function):
            return True
    owner, names = ctx.tree.function(node), _bound_names(ctx, node)
    if owner is None or not names:
        return False
    return any(
        isinstance(call.func, cst.Attribute)
        and called(call) in FEEDS
        and isinstance(call.func.value, cst.Name)
        and call.func.value.value in names
        and any(isinstance(a, cst.For) and a.asynchronous for a, _ in ctx.tree.path(call))
        for call in ctx.tree.own(owner, cst.Call)
    )


def _bound_names(ctx: Context, node: cst.Call) -> set[str]:
    statement = ctx.tree.parent(node)
    return {
        name
        for name, bindings in ctx.names.bound_in(ctx.tree.owner(node)).items()
        for binding in bindings
        if binding.node is statement
    }


def _has_slots(ctx: Context, node: cst.Call) -> bool:
    """Whether a semaphore is acquired in the functions around: it may bound what is put."""
    outermost = [*ctx.tree.functions(node)][-1]
    return any(
        called(call) == "acquire"
        for call in ctx.tree.of(cst.Call)
        if ctx.tree.is_inside(call, outermost)
    )
