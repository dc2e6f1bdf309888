"""FP405: a stream has to be awaited before it can be iterated."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from funcpipe_lint.model import Scope
from funcpipe_lint.model.vocabulary import STREAM_TYPES
from funcpipe_lint.rule import Bad, Context, Finding, Good, Rule
from funcpipe_lint.rule.flow import last_statement
from funcpipe_lint.screen.declaration import TYPED, Screen, Words


class FP405(Rule):
    """A stream has to be awaited before it can be iterated.

    ## What it does
    Finds an `async def` that returns an async iterator instead of being one.

    ## Why is this bad
    The stream has to be awaited before it can be iterated, and what happens in that time, the
    connection, the first request, happens before anybody drives it and is released by nobody when
    it is not driven at all.

    ## Fix safety
    There is no fix: the callers' `await` has to go as well.

    ## Known problems
    Opening in one step and reading in the next is common and often right; the rule is for code
    that has decided against it.
    """

    code = "FP405"
    name = "awaited-builder"
    summary = "an 'async def' returns a stream instead of being one"
    scope = Scope.STRICT
    strict_elsewhere = True
    visits = (cst.FunctionDef,)
    screen = Screen((Words((TYPED, ("return",))),), STREAM_TYPES, by_type=True)
    bad = (
        Bad("""\
from collections.abc import AsyncIterator


async def events(connect) -> AsyncIterator[bytes]:  # error
    connection = await connect()
    return connection.events()
"""),
        Bad("""\
from collections.abc import AsyncGenerator


async def rows():
    yield 1


async def opened() -> AsyncGenerator[int, None]:  # error
    return rows()
"""),
    )
    good = (
        Good("""\
from collections.abc import AsyncIterator


async def events(connect) -> AsyncIterator[bytes]:
    connection = await connect()
    async for event in connection.events():
        yield event
"""),
        Good("""\
from collections.abc import AsyncIterator


def events(connection) -> AsyncIterator[bytes]:
    return connection.events()
"""),
    )

    def check(self, node: cst.FunctionDef, ctx: Context) -> Iterator[Finding]:
        if node.asynchronous is None or ctx.functions.is_generator(node):
            return
        returned = ctx.annotations.returned(node)
        if returned is None or returned.is_description or returned.colour != "async":
            return
        if ctx.functions.is_stub(node) or not ctx.functions.is_plainly_called(node):
            return
        if ctx.functions.has_decorator(node, "override"):
            return  # what the base has decided
        if not _has_body(ctx, node):
            return
        message = (
            f"'{node.name.value}' has to be awaited before its stream can be iterated, and what it "
            "opens until then nobody closes: make it an async generator"
        )
        yield Finding(node.name, message)


def _has_body(ctx: Context, function: cst.FunctionDef) -> bool:
    """Whether a function returns anything: stubs and abstract methods do not."""
    returned = [r for r in ctx.tree.own(function, cst.Return) if r.value is not None]
    return any(ctx.flow.is_live(each) for each in returned) and not isinstance(
        last_statement(function.body), cst.Raise
    )
