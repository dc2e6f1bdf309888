"""FP315: a streamed response is given a stream that has to be closed, and does not close it."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from funcpipe_lint.model import Scope
from funcpipe_lint.model.vocabulary import RESPONSES
from funcpipe_lint.rule import Bad, Context, Finding, Good, Rule
from funcpipe_lint.rule.flow import finally_after
from funcpipe_lint.rules.questions.managers import is_resource
from funcpipe_lint.screen.declaration import Named, Screen, Words


class FP315(Rule):
    """A streamed response is given a stream that has to be closed, and does not close it.

    ## What it does
    Reports `StreamingResponse(rows())` and `EventSourceResponse(rows())` of starlette, fastapi and
    sse-starlette, where `rows` is an async generator of the file that yields inside an `async with`
    on a resource, or in a `try` whose `finally` awaits.

    ## Why is this bad
    When the client leaves between two chunks, starlette ends its task and leaves the body
    suspended: measured with starlette 1.10 at each of five chunks. The session or connection that
    it holds goes back when the garbage collector closes the body, in another task, or not at all.

    ## Fix safety
    There is no fix. Give the response a body that it closes: the page
    [docs/endpoints.md](../endpoints.md) has a response of twenty lines that does.

    ## Known problems
    A subclass of the response that closes its body is not reported under a name of its own; the key
    `responses` of the configuration names further classes that leave theirs open.
    """

    code = "FP315"
    name = "response-leaves-stream-open"
    summary = "a streamed response does not close its body"
    scope = Scope.STRICT
    screen = Screen((Words(beside=((Named(RESPONSES, "responses"),),)),))
    visits = (cst.Call,)
    bad = (
        Bad("""\
from starlette.responses import StreamingResponse


async def rows(pool):
    async with pool.connect() as connection:
        async for row in connection.rows():
            yield row


async def export(request):
    return StreamingResponse(rows(request.app.pool))  # error
"""),
        Bad("""\
from fastapi.responses import StreamingResponse


async def export(job):
    async def body():
        try:
            async for line in job.lines():
                yield line
        finally:
            await job.stop()

    return StreamingResponse(content=body(), media_type="text/plain")  # error
"""),
    )
    good = (
        Good("""\
from starlette.responses import StreamingResponse


async def numbers():
    for number in range(10):
        yield str(number)


async def export(request):
    return StreamingResponse(numbers())
"""),
        Good("""\
from starlette.responses import StreamingResponse


async def rows(pool):
    async with pool.connect() as connection:
        found = await connection.all()
    for row in found:
        yield row


async def export(request):
    return StreamingResponse(rows(request.app.pool))
"""),
    )

    def check(self, node: cst.Call, ctx: Context) -> Iterator[Finding]:
        if not ctx.names.is_a(node.func, (*RESPONSES, *ctx.settings.responses)):
            return
        body = _body(node)
        source = ctx.streams.async_stream_call(body)
        if source is None or source.callee is None or not ctx.flow.is_live(node):
            return
        held = _held(ctx, source.callee)
        if held is None:
            return
        message = (
            f"when the client leaves, the response does not close '{ctx.short_call(source.call)}': "
            f"what it holds (line {ctx.line(held)}) is released by the garbage collector. Use a "
            "response that closes its body"
        )
        yield Finding(node, message, notes=((held, "held while the body is suspended"),))


def _body(call: cst.Call) -> cst.BaseExpression | None:
    for arg in call.args:
        if arg.keyword is None:
            return None if arg.star else arg.value
        if arg.keyword.value == "content":
            return arg.value
    return None


def _held(ctx: Context, function: cst.FunctionDef) -> cst.CSTNode | None:
    """What a generator holds while it is suspended, and awaits when it lets go of it."""
    for place in ctx.flow.live_yields(function):
        for with_, item in ctx.flow.managers(place):
            if with_.asynchronous is not None and is_resource(ctx, item.item, is_async=True):
                return item
        for above, child in ctx.tree.path(place):
            final = finally_after(above, child)
            if final is not None and ctx.flow.awaits_in(final):
                return final
    return None
