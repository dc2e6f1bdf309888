"""FP102: a list of a whole stream, only to go through it again."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from funcpipe_lint.closing import wrapped_loop
from funcpipe_lint.flow import last_statement
from funcpipe_lint.model import Edit, Fix, Scope
from funcpipe_lint.rule import Bad, Context, Finding, Good, Rule
from funcpipe_lint.screen import Screen, Shape
from funcpipe_lint.streams import StreamCall
from funcpipe_lint.tree import descendants


class FP102(Rule):
    """A list of a whole stream, only to go through it again.

    ## What it does
    Finds a list that is made of a whole stream only to be gone through: `for x in [y async for y
    in s]`, and, under the strict profile, a list filled by one loop and read by the next.

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
    is handed on. Such a loop needs a suppression with its reason.
    """

    code = "FP102"
    name = "materialised-then-replayed"
    summary = "a whole stream is kept in a list, only to be gone through"
    scope = Scope.DEFAULT
    strict_elsewhere = True
    fix = "safe"
    visits = (cst.For,)
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

    def check(self, node: cst.For, ctx: Context) -> Iterator[Finding]:
        if not ctx.flow.is_live(node):
            return
        if node.asynchronous is None and isinstance(node.iter, cst.ListComp):
            if node.iter.for_in.asynchronous is not None and not _is_reused(ctx, node):
                message = _message(ctx, node.iter.for_in.iter)
                yield Finding(node, message, cause=node.iter, fix=_fix(ctx, node))
        elif node.asynchronous is not None and "FP102" in ctx.settings.everywhere:
            later = _replay(ctx, node)
            if later is not None:
                notes = ((later, "gone through here"),)
                yield Finding(node, _message(ctx, node.iter), notes=notes)


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


def _replay(ctx: Context, loop: cst.For) -> cst.For | None:
    """The loop right below that goes through the list that this one fills, and that nothing else
    uses."""
    name = _filled(loop)
    siblings = ctx.tree.siblings(loop)
    at = siblings.index(loop) if loop in siblings else len(siblings)
    if name is None or loop.orelse is not None or at + 1 >= len(siblings):
        return None
    later = siblings[at + 1]
    if not isinstance(later, cst.For) or later.asynchronous is not None:
        return None
    if not isinstance(later.iter, cst.Name) or later.iter.value != name:
        return None
    if not ctx.flow.live_yields_in(later.body):
        return None
    binding = ctx.names.only(name, loop)
    if binding is None or not _is_empty_list(binding.value):
        return None
    uses = [each for each in ctx.tree.named(name) if ctx.names.only(name, each) is binding]
    return later if len(uses) == 3 else None  # bound, filled, gone through


def _filled(loop: cst.For) -> str | None:
    """The name of the list to which the loop's only work, maybe under a test, is to append."""
    block = loop.body
    while len(block.body) == 1:
        line = block.body[0]
        if isinstance(line, cst.If) and line.orelse is None:
            block = line.body
            continue
        is_single = isinstance(line, cst.SimpleStatementLine) and len(line.body) == 1
        call = last_statement(line) if is_single else None
        value = call.value if isinstance(call, cst.Expr) else None
        if not isinstance(value, cst.Call) or not isinstance(value.func, cst.Attribute):
            return None
        if value.func.attr.value != "append" or not isinstance(value.func.value, cst.Name):
            return None
        return value.func.value.value
    return None


def _is_empty_list(value: cst.BaseExpression | None) -> bool:
    return isinstance(value, cst.List) and not value.elements
