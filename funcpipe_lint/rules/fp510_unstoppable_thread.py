"""FP510: a thread fills a stream, and goes on when the stream is closed."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from funcpipe_lint.model import Scope
from funcpipe_lint.model.vocabulary import DETACHED
from funcpipe_lint.rule import Bad, Context, Finding, Good, Rule
from funcpipe_lint.rule.flow import called
from funcpipe_lint.screen.declaration import YIELD, Named, Screen, Words


class FP510(Rule):
    """A thread fills a stream, and goes on when the stream is closed.

    ## What it does
    Reports, in an async generator, `threading.Thread(target=work)`, `loop.run_in_executor(None,
    work)` and a task of `asyncio.to_thread(work)`, where `work` is a function inside the generator
    that hands over items in a loop (`loop.call_soon_threadsafe(...)`,
    `asyncio.run_coroutine_threadsafe(...)`) with no way out of the loop: no `break`, `return` or
    `raise`, and no test.

    ## Why is this bad
    Nothing stops a thread from outside. When the consumer leaves, the thread reads its source to
    the end, for nobody: it holds its connection and a worker of the pool, and puts items into a
    queue that nobody reads.

    ## Fix safety
    There is no fix. Set a `threading.Event` in a `finally` of the stream, and leave the loop of the
    thread when it is set.

    ## Known problems
    A short source needs no way out.
    """

    code = "FP510"
    name = "unstoppable-thread"
    summary = "a thread that fills a stream cannot be stopped"
    scope = Scope.STRICT
    screen = Screen((Words((YIELD, ("threadsafe",), Named((*DETACHED, "a.run_in_executor")))),))
    visits = (cst.Call,)
    bad = (
        Bad("""\
import asyncio
import threading


async def tokens(model, prompt):
    loop, queue = asyncio.get_running_loop(), asyncio.Queue()

    def work():
        for token in model.generate(prompt):
            loop.call_soon_threadsafe(queue.put_nowait, token)
        loop.call_soon_threadsafe(queue.put_nowait, None)

    threading.Thread(target=work).start()  # error
    while (token := await queue.get()) is not None:
        yield token
"""),
        Bad("""\
import asyncio


async def lines(path):
    loop, queue = asyncio.get_running_loop(), asyncio.Queue()

    def work():
        for line in open(path):
            loop.call_soon_threadsafe(queue.put_nowait, line)
        loop.call_soon_threadsafe(queue.put_nowait, None)

    reading = loop.run_in_executor(None, work)  # error
    while (line := await queue.get()) is not None:
        yield line
    await reading
"""),
    )
    good = (
        Good("""\
import asyncio
import threading


async def tokens(model, prompt):
    loop, queue, stop = asyncio.get_running_loop(), asyncio.Queue(), threading.Event()

    def work():
        for token in model.generate(prompt):
            if stop.is_set():
                return
            loop.call_soon_threadsafe(queue.put_nowait, token)
        loop.call_soon_threadsafe(queue.put_nowait, None)

    threading.Thread(target=work).start()
    try:
        while (token := await queue.get()) is not None:
            yield token
    finally:
        stop.set()
"""),
        Good("""\
import asyncio


async def rows(cursor):
    def work():
        return cursor.fetchmany(100)

    while batch := await asyncio.to_thread(work):
        for row in batch:
            yield row
"""),
    )

    def check(self, node: cst.Call, ctx: Context) -> Iterator[Finding]:
        stream = ctx.tree.owner(node)
        if not ctx.functions.is_stream_function(stream) or not ctx.flow.is_live(node):
            return
        assert isinstance(stream, cst.FunctionDef)
        work = _work(ctx, node)
        if work is None or ctx.tree.owner(work) is not stream or not ctx.flow.live_yields(stream):
            return
        loop = _endless(ctx, work)
        if loop is None:
            return
        message = (
            f"this thread goes on when the stream is closed: its loop (line {ctx.line(loop)}) has "
            "no way out. Set a threading.Event in a finally of the stream, and leave the loop when "
            "it is set"
        )
        yield Finding(node, message, notes=((loop, "goes on to the end of its source"),))


def _work(ctx: Context, call: cst.Call) -> cst.FunctionDef | None:
    """The function that a call runs in a thread, without waiting for its end at once."""
    given: cst.BaseExpression | None = None
    if ctx.names.is_a(call.func, ("threading.Thread",)):
        named = [arg.value for arg in call.args if arg.keyword and arg.keyword.value == "target"]
        given = named[0] if named else None
    elif isinstance(ctx.tree.parent(call), cst.Await):
        return None
    elif ctx.names.is_a(call.func, ("asyncio.to_thread",)) and call.args:
        given = call.args[0].value
    elif isinstance(call.func, cst.Attribute) and called(call) == "run_in_executor":
        given = call.args[1].value if len(call.args) > 1 else None
    return None if given is None else ctx.functions.definition(given)


_HANDS_OVER = frozenset({"call_soon_threadsafe", "run_coroutine_threadsafe"})


def _endless(ctx: Context, work: cst.FunctionDef) -> cst.For | cst.While | None:
    """The loop of a plain function that hands items over and cannot be left."""
    if work.asynchronous is not None or ctx.functions.is_generator(work):
        return None
    loops: Iterator[cst.For | cst.While] = ctx.tree.own(work, cst.For, cst.While)
    for loop in loops:
        if isinstance(loop, cst.While) and ctx.tree.code(loop.test) != "True":
            continue
        below = list(ctx.tree.own_below(loop.body))
        leaves = (cst.Break, cst.Return, cst.Raise, cst.If, cst.Try, cst.With, cst.Assert)
        calls = (each for each in below if isinstance(each, cst.Call))
        if any(called(each) in _HANDS_OVER for each in calls):
            return None if any(isinstance(each, leaves) for each in below) else loop
    return None
