"""FP707: a retry starts a stream again whose first items have been delivered."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from funcpipe_lint.model import Scope
from funcpipe_lint.model.vocabulary import RETRYING
from funcpipe_lint.rule import Bad, Context, Finding, Good, Rule
from funcpipe_lint.rule.tree import descendants
from funcpipe_lint.rules.questions.handlers import caught_kinds
from funcpipe_lint.screen.declaration import LOOP, YIELD, Screen, Words

# What a response raises for its status, before there is anything to read.
_STATUS = (
    *("httpx.HTTPStatusError", "httpx2.HTTPStatusError", "aiohttp.ClientResponseError"),
    *("requests.HTTPError", "requests.exceptions.HTTPError", "urllib.error.HTTPError"),
)


class FP707(Rule):
    """A retry starts a stream again whose first items have been delivered.

    ## What it does
    Reports, in an async generator, a loop that tries a stream again after a failure: `async for
    item in source(): yield ...` in a `try` whose handler goes on to the next turn, and that is left
    when the stream has ended; or in `with attempt:` of tenacity's `AsyncRetrying`. Silent where a
    name that the loop over the stream binds is asked in a test, or is an argument of the call: then
    the retry knows where it was; and where only the status of a response is caught
    (`httpx.HTTPStatusError` and its kin), which comes before the first item. A stream that is
    given, and not made by a call, is reported with another message.

    ## Why is this bad
    Items that were delivered before the failure are delivered again: a consumer that writes them
    has them twice. Of a stream that was given, the second pass finds nothing: it is finished, and
    the failure becomes a silent end.

    ## Fix safety
    There is no fix. Retry only while nothing has been yielded, or go on from where the failure was
    (an offset, a cursor).

    ## Known problems
    A source that goes on by itself from where it stopped, as a consumer group does, is reported.
    """

    code = "FP707"
    name = "repeated-items"
    summary = "a retry delivers a stream's first items again"
    scope = Scope.STRICT
    screen = Screen((Words((LOOP, YIELD, ("except", "with"))),))
    visits = (cst.For,)
    bad = (
        Bad("""\
async def events(client):
    for attempt in range(3):
        try:
            async for event in client.events():  # error
                yield event
            return
        except ConnectionError:
            print("again", attempt)
"""),
        Bad("""\
import asyncio


async def events(source):
    while True:
        try:
            async for event in source:  # error
                yield event
            break
        except ConnectionError:
            await asyncio.sleep(1)
            continue
"""),
        Bad("""\
from tenacity import AsyncRetrying, stop_after_attempt


async def events(client):
    async for attempt in AsyncRetrying(stop=stop_after_attempt(3)):
        with attempt:
            async for event in client.events():  # error
                yield event
"""),
    )
    good = (
        Good("""\
from tenacity import AsyncRetrying


async def events(client):
    async for attempt in AsyncRetrying():
        with attempt:
            stream = await client.events()
    async for event in stream:
        yield event
"""),
        Good("""\
async def events(client):
    last = None
    for attempt in range(3):
        try:
            async for event in client.events(after=last):
                last = event.id
                yield event
            return
        except ConnectionError:
            print("again", attempt)
"""),
        Good("""\
async def events(client):
    is_begun = False
    for attempt in range(3):
        try:
            async for event in client.events():
                is_begun = True
                yield event
            return
        except ConnectionError:
            if is_begun:
                raise
"""),
    )

    def check(self, node: cst.For, ctx: Context) -> Iterator[Finding]:
        function = ctx.tree.owner(node)
        if node.asynchronous is None or not ctx.functions.is_stream_function(function):
            return
        if not ctx.flow.live_yields_in(node.body) or not ctx.flow.is_live(node):
            return
        attempt, loop = _attempt(ctx, node)
        if attempt is None or loop is None:
            return
        handler: cst.CSTNode | None = attempt
        if isinstance(attempt, cst.Try):
            handler = _going_on(ctx, attempt, node)
        if handler is None or _knows_where(ctx, node, loop):
            return
        if isinstance(node.iter, cst.Call):
            message = (
                "after a failure this stream begins anew (line "
                f"{ctx.line(handler)}), and the items that were yielded before are delivered "
                "again. Retry only while nothing has been yielded, or go on from an offset"
            )
        elif isinstance(node.iter, cst.Name) and _is_given(ctx, node.iter, loop):
            message = (
                f"after a failure '{node.iter.value}' is iterated again (line "
                f"{ctx.line(handler)}): an async generator that failed is finished, so the retry "
                "finds no item and the failure becomes a silent end. Make the stream anew for each "
                "attempt"
            )
        else:
            return
        yield Finding(node, message, notes=((handler, "goes on to the next attempt"),))


def _attempt(
    ctx: Context, node: cst.For
) -> tuple[cst.Try | cst.With | None, cst.For | cst.While | None]:
    """The `try` around a loop over a stream, and the plain loop right around that; or `with
    attempt` in a loop over the attempts of tenacity."""
    attempt: cst.Try | cst.With | None = None
    for above, child in ctx.tree.path(node):
        if isinstance(above, cst.Try) and child is above.body and attempt is None:
            attempt = above
        elif isinstance(above, cst.With) and attempt is None:
            retried = _retried(ctx, above)
            if retried is not None:
                return above, retried
        elif isinstance(above, cst.For | cst.While):
            is_plain = child is above.body and getattr(above, "asynchronous", None) is None
            return (attempt, above) if is_plain else (None, None)
        elif isinstance(above, cst.Try | cst.If | cst.Match):
            return None, None
    return None, None


def _retried(ctx: Context, block: cst.With) -> cst.For | None:
    """The loop over attempts whose `with attempt` a block is: it swallows what fails, and the loop
    goes on; it ends after an attempt that did not."""
    item = block.items[0].item
    loop = ctx.tree.parent(ctx.tree.parent(block) or block)
    if not isinstance(loop, cst.For) or not isinstance(item, cst.Name):
        return None
    is_it = isinstance(loop.target, cst.Name) and loop.target.value == item.value
    head = loop.iter.func if isinstance(loop.iter, cst.Call) else None
    return loop if is_it and head is not None and ctx.names.is_a(head, RETRYING) else None


def _going_on(ctx: Context, attempt: cst.Try, node: cst.For) -> cst.ExceptHandler | None:
    """The handler that goes on to the next turn, where the loop is left when the stream ends."""
    if not _is_left_at_the_end(ctx, attempt, node):
        return None
    goes_on = (h for h in attempt.handlers if _goes_on(ctx, h) and not _is_of_status(ctx, h))
    return next(goes_on, None)


def _is_left_at_the_end(ctx: Context, attempt: cst.Try, stream: cst.For) -> bool:
    """Whether the loop of attempts is left once the stream has ended: by what follows it in the
    `try`, its `else`, or right below."""
    inside = ctx.tree.siblings(stream)
    below = ctx.tree.siblings(attempt)
    parts = [*inside[inside.index(stream) + 1 :], *below[below.index(attempt) + 1 :]]
    if attempt.orelse is not None:
        parts += list(attempt.orelse.body.body)
    leaving = (cst.Return, cst.Break)
    return any(
        isinstance(each, leaving)
        for part in parts
        if isinstance(part, cst.SimpleStatementLine)
        for each in part.body
    )


def _goes_on(ctx: Context, handler: cst.ExceptHandler) -> bool:
    """Whether a handler comes to the next turn in at least one way, and is no end of its own."""
    last = handler.body.body[-1] if handler.body.body else None
    if isinstance(last, cst.SimpleStatementLine) and last.body:
        return not isinstance(last.body[-1], cst.Raise | cst.Return | cst.Break)
    return not ctx.flow.always_leaves(handler.body)


def _is_of_status(ctx: Context, handler: cst.ExceptHandler) -> bool:
    """Whether a handler takes nothing but what a response's status line raises."""
    kinds = caught_kinds(handler)
    return bool(kinds) and all(ctx.names.is_a(kind, _STATUS) for kind in kinds or ())


def _knows_where(ctx: Context, stream: cst.For, loop: cst.CSTNode) -> bool:
    """Whether a name that the loop over the stream binds, its own variable left out or not, is used
    in a test of the loop of attempts or in what is iterated."""
    bound = {
        binding.name
        for many in ctx.names.bound_in(ctx.tree.owner(stream)).values()
        for binding in many
        if ctx.tree.is_inside(binding.node, stream)
    }
    tests = (
        each.test
        for each in ctx.tree.own_below(loop)
        if isinstance(each, cst.If | cst.While | cst.IfExp)
    )
    asked: list[cst.CSTNode] = [stream.iter, *tests]
    if any(
        isinstance(n, cst.Name) and n.value in bound for each in asked for n in descendants(each)
    ):
        return True
    # What is gathered by the items may be asked by what makes the stream.
    grown = {
        call.func.value.value
        for call in ctx.tree.own(ctx.tree.owner(stream), cst.Call)
        if ctx.tree.is_inside(call, stream.body)
        and isinstance(call.func, cst.Attribute)
        and isinstance(call.func.value, cst.Name)
    }
    return any(
        isinstance(n, cst.Name) and n.value in grown for each in asked for n in descendants(each)
    ) or _stores(ctx, stream)


def _stores(ctx: Context, stream: cst.For) -> bool:
    """Whether the loop over the stream sets an attribute or an item, which the next attempt may
    begin from."""
    return any(
        isinstance(target.target, cst.Attribute | cst.Subscript)
        for target in ctx.tree.own(ctx.tree.owner(stream), cst.AssignTarget)
        if ctx.tree.is_inside(target, stream.body)
    )


def _is_given(ctx: Context, name: cst.Name, loop: cst.CSTNode) -> bool:
    """Whether a name is bound outside the loop of attempts, to what may be one stream."""
    binding = ctx.names.only(name.value, name)
    if binding is None or ctx.tree.is_inside(binding.node, loop):
        return False
    if binding.kind == "parameter":
        return True
    source = ctx.streams.async_stream_call(binding.value)
    return source is not None and source.source == "generator"
