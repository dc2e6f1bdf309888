"""FP502: one task for every item of a stream."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from funcpipe_lint.model import Scope
from funcpipe_lint.model.vocabulary import BOUNDS, PEERS, SPAWNERS
from funcpipe_lint.rule import Bad, Context, Finding, Good, Rule
from funcpipe_lint.rule.bindings import target_names
from funcpipe_lint.rule.flow import called
from funcpipe_lint.rules.questions.started_tasks import is_free_spawn, is_group_spawn
from funcpipe_lint.screen.declaration import LOOP, Named, Screen, Words

_GATHER = ("asyncio.gather",)
_LISTS = (cst.ListComp, cst.SetComp, cst.GeneratorExp)


class FP502(Rule):
    """One task for every item of a stream.

    ## What it does
    Finds a task started for every item of an `async for` with nothing in the loop that waits, and
    `asyncio.gather` over a comprehension of a whole stream.

    ## Why is this bad
    There are as many tasks as items: memory, connections and the callee's patience all end before
    a long stream does.

    ## Fix safety
    There is no fix: the number of tasks is a decision.

    ## Known problems
    A bound that is kept in the function that is spawned is not seen; the tasks themselves are
    still many. What starts a task under another name is named in `spawners`.
    """

    code = "FP502"
    name = "unbounded-fan-out"
    summary = "every item of a stream starts a task, without a bound"
    scope = Scope.RESULT
    strict_elsewhere = True
    visits = (cst.For, cst.Call)
    screen = Screen(  # what is gathered has its name elsewhere than it is made
        (
            Words(
                beside=(
                    (LOOP,),
                    (Named((*SPAWNERS, "a.start_soon", "asyncio.gather"), "spawners"),),
                )
            ),
        )
    )
    bad = (
        Bad("""\
import asyncio

from funcpipe_streams import AsyncGen


async def send_all(items: AsyncGen[str], send):
    async with asyncio.TaskGroup() as group:
        async for item in items():
            group.create_task(send(item))  # error
"""),
        Bad("""\
import asyncio

from funcpipe_streams import AsyncGen


async def sizes(pages: AsyncGen[str], size):
    return await asyncio.gather(*[size(page) async for page in pages()])  # error
"""),
    )
    good = (
        Good("""\
import asyncio

from funcpipe_streams import AsyncGen


async def send_all(items: AsyncGen[str], send):
    slots = asyncio.Semaphore(8)

    async def send_one(item):
        try:
            await send(item)
        finally:
            slots.release()

    async with asyncio.TaskGroup() as group:
        async for item in items():
            await slots.acquire()
            group.create_task(send_one(item))
"""),
        Good("""\
import asyncio

from funcpipe_streams import AsyncGen


async def pump_all(sources: list[AsyncGen[str]], pump):
    async with asyncio.TaskGroup() as group:
        for source in sources:  # one task a source
            group.create_task(pump(source))
"""),
    )

    def check(self, node: cst.For | cst.Call, ctx: Context) -> Iterator[Finding]:
        if isinstance(node, cst.Call):
            cause = _gathered(ctx, node) if ctx.names.is_a(node.func, _GATHER) else None
            if cause is not None and ctx.flow.is_live(node):
                yield Finding(node, _message("'gather' starts"), cause=cause)
            return
        if node.asynchronous is None or _has_bound(ctx, node) or _is_over_peers(node):
            return
        for call in ctx.tree.own(ctx.tree.owner(node), cst.Call):
            if not ctx.tree.is_inside(call, node.body) or not ctx.flow.is_live(call):
                continue
            is_spawn = is_free_spawn(ctx, call) or is_group_spawn(call)
            if is_spawn and not _is_held(ctx, call, node):
                notes = ((node, "once for each item of this stream"),)
                message = _message(f"'{ctx.text(call.func)}' starts")
                yield Finding(call, message, cause=call, notes=notes)


def _message(subject: str) -> str:
    return (
        f"{subject} a task for every item, however many come: acquire a semaphore before each, or "
        "hand the items to a fixed number of workers"
    )


def _has_bound(ctx: Context, loop: cst.For) -> bool:
    """Whether the loop itself waits for room, asks how many there are, or has one turn only."""
    if ctx.flow.always_leaves(loop.body) and ctx.flow.early_exits(loop):
        return True
    for node in ctx.tree.own(ctx.tree.owner(loop), cst.Await, cst.Call):
        if not ctx.tree.is_inside(node, loop.body):
            continue
        if isinstance(node, cst.Await):
            if not isinstance(node.expression, cst.Call):
                return True  # a task, or a list of them
            if BOUNDS.search(called(node.expression)):
                return True
        elif called(node) == "len" or "acquire" in called(node):
            return True
    return False


def _is_over_peers(loop: cst.For) -> bool:
    return any(PEERS.search(name.value.lower()) for name in target_names(loop.target))


def _is_held(ctx: Context, call: cst.Call, loop: cst.For) -> bool:
    """Whether the task is awaited at once, or started under a manager of the loop's body."""
    for above, child in ctx.tree.path(call):
        if above is loop:
            return False
        if isinstance(above, cst.Await):
            return True
        if isinstance(above, cst.With) and child is above.body:
            return True
    return False


def _gathered(ctx: Context, call: cst.Call) -> cst.CSTNode | None:
    """What makes one coroutine for every item of a stream, of the arguments of `gather`."""
    for arg in call.args:
        if arg.star != "*":
            continue
        if _is_of_stream(arg.value):
            return arg.value
        if isinstance(arg.value, cst.Name):
            binding = ctx.names.only(arg.value.value, arg.value)
            if binding is None or binding.value is None:
                continue
            if _is_of_stream(binding.value):
                return binding.value
            if _is_filled(ctx, call, arg.value.value):
                return call
    return None


def _is_of_stream(value: cst.BaseExpression) -> bool:
    return isinstance(value, _LISTS) and value.for_in.asynchronous is not None


def _is_filled(ctx: Context, call: cst.Call, name: str) -> bool:
    """Whether an `async for` of the function appends a call, an item's coroutine, to a list."""
    return any(
        called(each) == "append"
        and isinstance(each.func, cst.Attribute)
        and isinstance(each.func.value, cst.Name)
        and each.func.value.value == name
        and len(each.args) == 1
        and isinstance(each.args[0].value, cst.Call)
        and not is_free_spawn(ctx, each.args[0].value)
        and any(
            isinstance(a, cst.For) and a.asynchronous is not None and not _has_bound(ctx, a)
            for a, _ in ctx.tree.path(each)
        )
        for each in ctx.tree.own(ctx.tree.owner(call), cst.Call)
    )
