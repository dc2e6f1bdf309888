"""FP503: an async stream runs a generator that blocks the event loop."""

from __future__ import annotations

import re
from collections.abc import Iterator

import libcst as cst

from funcpipe_lint.model import Scope
from funcpipe_lint.model.vocabulary import BLOCKING, BLOCKING_METHODS
from funcpipe_lint.rule import Bad, Context, Finding, Good, Rule
from funcpipe_lint.rule.flow import called
from funcpipe_lint.screen.declaration import YIELD, Screen, Words

_WAITS = re.compile(
    "stream|iter|read|chat|complet|generat|fetch|event|line|chunk|batch|query|search|retriev|load"
)


class FP503(Rule):
    """An async stream runs a generator that blocks the event loop.

    ## What it does
    Reports an async stream method `a<name>` that loops over its own blocking twin `<name>`; and a
    stream that loops, with a plain `for`, over a plain generator of the file that waits: it calls
    `time.sleep`, `requests.get`, `subprocess.run`, `recv()` of a pipe or socket, and their like.

    ## Why is this bad
    The event loop stands still while the twin waits: every other task, timeouts included, waits
    with it.

    ## Fix safety
    There is no fix: whether the generator may run in a thread is not in the code. Where it may,
    step it there: `await asyncio.to_thread(next, items, END)`.

    ## Known problems
    A twin that computes and never waits does no harm. For blocking calls by name see ruff's
    ASYNC2xx.
    """

    code = "FP503"
    name = "blocking-in-stream"
    summary = "an async stream loops over a generator that blocks"
    scope = Scope.STRICT
    visits = (cst.For,)
    screen = Screen((Words((YIELD, ("for",))),))
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
        Bad("""\
import time


def ticks():
    while True:
        time.sleep(1)
        yield time.monotonic()


async def events():
    for tick in ticks():  # error
        yield {"tick": tick}
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
        if not isinstance(call, cst.Call) or not ctx.flow.is_live(node):
            return
        wait = _wait_in(ctx, call) if ctx.flow.live_yields_in(node.body) else None
        if wait is not None:
            message = (
                f"'{ctx.short_call(call)}' is a plain generator that waits (line "
                f"{ctx.line(wait)}: '{ctx.short_call(wait)}'): the event loop stands still until "
                "its next item. Step it in a thread, or use an async source"
            )
            yield Finding(node, message, notes=((wait, "blocks the event loop"),))
            return
        if not isinstance(call.func, cst.Attribute):
            return
        if not isinstance(call.func.value, cst.Name) or call.func.value.value != "self":
            return
        twin = call.func.attr.value
        # `again` is no twin of `gain`: an unknown method has to sound like one that waits.
        known = ctx.functions.definition(call.func)
        if not _has_twin(ctx, node, twin):
            return
        if known.asynchronous is not None if known is not None else not _WAITS.search(twin):
            return
        message = (
            f"'self.{twin}' is the blocking twin of this stream: the event loop stands still while "
            "it waits. Call the async form of what it calls, or step it in a thread"
        )
        yield Finding(node, message)


def _wait_in(ctx: Context, call: cst.Call) -> cst.Call | None:
    """What blocks in the plain generator of the file that is called."""
    function = ctx.functions.definition(call.func) or ctx.functions.of_instance(call.func)
    if not ctx.functions.is_sync_stream_function(function):
        return None
    assert function is not None
    for each in ctx.tree.own(function, cst.Call):
        is_method = isinstance(each.func, cst.Attribute) and called(each) in BLOCKING_METHODS
        if (is_method or ctx.names.is_a(each.func, BLOCKING)) and ctx.flow.is_live(each):
            return each
    return None


def _has_twin(ctx: Context, node: cst.For, twin: str) -> bool:
    """Whether a function around the loop is named as `twin`, with the `a` of async before it."""
    return any(
        isinstance(function, cst.FunctionDef)
        and function.name.value.lstrip("_") == "a" + twin.lstrip("_")
        for function in ctx.tree.functions(node)
    )
