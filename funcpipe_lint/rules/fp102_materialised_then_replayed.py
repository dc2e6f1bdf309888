"""FP102: a list of a whole stream, only to go through it again."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from funcpipe_lint.model import Edit, Fix, Scope
from funcpipe_lint.rule import Bad, Context, Finding, Good, Rule
from funcpipe_lint.rule.streams import StreamCall
from funcpipe_lint.rule.tree import descendants
from funcpipe_lint.rules.questions.closing import wrapped_loop
from funcpipe_lint.rules.questions.replaying import Replay, flowing, replay_of
from funcpipe_lint.screen.declaration import Screen, Shape


class FP102(Rule):
    """A list of a whole stream, only to go through it again.

    ## What it does
    Reports a list that is made of a whole stream only to be iterated: `for x in [y async for y in
    s]`. Under the strict and invariants profiles, or selected by its code, also a list that has a
    name, made by a comprehension or filled by a loop, which a loop below it in the same block reads
    and nothing else does.

    ## Why is this bad
    The first item is delayed until the last one has come, and all of them are in memory at once,
    for nothing that the second loop needs.

    ## Fix safety
    Offered where the comprehension changes nothing: the loop becomes an `async for` over the
    stream, inside `async with aclosing(...)` where the stream is a call of a generator. Safe for
    generators of the file that hold nothing. Unsafe for other streams: the list had run them to
    their end before the loop began, and the loop may leave them open when its body fails. Unsafe
    too where the loop is left early, for the rest is then not run, or uses what the stream is read
    from, which it may change.

    ## Known problems
    Some code keeps the whole stream deliberately, so that a failure comes before the first item
    is handed on. Such a loop needs a suppression with its reason. A list that is made inside a
    `with` or `try` and iterated outside it is not reported: it may be made for that.
    """

    code = "FP102"
    name = "materialised-then-replayed"
    summary = "a whole stream is kept in a list, only to be gone through"
    scope = Scope.DEFAULT
    strict_elsewhere = True
    fix = "safe"
    visits = (cst.For, cst.ListComp)
    screen = Screen((Shape.REPLAY,), elsewhere=(Shape.REPLAY_LOOP,))
    bad = (
        Bad(
            """\
async def numbers():
    for number in range(10):
        yield number


async def shown():
    for number in [number async for number in numbers()]:  # error
        print(number)
""",
            """\
from contextlib import aclosing


async def numbers():
    for number in range(10):
        yield number


async def shown():
    async with aclosing(numbers()) as items:
        async for number in items:
            print(number)
""",
        ),
        Bad("""\
async def totals(source):
    for amount in [row.amount async for row in source if row.paid]:  # error
        print(amount)
"""),
    )
    good = (
        Good("""\
async def shown(rows):
    async for row in rows:
        print(row)
"""),
        Good("""\
async def in_order(source):
    rows = [row async for row in source]
    for row in sorted(rows):  # sorting has to see them all
        yield row
"""),
    )

    def check(self, node: cst.For | cst.ListComp, ctx: Context) -> Iterator[Finding]:
        if not ctx.flow.is_live(node):
            return
        if isinstance(node, cst.For) and isinstance(node.iter, cst.ListComp):
            is_made_here = node.asynchronous is None and node.iter.for_in.asynchronous is not None
            if is_made_here and not _is_reused(ctx, node):
                message = _message(ctx, node.iter.for_in.iter)
                yield Finding(node, message, cause=node.iter, fix=_fix(ctx, node))
        elif "FP102" in ctx.settings.everywhere:
            found = replay_of(node, ctx)
            if found is not None and _is_meant(ctx, node, found):
                notes = ((found.loop, "gone through here"),)
                yield Finding(
                    node, _message(ctx, found.source), notes=notes, fix=flowing(found, ctx)
                )


def _is_meant(ctx: Context, node: cst.For | cst.ListComp, found: Replay) -> bool:
    """A loop that fills a list may do more than a comprehension: what goes through it has to
    yield."""
    return isinstance(node, cst.ListComp) or bool(ctx.flow.live_yields_in(found.loop.body))


def _message(ctx: Context, source: cst.BaseExpression) -> str:
    return (
        f"the first item is delayed until '{ctx.text(source)}' has ended, and all its items are "
        "held at once: go through the stream itself"
    )


def _is_reused(ctx: Context, loop: cst.For) -> bool:
    """Whether the loop's own variable is what the comprehension iterates."""
    assert isinstance(loop.iter, cst.ListComp)
    return loop.iter.for_in.inner_for_in is not None


def _fix(ctx: Context, loop: cst.For) -> Fix | None:
    """`for x in [y async for y in s]` becomes `async for x in s`, which closes what it opens."""
    made = loop.iter
    assert isinstance(made, cst.ListComp)
    clause = made.for_in
    if clause.ifs or not clause.target.deep_equals(made.elt) or not ctx.tree.is_faithful:
        return None
    if ctx.edits.drops_comment(made, clause.iter):
        return None
    start, _ = ctx.tree.span(loop)
    async_ = Edit(start, start, "async ")
    title = "iterate the stream itself"
    source = ctx.streams.async_stream_call(clause.iter)
    if source is not None:
        wrapped = wrapped_loop(ctx, loop, source, async_, title=title)
        if wrapped is not None:
            return wrapped._replace(safe=wrapped.safe and _changes_nothing(ctx, loop, source))
    edits = (async_, ctx.edits.replace(made, ctx.edits.whole(clause.iter)))
    return Fix(edits, False, title)


def _changes_nothing(ctx: Context, loop: cst.For, source: StreamCall) -> bool:
    """Whether it is all the same if the stream is open while the loop's body runs: the callee holds
    nothing, no exit leaves the rest of it unrun, and the body uses nothing that it is read from."""
    if source.callee is None or ctx.flow.early_exits(loop):
        return False
    held = ctx.tree.own(source.callee, cst.With, cst.Try, cst.TryStar, cst.For)
    if any(not isinstance(each, cst.For) or each.asynchronous is not None for each in held):
        return False
    return not _may_change(ctx, loop, source.call)


def _may_change(ctx: Context, loop: cst.For, source: cst.BaseExpression) -> bool:
    """Whether the loop uses what its stream is read from: `async for key in db.keys()` that
    deletes from `db` may need all keys first."""
    read = {node.value for node in descendants(source) if isinstance(node, cst.Name)}
    return any(isinstance(n, cst.Name) and n.value in read for n in descendants(loop.body))
