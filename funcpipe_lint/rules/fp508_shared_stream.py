"""FP508: several tasks pull one stream."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from funcpipe_lint.model import Scope
from funcpipe_lint.rule import Bad, Context, Finding, Good, Rule
from funcpipe_lint.rule.bindings import COMPREHENSIONS, Binding
from funcpipe_lint.rule.flow import called
from funcpipe_lint.rules.questions.started_tasks import is_free_spawn, is_group_spawn
from funcpipe_lint.screen.declaration import Screen, Shape


class FP508(Rule):
    """Several tasks pull one stream.

    ## What it does
    Reports a run of an async generator of the file that several tasks pull: it is bound to a name,
    and the name is given to, or captured by, workers that are started more than once (in a loop or
    comprehension, or by several calls), each of which iterates it or calls `anext` on it outside
    any lock.

    ## Why is this bad
    An async generator serves one pull at a time. The second task that pulls while the first one
    waits gets `RuntimeError: anext(): asynchronous generator is already running`; which items it
    has taken by then depends on timing.

    ## Fix safety
    There is no fix. Let one task pull and put the items into a bounded queue that the workers read;
    or hold an `asyncio.Lock` around each `anext`.

    ## Known problems
    Only workers of the same file are looked at. What starts a task under another name is named in
    `spawners`.
    """

    code = "FP508"
    name = "shared-stream"
    summary = "several tasks pull one async generator"
    scope = Scope.STRICT
    screen = Screen((Shape.STREAM_SHARED,))
    visits = (cst.Call,)
    bad = (
        Bad("""\
import asyncio


async def rows(pool):
    for number in range(100):
        yield await pool.get(number)


async def worker(source):
    async for row in source:
        print(row)


async def main(pool):
    source = rows(pool)
    await asyncio.gather(*(worker(source) for _ in range(4)))  # error
"""),
        Bad("""\
import asyncio


async def rows(pool):
    for number in range(100):
        yield await pool.get(number)


async def main(pool):
    source = rows(pool)

    async def worker():
        async for row in source:
            print(row)

    async with asyncio.TaskGroup() as group:
        for _ in range(4):
            group.create_task(worker())  # error
"""),
    )
    good = (
        Good("""\
import asyncio


async def rows(pool):
    for number in range(100):
        yield await pool.get(number)


async def worker(source):
    async for row in source:
        print(row)


async def main(pools):
    await asyncio.gather(*(worker(rows(pool)) for pool in pools))
"""),
        Good("""\
import asyncio


async def rows(pool):
    for number in range(100):
        yield await pool.get(number)


async def worker(source, lock):
    while True:
        async with lock:
            row = await anext(source, None)
        if row is None:
            break
        print(row)


async def main(pool):
    source, lock = rows(pool), asyncio.Lock()
    await asyncio.gather(worker(source, lock), worker(source, lock))
"""),
    )

    def check(self, node: cst.Call, ctx: Context) -> Iterator[Finding]:
        if not _starts(ctx, node) or not ctx.flow.is_live(node):
            return
        workers = [each for arg in node.args for each in _calls_in(arg.value)]
        for worker in workers:
            for stream in _streams_of(ctx, worker):
                others = _others(ctx, worker, stream)
                if _is_repeated(ctx, worker, stream) or (others and others[0] is not worker):
                    message = (
                        f"several tasks pull '{stream.name}', one async generator: whoever pulls "
                        "while another waits gets 'asynchronous generator is already running'. "
                        "Pull in one task and hand the items on through a bounded queue"
                    )
                    yield Finding(node, message, notes=((stream.node, "one run of it"),))
                    return


def _starts(ctx: Context, call: cst.Call) -> bool:
    """Whether a call starts tasks."""
    return (
        is_free_spawn(ctx, call)
        or is_group_spawn(call)
        or ctx.names.is_a(call.func, ("asyncio.gather",))
    )


def _calls_in(value: cst.BaseExpression) -> list[cst.Call]:
    """The calls that a spawning call is given: as they are, or of a comprehension."""
    if isinstance(value, cst.Call):
        return [value]
    if type(value) in COMPREHENSIONS:
        element = getattr(value, "elt", None)
        return [element] if isinstance(element, cst.Call) else []
    return []


def _streams_of(ctx: Context, worker: cst.Call) -> list[Binding]:
    """The names bound to a run of an async generator that a worker is given and pulls."""
    function = ctx.functions.definition(worker.func)
    if function is None or function.asynchronous is None or ctx.functions.is_generator(function):
        return []
    params = [*function.params.posonly_params, *function.params.params]
    found = []
    for pulled in _pulls(ctx, function):
        binding = ctx.names.only(pulled.value, pulled)
        if binding is None:
            continue
        if binding.kind == "parameter" and binding.scope is function:
            pairs = zip(params, worker.args, strict=False)
            given = next((arg for param, arg in pairs if param is binding.node), None)
            if given is None or given.keyword is not None or given.star:
                continue
            name = given.value
            binding = ctx.names.only(name.value, name) if isinstance(name, cst.Name) else None
        if binding is not None and _is_run(ctx, binding, function):
            found.append(binding)
    return found


def _is_run(ctx: Context, binding: Binding, worker: cst.FunctionDef) -> bool:
    """Whether a name stands for one run of an async generator, made outside the worker."""
    if binding.kind not in ("assign", "annotate") or binding.scope is worker:
        return False
    if not isinstance(binding.scope, cst.FunctionDef):
        return False
    source = ctx.streams.async_stream_call(binding.value)
    return source is not None and source.source == "generator"


def _pulls(ctx: Context, function: cst.FunctionDef) -> Iterator[cst.Name]:
    """The names that a function pulls outside any manager, which may be a lock."""
    nodes: Iterator[cst.For | cst.Call] = ctx.tree.own(function, cst.For, cst.Call)
    for node in nodes:
        pulled: cst.BaseExpression | None = None
        if isinstance(node, cst.For):
            pulled = node.iter if node.asynchronous is not None else None
        elif ctx.names.is_a(node.func, ("builtins.anext",)) and node.args:
            pulled = node.args[0].value
        elif isinstance(node.func, cst.Attribute) and called(node) == "__anext__":
            pulled = node.func.value
        if isinstance(pulled, cst.Name) and not any(ctx.flow.managers(node)):
            yield pulled


def _is_repeated(ctx: Context, worker: cst.Call, stream: Binding) -> bool:
    """Whether a worker is called in a loop or comprehension below the one that makes the stream."""
    for above in ctx.tree.ancestors(worker):
        if above is ctx.tree.owner(worker) or ctx.tree.is_inside(stream.node, above):
            return False
        if isinstance(above, cst.For | cst.While) or type(above) in COMPREHENSIONS:
            return True
    return False


def _others(ctx: Context, worker: cst.Call, stream: Binding) -> list[cst.Call]:
    """The calls that start tasks which pull a stream, in source order: no branch apart."""
    block = ctx.tree.siblings(ctx.tree.statement(worker))
    return [
        each
        for call in ctx.tree.own(ctx.tree.owner(worker), cst.Call)
        if _starts(ctx, call) and ctx.tree.statement(call) in block
        for arg in call.args
        for each in _calls_in(arg.value)
        if stream in _streams_of(ctx, each)
    ]
