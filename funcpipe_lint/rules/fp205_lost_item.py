"""FP205: a broad handler swallows an item of a stream of Results."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from funcpipe_lint.model import Scope
from funcpipe_lint.rule import Bad, Context, Finding, Good, Rule
from funcpipe_lint.rule.bindings import target_names
from funcpipe_lint.rule.flow import Try
from funcpipe_lint.rules.questions.handlers import catches, caught_kinds
from funcpipe_lint.rules.questions.naming import is_log
from funcpipe_lint.rules.questions.result_streams import gives_results
from funcpipe_lint.screen.declaration import STREAM_OF_RESULTS, YIELD, Named, Screen, Shape, Words

_BROAD = ("builtins.Exception", "builtins.BaseException")
_CANCELLED = ("asyncio.CancelledError", "concurrent.futures.CancelledError")
_ACTS = (cst.Yield, cst.Raise, cst.Return, cst.Assign, cst.AnnAssign, cst.AugAssign, cst.NamedExpr)


class FP205(Rule):
    """A broad handler swallows an item of a stream of Results.

    ## What it does
    Finds a broad handler around the work on one item of a stream of Results that neither yields,
    raises, returns nor assigns anything.

    In a module without Result types, under the strict and invariants profiles or selected by its
    code, an async generator without a return annotation counts as a stream of Results where a
    `yield` of it certainly gives an `Ok(...)` or `Err(...)`.

    Under the strict profile or selected by its code, in any module: a handler for `CancelledError`
    around a yield and an `await` that does none of these either. The stream then ends, or goes on,
    as though nobody had cancelled it.

    ## Why is this bad
    The item is gone, and so is its error: no `Err` tells the consumer that something is missing.

    ## Fix safety
    There is no fix: the error's code and words are the author's.

    ## Known problems
    A handler for named exceptions is taken to know what it does.
    """

    code = "FP205"
    name = "lost-item"
    summary = "a broad handler drops an item of a stream of Results"
    scope = Scope.RESULT
    strict_elsewhere = True
    visits = (cst.ExceptHandler,)
    screen = Screen(
        STREAM_OF_RESULTS,
        ("except",),
        elsewhere=(Words((YIELD, Named(("asyncio.CancelledError",)))), Shape.SIDE_YIELDED),
    )
    bad = (
        Bad("""\
import json
from collections.abc import AsyncIterator

from funcpipe_streams import Err, ErrInfo, Ok, Result


async def parsed(lines) -> AsyncIterator[Result[object, ErrInfo]]:
    async for line in lines:
        try:
            item = json.loads(line)
        except Exception:  # error
            continue
        yield Ok(item)
"""),
        Bad("""\
import logging
from collections.abc import AsyncIterator

from funcpipe_streams import ErrInfo, Ok, Result


async def numbers(lines) -> AsyncIterator[Result[int, ErrInfo]]:
    async for line in lines:
        try:
            yield Ok(int(line))
        except Exception:  # error
            logging.exception("no number")
"""),
    )
    good = (
        Good("""\
import json
from collections.abc import AsyncIterator

from funcpipe_streams import Err, ErrInfo, Ok, Result


async def parsed(lines) -> AsyncIterator[Result[object, ErrInfo]]:
    async for line in lines:
        try:
            item = json.loads(line)
        except ValueError as error:
            yield Err(ErrInfo(code="JSON", msg=str(error)))
            continue
        yield Ok(item)
"""),
        Good("""\
import json
from collections.abc import AsyncIterator

from funcpipe_streams import ErrInfo, Ok, Result


async def parsed(lines) -> AsyncIterator[Result[object, ErrInfo]]:
    async for line in lines:
        try:
            item = json.loads(line)
        except json.JSONDecodeError:  # a blank line: known, and named
            continue
        yield Ok(item)
"""),
    )

    def check(self, node: cst.ExceptHandler, ctx: Context) -> Iterator[Finding]:
        block = ctx.tree.parent(node)
        if not isinstance(block, Try):
            return
        if self.code in ctx.settings.in_full and _swallows_cancellation(ctx, node, block):
            message = (
                "a cancellation that arrives while this 'try' awaits ends here, and the task that "
                "was to stop goes on: raise it again"
            )
            yield Finding(node, message, cause=node)
            return
        if not gives_results(self.code, ctx.tree.owner(node), ctx):
            return
        if not catches(ctx.names, node, _BROAD) or not ctx.flow.is_live(block):
            return
        loop = next((a for a, c in ctx.tree.path(block) if _loops(a, c)), None)
        if loop is None or _acts(ctx, node, loop) or not _makes_item(ctx, block, loop):
            return
        message = (
            "an item whose work fails here is lost without a word: yield an Err in its place, or "
            "catch only what is known to be harmless"
        )
        yield Finding(node, message, cause=node)


def _loops(above: cst.CSTNode, child: cst.CSTNode) -> bool:
    return isinstance(above, cst.For | cst.While) and child is above.body


def _swallows_cancellation(ctx: Context, handler: cst.ExceptHandler, block: Try) -> bool:
    """Whether a handler that names CancelledError, around a yield and a place where one arrives,
    does nothing about it."""
    function = ctx.tree.owner(handler)
    if not ctx.functions.is_stream_function(function):
        return False
    kinds = caught_kinds(handler) or []
    if not any(ctx.names.is_a(kind, _CANCELLED) for kind in kinds):
        return False
    own: Iterator[cst.CSTNode] = ctx.tree.own(function, *_ACTS, cst.Break)
    if any(ctx.tree.is_inside(node, handler.body) for node in own):
        return False
    return bool(ctx.flow.live_yields_in(block.body)) and any(
        ctx.tree.is_inside(node, block.body) and getattr(node, "asynchronous", True)
        for node in ctx.tree.own(function, cst.Await, cst.For, cst.CompFor, cst.With)
    )


def _acts(ctx: Context, handler: cst.ExceptHandler, loop: cst.CSTNode) -> bool:
    """Whether a handler does something about the failure, other than log it: whatever is given the
    error or the item may."""
    known = (
        {name.value for name in target_names(loop.target)} if isinstance(loop, cst.For) else set()
    )
    if handler.name is not None and isinstance(handler.name.name, cst.Name):
        known.add(handler.name.name.value)
    nodes: Iterator[cst.CSTNode] = ctx.tree.own(ctx.tree.owner(handler))
    for node in nodes:
        if not ctx.tree.is_inside(node, handler.body):
            continue
        if isinstance(node, _ACTS):
            return True
        if isinstance(node, cst.Call) and not is_log(node):
            values = [arg.value for arg in node.args]
            if any(isinstance(v, cst.Name) and v.value in known for v in values):
                return True
    return False


def _makes_item(ctx: Context, block: cst.CSTNode, loop: cst.CSTNode) -> bool:
    """Whether the `try` yields, or binds a name that a yield after it in the loop reads."""
    assert isinstance(block, Try)
    if ctx.flow.live_yields_in(block.body):
        return True
    if block.orelse is not None and ctx.flow.live_yields_in(block.orelse):
        return True
    bound = {
        binding.name
        for many in ctx.names.bound_in(ctx.tree.owner(block)).values()
        for binding in many
        if ctx.tree.is_inside(binding.node, block.body)
    }
    return any(
        name.value in bound
        for place in ctx.flow.live_yields_in(loop)
        for name in ctx.tree.own(ctx.tree.owner(block), cst.Name)
        if ctx.tree.is_inside(name, place)
    )
