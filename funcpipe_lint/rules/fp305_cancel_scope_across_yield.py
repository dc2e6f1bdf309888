"""FP305: a cancel scope is open while the consumer of a stream runs."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from funcpipe_lint.model import Scope
from funcpipe_lint.model.vocabulary import SCOPES, last_words
from funcpipe_lint.rule import Bad, Context, Finding, Good, Rule
from funcpipe_lint.rules.questions.managers import (
    Held,
    cancel_scope,
    entered_elsewhere,
    held,
    is_driven_as_manager,
)
from funcpipe_lint.screen.declaration import Screen, Shape


class FP305(Rule):
    """A cancel scope is open while the consumer of a stream runs.

    ## What it does
    Finds a `yield` inside a timeout, task group, nursery or cancel scope in an async generator,
    also where the scope is entered through a context manager of the same file, or by
    `enter_async_context` of an exit stack.

    ## Why is this bad
    While the stream is suspended, its consumer runs inside the scope: the timeout cancels code
    that it was never meant for, a failing child task cancels the consumer, and a stream that
    another task closes leaves the scope in the wrong task, which is a `RuntimeError` or a scope
    that is never left (PEP 789).

    ## Fix safety
    There is no fix: either the scope moves around the awaits, or the function becomes an
    `asynccontextmanager` that yields a stream.

    ## Known problems
    A manager is looked into where a module of the project defines it. What a framework drives as a
    context manager is no stream: FastAPI's dependencies, dishka's providers, what a decorator of
    the file puts under `asynccontextmanager`; name your own decorators in `managers`,
    and what takes a dependency, as `Depends(...)` does, in `dependencies`.
    """

    code = "FP305"
    name = "cancel-scope-across-yield"
    summary = "a stream yields inside a timeout, task group or cancel scope"
    scope = Scope.DEFAULT
    visits = (cst.FunctionDef,)
    screen = Screen((Shape.SCOPE_YIELD,), last_words(SCOPES))
    bad = (
        Bad("""\
import asyncio


async def items(queue):
    async with asyncio.timeout(5):
        while True:
            yield await queue.get()  # error
"""),
        Bad("""\
from contextlib import AsyncExitStack

import anyio


async def frames(socket):
    async with AsyncExitStack() as stack:
        group = await stack.enter_async_context(anyio.create_task_group())
        group.start_soon(socket.ping)
        async for frame in socket:
            yield frame  # error
"""),
        Bad("""\
from contextlib import asynccontextmanager

import anyio


@asynccontextmanager
async def workers(task):
    async with anyio.create_task_group() as group:
        group.start_soon(task)
        yield group


async def items(task, queue):
    async with workers(task):
        while True:
            yield await queue.get()  # error
"""),
    )
    good = (
        Good("""\
import asyncio


async def items(queue):
    while True:
        async with asyncio.timeout(5):
            item = await queue.get()
        yield item
"""),
        Good("""\
from contextlib import asynccontextmanager

import anyio


@asynccontextmanager
async def workers(task):
    async with anyio.create_task_group() as group:
        group.start_soon(task)
        yield group
"""),
        Good("""\
from contextlib import AsyncExitStack

import anyio


async def frames(socket, is_alone):
    async with AsyncExitStack() as stack:
        yield await socket.hello()
        if not is_alone:
            await stack.enter_async_context(anyio.create_task_group())
        yield await socket.receive()  # whether there is a group is not certain
"""),
    )

    def check(self, node: cst.FunctionDef, ctx: Context) -> Iterator[Finding]:
        if not ctx.functions.is_stream_function(node) or is_driven_as_manager(ctx, node):
            return
        reported: set[cst.CSTNode] = set()
        for place in ctx.flow.live_yields(node):
            for each in held(ctx, place):
                scope = cancel_scope(ctx, each.manager)
                if scope is None:
                    continue
                if each.place not in reported:
                    reported.add(each.place)
                    yield _finding(ctx, place, each, scope)
                break


def _finding(ctx: Context, place: cst.Yield, entered: Held, scope: str) -> Finding:
    item = entered.place
    message = (
        f"the consumer runs inside '{scope}' (line {ctx.line(item)}) while the stream is suspended "
        "here: it can be cancelled by it, and a stream closed in another task leaves the scope "
        "there. Close the scope before the yield, or make the function a context manager that "
        "yields a stream"
    )
    notes = ((item, "the scope is entered here"),)
    elsewhere = entered_elsewhere(ctx, entered.manager)
    return Finding(place, message, cause=place, notes=notes, elsewhere=elsewhere)
