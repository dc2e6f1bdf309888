"""FP505: a timeout cancels the pull of an iterator that is then pulled again."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from funcpipe_lint.model import Scope
from funcpipe_lint.rule import Bad, Context, Finding, Good, Rule
from funcpipe_lint.rule.flow import called, last_statement
from funcpipe_lint.rules.questions.handlers import Handler, caught_kinds
from funcpipe_lint.screen.declaration import Screen, Shape

_TIMEOUTS = ("builtins.TimeoutError", "asyncio.TimeoutError", "concurrent.futures.TimeoutError")
_SCOPES = (
    *("asyncio.timeout", "asyncio.timeout_at", "async_timeout.timeout", "async_timeout.timeout_at"),
    *("anyio.fail_after", "trio.fail_after"),
)
_SPAWNERS = ("asyncio.create_task", "asyncio.ensure_future")


class FP505(Rule):
    """A timeout cancels the pull of an iterator that is then pulled again.

    ## What it does
    Reports `await asyncio.wait_for(anext(iterator), ...)`, and `await anext(iterator)` in
    `asyncio.timeout(...)`, in a loop where a handler for TimeoutError goes on to the next turn,
    which pulls the same iterator. `__anext__()` counts as well, and a pull that is made a task.

    ## Why is this bad
    A timeout cancels the pull, and a cancelled async generator is finished: its clean-up runs and
    the next pull raises StopAsyncIteration. Of a source of three items that is slow once, the loop
    sees one, and then ends as if there were no more. Nothing is logged.

    ## Fix safety
    There is no fix. Keep the pull as a task and wait for it without cancelling it:
    `pull = asyncio.ensure_future(anext(iterator))`, then `done, _ = await asyncio.wait({pull},
    timeout=...)`; make the next task only once this one is done, and cancel it in a `finally`.

    ## Known problems
    An iterator of a class whose `__anext__` can be cancelled and called again, as a queue's can,
    is reported too. How the language ends a cancelled generator is in
    [PEP 525](https://peps.python.org/pep-0525/).
    """

    code = "FP505"
    name = "cancelled-pull"
    summary = "a timeout finishes the generator that is pulled again"
    scope = Scope.STRICT
    screen = Screen((Shape.TIMED_PULL,))
    visits = (cst.Await,)
    bad = (
        Bad("""\
import asyncio


async def with_keep_alive(source):
    iterator = aiter(source)
    while True:
        try:
            yield await asyncio.wait_for(anext(iterator), 15)  # error
        except TimeoutError:
            yield "still there"
"""),
        Bad("""\
import asyncio


async def shown(iterator):
    while True:
        try:
            async with asyncio.timeout(1):
                item = await iterator.__anext__()  # error
        except asyncio.TimeoutError:
            print("waiting")
            continue
        print(item)
"""),
    )
    good = (
        Good("""\
import asyncio


async def with_keep_alive(source):
    iterator = aiter(source)
    pull = asyncio.ensure_future(anext(iterator))
    try:
        while True:
            done, _ = await asyncio.wait({pull}, timeout=15)
            if not done:
                yield "still there"
                continue
            try:
                item = pull.result()
            except StopAsyncIteration:
                break
            yield item
            pull = asyncio.ensure_future(anext(iterator))
    finally:
        pull.cancel()
"""),
        Good("""\
import asyncio


async def until_slow(iterator):
    while True:
        try:
            yield await asyncio.wait_for(anext(iterator), 15)
        except TimeoutError:
            break
"""),
    )

    def check(self, node: cst.Await, ctx: Context) -> Iterator[Finding]:
        pulled = _pulled_in_time(ctx, node)
        if pulled is None or not ctx.flow.is_live(node):
            return
        handler = _going_on(ctx, node)
        if handler is None or _is_made_anew(ctx, node, pulled):
            return
        message = (
            "a timeout here cancels the pull and thereby finishes the generator: "
            f"'{ctx.text(pulled)}' ends silently at the next pull, to which the handler goes on "
            f"(line {ctx.line(handler)}). Keep the pull as a task and use "
            "asyncio.wait, which cancels nothing"
        )
        yield Finding(node, message, notes=((handler, "goes on to the next pull"),))


def _pulled_in_time(ctx: Context, node: cst.Await) -> cst.BaseExpression | None:
    """The iterator that an `await` pulls, where a timeout may cancel that."""
    call = node.expression
    if not isinstance(call, cst.Call):
        return None
    if ctx.names.is_a(call.func, ("asyncio.wait_for",)):
        return _pulled(ctx, call.args[0].value) if call.args else None
    pulled = _pulled(ctx, call)
    if pulled is None:
        return None
    scopes = (item.item for _, item in ctx.flow.managers(node))
    calls = [scope for scope in scopes if isinstance(scope, cst.Call)]
    return pulled if any(ctx.names.is_a(scope.func, _SCOPES) for scope in calls) else None


def _pulled(ctx: Context, call: cst.BaseExpression) -> cst.BaseExpression | None:
    """The name or attribute that a call pulls: of `anext(x)`, `x.__anext__()`, and a task of it."""
    if not isinstance(call, cst.Call):
        return None
    if ctx.names.is_a(call.func, _SPAWNERS) and call.args:
        return _pulled(ctx, call.args[0].value)
    value: cst.BaseExpression | None = None
    if ctx.names.is_a(call.func, ("builtins.anext",)) and len(call.args) == 1:
        value = call.args[0].value
    elif isinstance(call.func, cst.Attribute) and called(call) == "__anext__":
        value = call.func.value
    return value if isinstance(value, cst.Name | cst.Attribute) else None


def _going_on(ctx: Context, node: cst.CSTNode) -> Handler | None:
    """The handler for the timeout, where it comes to the next turn of a loop around its `try`."""
    handler: Handler | None = None
    for above, child in ctx.tree.path(node):
        if isinstance(above, cst.Try) and child is above.body and handler is None:
            named = [h for h in above.handlers if _names_timeout(ctx, h)]
            handler = named[0] if named else None
        elif isinstance(above, cst.For | cst.While) and child is above.body:
            return handler if handler is not None and _falls_through(ctx, handler) else None
    return None


def _names_timeout(ctx: Context, handler: Handler) -> bool:
    return any(ctx.names.is_a(kind, _TIMEOUTS) for kind in caught_kinds(handler) or ())


def _falls_through(ctx: Context, handler: Handler) -> bool:
    """Whether nothing in a handler leaves the loop."""
    leaves = (cst.Raise, cst.Return, cst.Break)
    if ctx.tree.own_in(handler, *leaves):
        return False
    attempt = ctx.tree.parent(handler)
    if attempt is None or isinstance(last_statement(handler.body.body[-1]), cst.Continue):
        return True
    rest = ctx.tree.siblings(attempt)[ctx.tree.number(attempt) + 1 :]
    return not any(isinstance(last_statement(each), leaves) for each in rest)


def _is_made_anew(ctx: Context, node: cst.Await, pulled: cst.BaseExpression) -> bool:
    """Whether the loop, or the handler, binds the iterator to another one."""
    loop = next(a for a, _ in ctx.tree.path(node) if isinstance(a, cst.For | cst.While))
    name = called(pulled)
    if isinstance(pulled, cst.Name):
        found = ctx.names.bindings(name, node)
        return not found or any(ctx.tree.is_inside(binding.node, loop) for binding in found)
    targets = ctx.tree.own(ctx.tree.owner(node), cst.AssignTarget)
    return any(called(each.target) == name and ctx.tree.is_inside(each, loop) for each in targets)
