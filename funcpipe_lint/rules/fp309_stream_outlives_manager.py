"""FP309: a stream of a resource is returned out of the `async with` that closes the resource."""

from __future__ import annotations

import re
from collections.abc import Iterator

import libcst as cst

from funcpipe_lint.model import Scope
from funcpipe_lint.rule import Bad, Context, Finding, Good, Rule
from funcpipe_lint.rule.flow import called
from funcpipe_lint.rule.tree import descendants
from funcpipe_lint.rules.questions.managers import is_resource
from funcpipe_lint.screen.declaration import Screen, Shape

# Methods that give a stream: `aiter_bytes`, `iter_lines`, `stream`, `__aiter__`.
_STREAMING = re.compile(r"a?iter(_\w+)?|stream(_\w+)?|__aiter__|iter_\w+")


class FP309(Rule):
    """A stream of a resource is returned out of the `async with` that closes the resource.

    ## What it does
    Reports `return` inside `async with ... as name` in a coroutine, whose value is a stream that is
    read from that name: a call such as `name.aiter_bytes()`, or of an async generator of the file
    that is given the name. The call may be an argument of another one, as in
    `StreamingResponse(name.aiter_raw())`. What is awaited, or collected first, is left alone.

    ## Why is this bad
    `return` leaves the `async with`, which closes the resource before anybody has pulled an item.
    The consumer then reads from a closed connection: an error at the first item, or an empty
    stream.

    ## Fix safety
    There is no fix. Open the resource inside the stream: make an async generator that enters the
    `async with` and yields from it, and return a run of that; or hand out a context manager.

    ## Known problems
    Methods that give a stream are known by their names: `aiter...`, `iter_...`, `stream...`.
    """

    code = "FP309"
    name = "stream-outlives-manager"
    summary = "a stream is returned out of the manager that closes its resource"
    scope = Scope.STRICT
    screen = Screen((Shape.RETURNED_OUT,))
    visits = (cst.Return,)
    bad = (
        Bad("""\
import httpx
from starlette.responses import StreamingResponse


async def download(url):
    async with httpx.AsyncClient() as client:
        async with client.stream("GET", url) as upstream:
            return StreamingResponse(upstream.aiter_raw())  # error
"""),
        Bad("""\
async def rows(connection):
    async for row in connection.execute("select 1"):
        yield row


async def opened(pool):
    async with pool.connect() as connection:
        return rows(connection)  # error
"""),
    )
    good = (
        Good("""\
import httpx
from starlette.responses import StreamingResponse


async def download(url):
    async def content():
        async with httpx.AsyncClient() as client:
            async with client.stream("GET", url) as upstream:
                async for part in upstream.aiter_raw():
                    yield part

    return StreamingResponse(content())
"""),
        Good("""\
async def opened(pool):
    async with pool.connect() as connection:
        return [row async for row in connection.iter_rows()]
"""),
    )

    def check(self, node: cst.Return, ctx: Context) -> Iterator[Finding]:
        function = ctx.tree.function(node)
        if not isinstance(function, cst.FunctionDef) or ctx.functions.is_generator(function):
            return
        if node.value is None or not ctx.flow.is_live(node):
            return
        opened = _opened(ctx, node)
        for call, name in _streams_in(ctx, node.value):
            if name in opened:
                manager = opened[name]
                message = (
                    f"'{ctx.short_call(call)}' reads from '{name}', which this return closes "
                    f"(line {ctx.line(manager)}): the stream is used after that. Open it inside "
                    "the stream: return a run of an async generator that holds the async with"
                )
                yield Finding(node, message, notes=((manager, "closed by the return"),))
                return


def _opened(ctx: Context, node: cst.CSTNode) -> dict[str, cst.With]:
    """The names of the resources that an `async with` around a node closes, bound once."""
    found: dict[str, cst.With] = {}
    for with_, item in ctx.flow.managers(node):
        name = None if item.asname is None else item.asname.name
        if with_.asynchronous is None or not isinstance(name, cst.Name):
            continue
        if is_resource(ctx, item.item, is_async=True) and ctx.names.only(name.value, node):
            found[name.value] = with_
    return found


def _streams_in(ctx: Context, value: cst.BaseExpression) -> Iterator[tuple[cst.Call, str]]:
    """The calls in a returned value that give a stream, as it is or as an argument, and the name
    that each reads from."""
    if not isinstance(value, cst.Call):
        return
    if isinstance(value.func, cst.Attribute) and _STREAMING.fullmatch(called(value)):
        root: cst.BaseExpression = value.func.value
        while isinstance(root, cst.Attribute):
            root = root.value
        if isinstance(root, cst.Name):
            yield value, root.value
        return
    source = ctx.streams.async_stream_call(value)
    if source is not None and source.source == "generator":
        for arg in value.args:
            for name in descendants(arg.value):
                if isinstance(name, cst.Name):
                    yield value, name.value
        return
    if not ctx.names.is_a(value.func, _COLLECTORS):
        for arg in value.args:
            yield from _streams_in(ctx, arg.value)


_COLLECTORS = tuple(
    f"builtins.{word}" for word in ("list", "tuple", "set", "dict", "sorted", "sum")
)
