"""FP203: one failed item ends a stream of Results, or vanishes from it."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from funcpipe_lint.model import Scope
from funcpipe_lint.rule import Bad, Context, Finding, Good, Rule
from funcpipe_lint.rule.flow import last_statement
from funcpipe_lint.rules.questions.naming import (
    BREAKERS,
    SELECTORS,
    is_asked_to_stop,
    is_log,
    is_named,
)
from funcpipe_lint.screen.declaration import STREAM_OF_RESULTS, Screen


class FP203(Rule):
    """One failed item ends a stream of Results, or vanishes from it.

    ## What it does
    Finds a loop over Results, in a stream of Results, that is left by `break`, `return` or
    `raise` where the item is proven to be an `Err`, or that drops the item there.

    ## Why is this bad
    One failed item ends the stream or vanishes from it. An `Err` belongs to its item: it has to
    pass, in its place, and the items behind it have to follow.

    ## Fix safety
    There is no fix: whether the `Err` was meant to be passed on or replaced is not in the code.

    ## Known problems
    A stream that is to end at the first `Err` says so in its name: `take_while_*`, `until_*`,
    `*breaker*`, `*short_circuit*`, `*fail_fast*` are left alone, and so is a stop that an `if` asks
    for (`if stop_on_error:`).
    """

    code = "FP203"
    name = "error-short-circuit"
    summary = "one Err ends a stream of Results, or is dropped from it"
    scope = Scope.RESULT
    visits = (cst.For,)
    screen = Screen(STREAM_OF_RESULTS)
    bad = (
        Bad("""\
from collections.abc import AsyncIterator

from funcpipe_streams import Err, ErrInfo, Ok, Result


async def doubled(items) -> AsyncIterator[Result[int, ErrInfo]]:
    async for item in items:
        if isinstance(item, Err):
            return  # error
        yield Ok(item.value * 2)
"""),
        Bad("""\
from collections.abc import AsyncIterator

from funcpipe_streams import Err, ErrInfo, Ok, Result


async def doubled(items) -> AsyncIterator[Result[int, ErrInfo]]:
    async for item in items:
        match item:
            case Ok(value):
                yield Ok(value * 2)
            case Err():
                pass  # error
"""),
    )
    good = (
        Good("""\
from collections.abc import AsyncIterator

from funcpipe_streams import Err, ErrInfo, Ok, Result


async def doubled(items) -> AsyncIterator[Result[int, ErrInfo]]:
    async for item in items:
        if isinstance(item, Err):
            yield item
            continue
        yield Ok(item.value * 2)
"""),
        Good("""\
from collections.abc import AsyncIterator

from funcpipe_streams import Err, ErrInfo, Result


async def until_error(items) -> AsyncIterator[Result[int, ErrInfo]]:
    async for item in items:
        yield item
        if isinstance(item, Err):
            return
"""),
    )

    def check(self, node: cst.For, ctx: Context) -> Iterator[Finding]:
        function = ctx.tree.owner(node)
        if not isinstance(node.target, cst.Name) or not ctx.streams.yields_results(function):
            return
        if is_named(ctx.tree, node, (*BREAKERS, *ctx.settings.breakers)) or not ctx.flow.is_live(
            node
        ):
            return
        item = node.target.value
        left = False
        for leaving in ctx.flow.early_exits(node):
            is_asked = is_asked_to_stop(ctx.tree, leaving)
            if not is_asked and ctx.results.side_at(item, leaving) == "err":
                left = True
                yield Finding(leaving, _left(leaving, item), cause=leaving)
        if not left and not is_named(ctx.tree, node, SELECTORS):
            yield from _dropped(ctx, node, item)


def _left(leaving: cst.CSTNode, item: str) -> str:
    word = {cst.Break: "break", cst.Return: "return", cst.Raise: "raise"}[type(leaving)]
    return (
        f"'{word}' ends the stream at an Err in '{item}', and the items after it are lost: "
        "yield the Err and go on. A stream that is to end there says so in its name "
        "(until_..., take_while_...)"
    )


def _dropped(ctx: Context, loop: cst.For, item: str) -> Iterator[Finding]:
    """Branches that are taken for an Err alone and do nothing with it, where every yield of the
    loop is for the ok side."""
    yields = ctx.flow.live_yields_in(loop.body)
    if not yields or any(ctx.results.side_at(item, place) != "ok" for place in yields):
        return
    for block in ctx.tree.own(ctx.tree.owner(loop), cst.IndentedBlock, cst.SimpleStatementSuite):
        if not ctx.tree.is_inside(block, loop.body) or block is loop.body or not block.body:
            continue
        last = last_statement(block.body[-1])
        if not isinstance(last, cst.Continue | cst.Pass) or not _is_idle(block):
            continue
        if ctx.results.side_at(item, last) == "err":
            message = (
                f"an Err in '{item}' is dropped here, and its error with it: yield it, in its place"
            )
            yield Finding(last, message, cause=last)


def _is_count(part: cst.CSTNode) -> bool:
    """Whether a statement only counts: `failed += 1`."""
    is_added = isinstance(part, cst.AugAssign) and isinstance(part.operator, cst.AddAssign)
    return is_added and isinstance(getattr(part, "value", None), cst.Integer)


def _is_idle(block: cst.BaseSuite) -> bool:
    """Whether a block at most logs and counts before it goes on."""
    for line in block.body:
        parts = line.body if isinstance(line, cst.SimpleStatementLine) else (line,)
        for part in parts:
            if isinstance(part, cst.Continue | cst.Pass) or _is_count(part):
                continue
            if (
                not isinstance(part, cst.Expr)
                or not isinstance(part.value, cst.Call)
                or not is_log(part.value)
            ):
                return False
    return True
