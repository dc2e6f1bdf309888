"""FP310: a stream makes a client that nobody closes."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from funcpipe_lint.model import Scope
from funcpipe_lint.model.vocabulary import CLIENTS
from funcpipe_lint.rule import Bad, Context, Finding, Good, Rule
from funcpipe_lint.rule.bindings import Binding, name_of_value
from funcpipe_lint.rule.flow import called
from funcpipe_lint.screen.declaration import YIELD, Named, Screen, Words


class FP310(Rule):
    """A stream makes a client that nobody closes.

    ## What it does
    Reports, in an async generator, a local name that is bound to a new client, such as
    `httpx.AsyncClient(...)` or `openai.AsyncOpenAI(...)`, where the name is only used for calls of
    its methods: it is in no `with`, its `close` or `aclose` is never called, and it is not
    returned, stored, captured or given to anything that could close it.

    ## Why is this bad
    Each run of the stream leaves a connection pool open until the garbage collector finds it. Under
    load these are sockets and file descriptors by the thousand, and "Unclosed client session" in
    the log.

    ## Fix safety
    There is no fix. `async with httpx.AsyncClient() as client:` holds the client while the stream
    is suspended; a client that all runs share, made at start-up, is often what is meant.

    ## Known problems
    The clients that are known are those of aiohttp, anthropic, groq, httpx, mistralai, ollama and
    openai; the key `clients` of the configuration names more.
    """

    code = "FP310"
    name = "client-never-closed"
    summary = "a stream makes a client and never closes it"
    scope = Scope.STRICT
    screen = Screen((Words((YIELD, Named(CLIENTS, "clients"))),))
    visits = (cst.Call,)
    bad = (
        Bad("""\
import httpx


async def pages(urls):
    client = httpx.AsyncClient()  # error
    for url in urls:
        reply = await client.get(url)
        yield reply.text
"""),
        Bad("""\
from openai import AsyncOpenAI


async def answer(messages):
    client = AsyncOpenAI(api_key="...")  # error
    stream = await client.chat.completions.create(messages=messages, stream=True)
    async for chunk in stream:
        yield chunk
"""),
    )
    good = (
        Good("""\
import httpx


async def pages(urls):
    async with httpx.AsyncClient() as client:
        for url in urls:
            reply = await client.get(url)
            yield reply.text
"""),
        Good("""\
import httpx


async def pages(client: httpx.AsyncClient, urls):
    for url in urls:
        reply = await client.get(url)
        yield reply.text
"""),
    )

    def check(self, node: cst.Call, ctx: Context) -> Iterator[Finding]:
        function = ctx.tree.owner(node)
        if not ctx.functions.is_stream_function(function) or not ctx.flow.is_live(node):
            return
        if not ctx.names.is_a(node.func, (*CLIENTS, *ctx.settings.clients)):
            return
        name = name_of_value(ctx.tree, node)
        binding = None if name is None else ctx.names.only(name, node)
        if binding is None or binding.scope is not function or _may_be_closed(ctx, binding):
            return
        message = (
            f"nothing closes '{binding.name}': each run of this stream leaves its connections open "
            f"until the garbage collector comes. Write async with {ctx.short_call(node)} as "
            f"{binding.name}:, or use a client that all runs share"
        )
        yield Finding(node, message)


_CLOSES = frozenset({"close", "aclose", "shutdown", "__aexit__", "__aenter__", "disconnect"})


def _may_be_closed(ctx: Context, binding: Binding) -> bool:
    """Whether any use of a name is another one than `name.a.b`, or closes it."""
    for use in ctx.tree.named(binding.name):
        if ctx.names.only(binding.name, use) is not binding or ctx.tree.is_inside(
            use, binding.node
        ):
            continue
        above = ctx.tree.parent(use)
        if isinstance(above, cst.Attribute) and above.attr is use:
            continue
        if isinstance(above, cst.Arg) and above.keyword is use:
            continue
        if not isinstance(above, cst.Attribute) or called(above) in _CLOSES:
            return True
        if ctx.tree.owner(use) is not binding.scope:
            return True
    return False
