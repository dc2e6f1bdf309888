"""FP503: an async stream runs its blocking twin."""

from __future__ import annotations

import re
from collections.abc import Iterator

import libcst as cst

from funcpipe_lint.model import Scope
from funcpipe_lint.rule import Bad, Context, Finding, Good, Rule
from funcpipe_lint.screen.declaration import Screen, Shape

_WAITS = re.compile(
    "stream|iter|read|chat|complet|generat|fetch|event|line|chunk|batch|query|search|retriev|load"
)


class FP503(Rule):
    """An async stream runs its blocking twin.

    ## What it does
    Finds an async stream method `a<name>` that loops over its own blocking twin `<name>`.

    ## Why is this bad
    The event loop stands still while the twin waits: every other task, timeouts included, waits
    with it.

    ## Fix safety
    There is no fix: whether the twin may run in a thread is not in the code.

    ## Known problems
    A twin that computes and never waits does no harm. For blocking calls by name see ruff's
    ASYNC2xx.
    """

    code = "FP503"
    name = "blocking-in-stream"
    summary = "an async stream loops over its blocking twin"
    scope = Scope.STRICT
    visits = (cst.For,)
    screen = Screen((Shape.TWIN_LOOP,))
    bad = (
        Bad("""\
class Model:
    def stream(self, text):
        yield text

    async def astream(self, text):
        for part in self.stream(text):  # error
            yield part
"""),
        Bad("""\
class Reader:
    def lines(self):
        yield "line"

    async def alines(self):
        for line in self.lines():  # error
            yield line
"""),
    )
    good = (
        Good("""\
import asyncio


class Model:
    def stream(self, text):
        yield text

    async def astream(self, text):
        parts = iter(self.stream(text))
        while (part := await asyncio.to_thread(next, parts, None)) is not None:
            yield part
"""),
        Good("""\
class Model:
    async def astream(self, text):
        for word in text.split():
            yield word
"""),
    )

    def check(self, node: cst.For, ctx: Context) -> Iterator[Finding]:
        function = ctx.tree.owner(node)
        if node.asynchronous is not None or not ctx.functions.is_stream_function(function):
            return
        call = node.iter
        if not isinstance(call, cst.Call) or not isinstance(call.func, cst.Attribute):
            return
        if not isinstance(call.func.value, cst.Name) or call.func.value.value != "self":
            return
        twin = call.func.attr.value
        # `again` is no twin of `gain`: an unknown method has to sound like one that waits.
        known = ctx.functions.definition(call.func)
        if not _has_twin(ctx, node, twin) or not ctx.flow.is_live(node):
            return
        if known.asynchronous is not None if known is not None else not _WAITS.search(twin):
            return
        message = (
            f"'self.{twin}' is the blocking twin of this stream: the event loop stands still while "
            "it waits. Call the async form of what it calls, or step it in a thread"
        )
        yield Finding(node, message)


def _has_twin(ctx: Context, node: cst.For, twin: str) -> bool:
    """Whether a function around the loop is named as `twin`, with the `a` of async before it."""
    return any(
        isinstance(function, cst.FunctionDef)
        and function.name.value.lstrip("_") == "a" + twin.lstrip("_")
        for function in ctx.tree.functions(node)
    )
