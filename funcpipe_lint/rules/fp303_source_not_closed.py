"""FP303: a stream function iterates a stream that owns clean-up, and does not close it."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from funcpipe_lint.model import Scope
from funcpipe_lint.rule import Bad, Context, Finding, Good, Rule
from funcpipe_lint.rules.questions.closing import advice, delegated, holding_place, wrapped_loop
from funcpipe_lint.screen.declaration import Screen, Shape


class FP303(Rule):
    """A stream function iterates another stream and yields from the loop, without closing it.

    ## What it does
    Reports `async for` loops in an async generator that yield from their body and iterate a call of
    a stream that owns awaited clean-up: one that yields inside `async with`, or before a `finally`
    that awaits, or that passes such a stream on. In a module of Result streams every call of a
    description counts, for a description may stand for anything.

    ## Why is this bad
    Closing the outer generator does not close the inner one. When the consumer stops early, the
    inner stream stays suspended at its yield; connections, locks and files stay open until the
    garbage collector finds it, and the clean-up then runs in another task, in the wrong order, or,
    at the end of the program, not at all.

    ## Fix safety
    Safe: the loop runs unchanged inside `async with aclosing(...)`. Where the stream's type has no
    `aclose` that a type checker sees, or a subclass in another module may override the method with
    one that returns another iterator, the fix uses the configured `closing` helper; without one it
    is offered as unsafe, and the finding names the annotation that hides `aclose`, with what to
    write there. A method annotated `AsyncGenerator`, or final, is fixed safely. There is
    no fix where `target-version`, or else the project's `requires-python`, admits a Python without
    `aclosing` (before 3.10). Where it is 3.16 or later, a loop that only yields its items becomes
    `yield from` (PEP 828), which closes what it delegates to. That is offered as unsafe: it also
    hands on what is sent or thrown into the generator, which the loop did not, and a stream may
    catch that.

    ## Known problems
    A stream is followed to where it is made through imports, classes, base classes, Protocols,
    annotations, attributes and helpers of the project (`follow-imports`), as far as that is
    certain; where a name may stand for something unknown, nothing is reported. An `async with` over
    what no module of the project defines counts as holding something, though some only map errors.
    """

    code = "FP303"
    name = "source-not-closed"
    summary = "a stream function leaves the stream that it iterates open"
    scope = Scope.DEFAULT
    fix = "safe"
    visits = (cst.For,)
    # Of a description. Who else owns clean-up is known before: by the links of the file.
    screen = Screen((Shape.CALL_YIELD | Shape.RESULT_WORDS,))
    yields_to = ("FP302",)
    bad = (
        Bad(
            """\
async def rows(pool):
    async with pool.connect() as connection:
        async for row in connection:
            yield row


async def names(pool):
    async for row in rows(pool):  # error
        yield row.name
""",
            """\
from contextlib import aclosing


async def rows(pool):
    async with pool.connect() as connection:
        async for row in connection:
            yield row


async def names(pool):
    async with aclosing(rows(pool)) as items:
        async for row in items:
            yield row.name
""",
        ),
        Bad(
            """\
from funcpipe_streams import AsyncGen


def shout(words: AsyncGen[str]) -> AsyncGen[str]:
    async def stream():
        async for word in words():  # error
            yield word.map(str.upper)

    return stream
""",
            """\
from funcpipe_streams import AsyncGen, closing_stream


def shout(words: AsyncGen[str]) -> AsyncGen[str]:
    async def stream():
        async with closing_stream(words()) as items:
            async for word in items:
                yield word.map(str.upper)

    return stream
""",
        ),
    )
    good = (
        Good("""\
from contextlib import aclosing


async def rows(pool):
    async with pool.connect() as connection:
        async for row in connection:
            yield row


async def names(pool):
    async with aclosing(rows(pool)) as items:
        async for row in items:
            yield row.name
"""),
        Good("""\
async def numbers():
    yield 1


async def doubled():
    async for number in numbers():  # owns nothing: there is nothing to release late
        yield number * 2
"""),
    )

    def check(self, node: cst.For, ctx: Context) -> Iterator[Finding]:
        if node.asynchronous is None:
            return
        function = ctx.tree.function(node)
        if not ctx.functions.is_stream_function(function) or not ctx.flow.is_live(node):
            return
        source = ctx.streams.owning_stream(node.iter)
        if source is None or ctx.flow.closed_by_hand(node):
            return
        yields = ctx.flow.live_yields_in(node.body)
        if not yields:
            return
        shown = ctx.short_call(source.expression)
        delegation = delegated(ctx, node, source)
        remedy = f"Delegate to it: yield from {shown}" if delegation else advice(ctx, source)
        message = (
            f"'{shown}' stays open when this generator is closed at a yield "
            f"(line {ctx.line(yields[0])}): its clean-up is left to the garbage collector. "
            f"{remedy}"
        )
        yield Finding(
            node,
            message,
            notes=((yields[0], "the generator can be closed here"),),
            fix=delegation or wrapped_loop(ctx, node, source),
            elsewhere=holding_place(ctx, source),
        )
