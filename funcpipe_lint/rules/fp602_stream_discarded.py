"""FP602: a stream is made and never run."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from funcpipe_lint.model import Scope
from funcpipe_lint.rule import Bad, Context, Finding, Good, Rule
from funcpipe_lint.rule.flow import called, last_statement
from funcpipe_lint.rule.streams import StreamCall
from funcpipe_lint.screen.declaration import Screen, Shape

# The call is expected to be refused: making it is the point.
_EXPECTS_AN_ERROR = {"raises", "warns", "assertRaises", "assertRaisesRegex", "assertWarns"}


class FP602(Rule):
    """A stream is made and never run.

    ## What it does
    Finds a statement that makes a stream or a description of one and does nothing with it.

    ## Why is this bad
    An async generator does not run before it is iterated, and a description not before it is
    called: the statement has no effect at all, and nothing says so.

    ## Fix safety
    There is no fix: what was meant to happen with the items is not in the code.

    ## Known problems
    Only functions and methods of the same file are known.
    """

    code = "FP602"
    name = "stream-discarded"
    summary = "a statement makes a stream and does nothing with it"
    scope = Scope.DEFAULT
    visits = (cst.Expr,)
    screen = Screen((Shape.DISCARDED_CALL,), by_type=True)
    bad = (
        Bad("""\
async def rows(path):
    yield path


async def load(path):
    rows(path)  # error
"""),
        Bad("""\
from funcpipe_streams import AsyncGen


def start(rows: AsyncGen[str]):
    rows()  # error
"""),
    )
    good = (
        Good("""\
async def rows(path):
    yield path


async def load(path):
    async for row in rows(path):
        print(row)
"""),
        Good("""\
from contextlib import asynccontextmanager


@asynccontextmanager
async def opened(path):
    yield path


def start(path):
    return opened(path)
"""),
    )

    def check(self, node: cst.Expr, ctx: Context) -> Iterator[Finding]:
        call = node.value
        if not isinstance(call, cst.Call) or not ctx.flow.is_live(node) or _is_refused(node, ctx):
            return
        found = ctx.streams.stream_call(call)
        if found is not None and not _only_makes(found, ctx):
            return
        if found is not None and (found.colour == "async" or ctx.streams.is_result_module):
            what = "a stream is made here and not iterated"
            loop = "async for" if found.colour == "async" else "for"
            repair = f"Iterate it ({loop} ... in {ctx.text(call)}:), or remove the statement"
        elif (kind := ctx.streams.description(call)) is not None and (
            kind.colour == "async" or ctx.streams.is_result_module
        ):
            what = "the description of a stream is made here and not run"
            repair = "Keep it, or call and iterate it, or remove the statement"
        else:
            return
        yield Finding(node, f"{what}: nothing happens. {repair}")


def _only_makes(call: StreamCall, ctx: Context) -> bool:
    """Whether the call does nothing but make a stream: the body of a plain function, or of one that
    is passed in, runs when it is called."""
    if call.source != "annotated":
        return True
    if call.callee is None:
        return False
    body = [
        statement
        for statement in call.callee.body.body
        if not isinstance(statement, cst.SimpleStatementLine)
        or not all(_is_text(small) for small in statement.body)
    ]
    return len(body) == 1 and isinstance(last_statement(body[0]), cst.Return)


def _is_text(statement: cst.BaseSmallStatement) -> bool:
    return isinstance(statement, cst.Expr) and isinstance(
        statement.value, cst.SimpleString | cst.ConcatenatedString
    )


def _is_refused(node: cst.Expr, ctx: Context) -> bool:
    """Whether a test expects the statement to raise."""
    for above, _ in ctx.tree.path(node):
        items = above.items if isinstance(above, cst.With) else ()
        if any(called(item.item) in _EXPECTS_AN_ERROR for item in items):
            return True
    return False
