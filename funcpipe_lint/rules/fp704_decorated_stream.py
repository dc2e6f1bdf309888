"""FP704: a decorator retries or caches the making of a stream, not its run."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from funcpipe_lint.model import Scope
from funcpipe_lint.model.vocabulary import CACHES, RETRIES, TRANSPARENT
from funcpipe_lint.rule import Bad, Context, Finding, Good, Rule
from funcpipe_lint.screen.declaration import Screen, Shape

# No such decorator knows async generators: what it retries or keeps is the call that makes one.
_RETRIED = (
    "never tries again: it retries the call that makes the generator, which never fails. Retry "
    "inside the generator, around what opens its source"
)
_CACHED = (
    "keeps the generator, which can be run once: later callers get one that has ended. Cache the "
    "items, or what opens the source"
)


class FP704(Rule):
    """A decorator retries or caches the making of a stream, not its run.

    ## What it does
    Reports async generators under a decorator of tenacity, backoff or retrying, and under one of
    functools, cachetools, async_lru or aiocache that caches: by import, called or not, or through
    a name that is bound once to such a call.

    ## Why is this bad
    Calling an async generator function runs nothing: it makes a generator, and that never fails. A
    decorator that retries sees success each time, and an error at the first `async for` passes it
    by. A decorator that caches hands the same generator to every caller: the first one runs it to
    its end, all others get a stream that ends at once, or `RuntimeError: anext(): asynchronous
    generator is already running`.

    ## Fix safety
    There is no fix: a retried stream has to say what becomes of the items before the failure. Retry
    inside the generator, around the call that opens the source; cache a list, or a function that
    makes the stream.

    ## Known problems
    A decorator between the two that makes a coroutine of the generator is taken for what its name
    says: the rule reports only where all decorators below are known to hand the function on.
    """

    code = "FP704"
    name = "decorated-stream"
    summary = "a retry or cache decorator sees the making of a stream, not its run"
    scope = Scope.DEFAULT
    screen = Screen((Shape.DECORATED_STREAM,), words=("tenacity", "backoff", "retrying", "cache"))
    visits = (cst.Decorator,)
    bad = (
        Bad("""\
from tenacity import retry, stop_after_attempt


@retry(stop=stop_after_attempt(3))  # error
async def rows(session):
    async for row in session.rows():
        yield row
"""),
        Bad("""\
import functools


class Client:
    @functools.lru_cache(maxsize=None)  # error
    async def events(self, topic):
        async for event in self.feed(topic):
            yield event
"""),
    )
    good = (
        Good("""\
from tenacity import retry, stop_after_attempt


@retry(stop=stop_after_attempt(3))
async def opened(session):
    return await session.open()


async def rows(session):
    async for row in await opened(session):
        yield row
"""),
        Good("""\
import functools


@functools.lru_cache
def topics():
    return ["a", "b"]
"""),
    )

    def check(self, node: cst.Decorator, ctx: Context) -> Iterator[Finding]:
        function = ctx.tree.parent(node)
        if not isinstance(function, cst.FunctionDef):
            return
        if not ctx.functions.is_async_generator(function) or not _is_next(ctx, node, function):
            return
        maker = _maker(ctx, node.decorator)
        text = _RETRIED if ctx.names.is_a(maker, RETRIES) else _CACHED
        if text is _RETRIED or ctx.names.is_a(maker, CACHES):
            place = f"'{ctx.text(maker)}' on the async generator '{function.name.value}'"
            yield Finding(node, f"{place} {text}")


def _maker(ctx: Context, decorator: cst.BaseExpression) -> cst.BaseExpression:
    """What is called to make a decorator: of `@retry(...)`, and of a name bound once to that."""
    if isinstance(decorator, cst.Name):
        binding = ctx.names.only(decorator.value, decorator)
        if binding is not None and binding.kind == "assign" and isinstance(binding.value, cst.Call):
            return binding.value.func
    return decorator.func if isinstance(decorator, cst.Call) else decorator


def _is_next(ctx: Context, node: cst.Decorator, function: cst.FunctionDef) -> bool:
    """Whether a decorator is given the generator function itself."""
    below = function.decorators[list(function.decorators).index(node) + 1 :]
    return all(ctx.functions.decorator_name(each) in TRANSPARENT for each in below)
