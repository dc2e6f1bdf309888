"""FP204: one side of a Result is forgotten."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator

import libcst as cst

from funcpipe_lint.model import Scope
from funcpipe_lint.rule import Bad, Context, Finding, Good, Rule
from funcpipe_lint.rule.flow import last_statement
from funcpipe_lint.rules.questions.naming import SELECTORS, is_named
from funcpipe_lint.screen.declaration import Screen, Shape


class FP204(Rule):
    """One side of a Result is forgotten.

    ## What it does
    Finds a `match` that names `Ok` or `Err` and forgets the other, an `Err` arm that holds only
    under a guard, a `case _: pass` over a Result, and a test for `Ok` that alone decides whether
    an item is yielded.

    ## Why is this bad
    The forgotten side falls through without a word. In a stream that is an item, and mostly an
    error, that nobody sees again.

    ## Fix safety
    There is no fix: what happens to the other side is the author's to say.

    ## Known problems
    Functions that select by name (`tap_*`, `filter_*`, `partition*`) are left alone.
    """

    code = "FP204"
    name = "dropped-arm"
    summary = "one side of a Result falls through"
    scope = Scope.RESULT
    visits = (cst.Match, cst.If)
    screen = Screen((Shape.RESULT_WORDS,))
    bad = (
        Bad("""\
from collections.abc import AsyncIterator

from funcpipe_streams import Err, ErrInfo, Ok, Result


async def doubled(items) -> AsyncIterator[Result[int, ErrInfo]]:
    async for item in items:
        match item:  # error
            case Ok(value):
                yield Ok(value * 2)
"""),
        Bad("""\
from collections.abc import AsyncIterator

from funcpipe_streams import ErrInfo, Ok, Result


async def doubled(items) -> AsyncIterator[Result[int, ErrInfo]]:
    async for item in items:
        if isinstance(item, Ok):  # error
            yield Ok(item.value * 2)
"""),
    )
    good = (
        Good("""\
from collections.abc import AsyncIterator

from funcpipe_streams import Err, ErrInfo, Ok, Result


async def doubled(items) -> AsyncIterator[Result[int, ErrInfo]]:
    async for item in items:
        match item:
            case Ok(value):
                yield Ok(value * 2)
            case Err():
                yield item
"""),
        Good("""\
from collections.abc import AsyncIterator

from funcpipe_streams import ErrInfo, Ok, Result


async def tap_values(items, see) -> AsyncIterator[Result[int, ErrInfo]]:
    async for item in items:
        if isinstance(item, Ok):
            see(item.value)
        yield item
"""),
    )

    def check(self, node: cst.Match | cst.If, ctx: Context) -> Iterator[Finding]:
        function = ctx.tree.owner(node)
        if not isinstance(function, cst.FunctionDef) or is_named(ctx.tree, node, SELECTORS):
            return
        if not ctx.flow.is_live(node):
            return
        if isinstance(node, cst.Match):
            yield from _match(ctx, node, function)
        elif ctx.streams.yields_results(function):
            yield from _test(ctx, node)


def _match(ctx: Context, node: cst.Match, function: cst.FunctionDef) -> Iterator[Finding]:
    returned = function.returns.annotation if function.returns is not None else None
    is_fold = ctx.annotations.is_result(returned, function)
    if not is_fold and not ctx.streams.yields_results(function):
        return
    handled: set[str] = set()
    guarded: set[str] = set()
    for case in node.cases:
        sides = _sides(ctx, case.pattern)
        if sides is None:
            if _is_irrefutable(case) and _only_passes(case.body) and handled:
                continue
            return  # another class, or an arm that takes the rest
        (guarded if case.guard is not None else handled).update(sides)
    missing = [side for side in ("ok", "err") if side not in handled]
    if len(missing) != 1 or not (handled | guarded) or _is_used_after(ctx, node):
        return
    (side,) = missing
    word = side.capitalize()
    what = f"the {word} arm holds only under its guard" if side in guarded else f"{word} has no arm"
    yield Finding(
        node,
        f"{what}: such an item falls through this match and is lost. Add 'case {word}(...)', and "
        "pass the item on there",
        cause=node,
    )


def _sides(ctx: Context, pattern: cst.MatchPattern) -> set[str] | None:
    """The sides of a Result that a pattern takes; None for a pattern that is not about one."""
    if isinstance(pattern, cst.MatchOr):
        found: set[str] = set()
        for element in pattern.patterns:
            sides = _sides(ctx, element.pattern)
            if sides is None:
                return None
            found |= sides
        return found
    side = ctx.results.pattern_side(pattern)
    return None if side is None else {side}


def _is_irrefutable(case: cst.MatchCase) -> bool:
    pattern = case.pattern
    return isinstance(pattern, cst.MatchAs) and pattern.pattern is None and case.guard is None


def _only_passes(block: cst.BaseSuite) -> bool:
    return len(block.body) == 1 and isinstance(last_statement(block.body[0]), cst.Pass)


def _is_used_after(ctx: Context, node: cst.Match) -> bool:
    """Whether the other side is still taken care of: the subject is read again, or every arm
    leaves and something follows."""
    if isinstance(node.subject, cst.Name):
        owner = ctx.tree.owner(node)
        whole = owner if isinstance(owner, cst.Module) else owner.body
        uses = ctx.tree.named_in(node.subject.value, whole)
        behind = bisect_left(uses, ctx.tree.extent(node)[1], key=ctx.tree.place_in_order)
        if any(ctx.tree.owner(use) is owner for use in uses[behind:]):
            return True
    if not all(ctx.flow.always_leaves(case.body) for case in node.cases):
        return False
    siblings = ctx.tree.siblings(node)
    return siblings[-1] is not node


def _test(ctx: Context, node: cst.If) -> Iterator[Finding]:
    """`if isinstance(x, Ok): ... yield` in a loop over x, with nothing for the other side."""
    if node.orelse is not None:
        return
    loop = next((a for a, _ in ctx.tree.path(node) if isinstance(a, cst.For | cst.While)), None)
    if not isinstance(loop, cst.For) or not isinstance(loop.target, cst.Name):
        return
    item = loop.target.value
    if ctx.results.test_side(node.test, item) != "ok" or isinstance(
        node.test, cst.BooleanOperation
    ):
        return
    if not ctx.flow.live_yields_in(node.body):
        return
    for name in ctx.tree.named_in(item, loop.body):
        if ctx.tree.owner(name) is ctx.tree.owner(node) and not ctx.tree.is_inside(name, node):
            return
    yield Finding(
        node,
        f"only an Ok in '{item}' is yielded here: an Err falls through the test and is lost. Add "
        "'else: yield' for it",
        cause=node,
    )
