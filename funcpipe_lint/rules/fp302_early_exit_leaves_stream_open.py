"""FP302: a loop, or an `anext`, leaves a stream that owns clean-up before its end."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from funcpipe_lint.model import Scope
from funcpipe_lint.rule import Bad, Context, Finding, Good, Rule
from funcpipe_lint.rule.flow import called
from funcpipe_lint.rule.streams import OwningStream
from funcpipe_lint.rules.questions.closing import advice, holding_place, wrapped_loop
from funcpipe_lint.screen.declaration import Screen, Shape


class FP302(Rule):
    """A stream that owns clean-up is left before its end, and nobody closes it.

    ## What it does
    Reports `async for` loops over a call of a stream that owns awaited clean-up (one that yields
    inside `async with`, or before a `finally` that awaits, or passes such a stream on) where the
    body can leave early: `break`, `return`, or a `raise` that nothing inside catches; and
    `await anext(...)` of such a call. Where the stream holds a lock, loops and comprehensions count
    that await something for an item, which may fail or be cancelled. In a module of Result streams
    every call of a description counts. A name counts that is bound once to such a call and used for
    nothing else. Attributes and parameters never do: an iterator may be shared and resumed.

    ## Why is this bad
    `async for` does not close what it leaves. The stream stays suspended at its yield; connections,
    locks and files stay open until the garbage collector finds it, and the clean-up then runs
    later, in another task, or not at all.

    ## Fix safety
    Safe: the loop, its `else` included, runs unchanged inside `async with aclosing(...)`. Where the
    stream's type has no `aclose` that a type checker sees, or a subclass in another module may
    override the method, the fix uses the configured `closing` helper; without one it is offered as
    unsafe, and the finding names the annotation that hides `aclose`, with what to write there.
    There is no fix for `anext` and comprehensions, and none for projects before Python 3.10.

    ## Known problems
    A stream is followed to where it is made through imports, classes, base classes, Protocols,
    annotations, attributes and helpers of the project (`follow-imports`), as far as that is
    certain; where a name may stand for something unknown, nothing is reported. An `async with` over
    what no module of the project defines counts as holding something, though some only map errors.
    """

    code = "FP302"
    name = "early-exit-leaves-stream-open"
    summary = "a loop leaves a stream early without closing it"
    scope = Scope.DEFAULT
    fix = "safe"
    visits = (cst.For, cst.CompFor, cst.Await)
    # Of a description. Who else owns clean-up is known before: by the links of the file.
    screen = Screen((Shape.CALL_LEFT | Shape.RESULT_WORDS, Shape.CALL_PULLED | Shape.RESULT_WORDS))
    bad = (
        Bad(
            """\
async def rows(pool):
    async with pool.connect() as connection:
        async for row in connection:
            yield row


async def first_bad(pool):
    async for row in rows(pool):  # error
        if row.bad:
            return row
    else:
        print("all good")
""",
            """\
from contextlib import aclosing


async def rows(pool):
    async with pool.connect() as connection:
        async for row in connection:
            yield row


async def first_bad(pool):
    async with aclosing(rows(pool)) as items:
        async for row in items:
            if row.bad:
                return row
        else:
            print("all good")
""",
        ),
        Bad("""\
async def ticks(clock):
    try:
        while True:
            yield await clock.tick()
    finally:
        await clock.stop()


async def first_tick(clock):
    return await anext(ticks(clock))  # error
"""),
    )
    good = (
        Good("""\
from contextlib import aclosing


async def rows(pool):
    async with pool.connect() as connection:
        async for row in connection:
            yield row


async def first(pool):
    async with aclosing(rows(pool)) as items:
        async for row in items:
            return row
"""),
        Good("""\
async def rows(pool):
    async with pool.connect() as connection:
        async for row in connection:
            yield row


async def show(pool):
    async for row in rows(pool):  # runs to its end: the stream cleans up after itself
        print(row)


async def resume(shared):
    async for row in shared:  # may be resumed by its owner
        return row
"""),
    )

    def check(self, node: cst.For | cst.CompFor | cst.Await, ctx: Context) -> Iterator[Finding]:
        if isinstance(node, cst.Await):
            yield from self._pulled_once(node, ctx)
        elif isinstance(node, cst.CompFor):
            yield from self._comprehended(node, ctx)
        elif node.asynchronous is not None:
            yield from self._left(node, ctx)

    def _left(self, loop: cst.For, ctx: Context) -> Iterator[Finding]:
        source = ctx.streams.owning_stream(loop.iter)
        if source is None or not ctx.flow.is_live(loop) or ctx.flow.closed_by_hand(loop):
            return
        exits = ctx.flow.early_exits(loop)
        if not exits:
            yield from self._cut_off(loop, source, ctx)
            return
        lines = ", ".join(dict.fromkeys(str(ctx.line(one)) for one in exits))
        message = (
            f"this stream stays open: the loop can leave early (line {lines}) and "
            f"'{ctx.short_call(source.expression)}' is then closed by the garbage collector. "
            f"{advice(ctx, source)}"
        )
        notes = tuple((one, "the loop is left here") for one in exits)
        fix = wrapped_loop(ctx, loop, source)
        yield Finding(loop, message, notes=notes, fix=fix, elsewhere=holding_place(ctx, source))

    def _cut_off(self, loop: cst.For, source: OwningStream, ctx: Context) -> Iterator[Finding]:
        """A loop over a stream that holds a lock, and that waits for something else meanwhile."""
        wait = next(iter(_waits(loop, ctx)), None)
        is_lock = source.link is not None and source.link.is_lock
        if wait is None or not is_lock or ctx.flow.live_yields_in(loop.body):
            return
        shown = ctx.short_call(source.expression)
        message = (
            f"'{shown}' keeps its lock where the body of this loop fails or is cancelled at an "
            f"await (line {ctx.line(wait)}): nobody closes the stream. {advice(ctx, source)}"
        )
        notes = ((wait, "the loop can be cut off here"),)
        fix = wrapped_loop(ctx, loop, source)
        yield Finding(loop, message, notes=notes, fix=fix, elsewhere=holding_place(ctx, source))

    def _comprehended(self, clause: cst.CompFor, ctx: Context) -> Iterator[Finding]:
        """A comprehension over a stream that holds a lock, and that waits for something else."""
        source = ctx.streams.owning_stream(clause.iter)
        if source is None or source.link is None or not source.link.is_lock:
            return
        if not ctx.flow.is_live(clause) or ctx.flow.closed_by_hand(clause):
            return
        whole = next(a for a in ctx.tree.ancestors(clause) if isinstance(a, cst.BaseComp))
        message = (
            f"'{ctx.short_call(source.expression)}' keeps its lock where what this comprehension "
            f"awaits fails or is cancelled: nobody closes the stream. {advice(ctx, source)}"
        )
        yield Finding(whole, message, elsewhere=holding_place(ctx, source))

    def _pulled_once(self, node: cst.Await, ctx: Context) -> Iterator[Finding]:
        stream = _pulled(node, ctx)
        if isinstance(stream, cst.Name):  # pulled by hand more than once, it is said once
            before = ctx.tree.own(ctx.tree.owner(node), cst.Await)
            names = ((each, _pulled(each, ctx)) for each in before)
            of_it = (e for e, n in names if isinstance(n, cst.Name) and n.value == stream.value)
            if next(of_it, node) is not node:
                return
        source = ctx.streams.owning_stream(stream)
        if source is None or not ctx.flow.is_live(node) or ctx.flow.closed_by_hand(node):
            return
        shown = ctx.short_call(source.expression)
        message = (
            f"this stream stays open after its first item: '{shown}' is then closed by the garbage "
            f"collector. {advice(ctx, source)}"
        )
        yield Finding(node, message, elsewhere=holding_place(ctx, source))


def _pulled(node: cst.Await, ctx: Context) -> cst.BaseExpression | None:
    """The stream of `await anext(stream)` or `await stream.__anext__()`."""
    pull = node.expression
    if not isinstance(pull, cst.Call):
        return None
    if ctx.names.is_a(pull.func, ("builtins.anext",)) and pull.args:
        return pull.args[0].value
    if isinstance(pull.func, cst.Attribute) and called(pull) == "__anext__":
        return pull.func.value
    return None


def _waits(loop: cst.For, ctx: Context) -> Iterator[cst.Await]:
    """What the body of a loop itself awaits."""
    for node in ctx.tree.own(ctx.tree.owner(loop), cst.Await):
        if ctx.tree.is_inside(node, loop.body) and ctx.flow.is_live(node):
            yield node
