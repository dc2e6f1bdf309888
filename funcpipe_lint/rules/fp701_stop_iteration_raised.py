"""FP701: an exception that ends iterators is raised where Python makes a RuntimeError of it."""

from __future__ import annotations

import builtins
from collections.abc import Iterator

import libcst as cst

from funcpipe_lint.model import Fix, Scope
from funcpipe_lint.rule import Bad, Context, Finding, Good, Rule
from funcpipe_lint.rule.flow import finally_after
from funcpipe_lint.rules.questions.handlers import catching, caught_kinds
from funcpipe_lint.screen.declaration import Screen, Shape

_STOPS = ("StopAsyncIteration", "StopIteration")


class FP701(Rule):
    """StopAsyncIteration or StopIteration is raised where Python turns it into a RuntimeError.

    ## What it does
    Reports `raise StopAsyncIteration` and `raise StopIteration` in an async generator, `raise
    StopIteration` in a coroutine, `__anext__` among them, and a bare `raise` in a handler for one
    of these two. Nothing is reported where a handler or a manager in the same function may catch
    the exception.

    ## Why is this bad
    A generator that ends does so by `return`. Since [PEP 479](https://peps.python.org/pep-0479/)
    and [PEP 525](https://peps.python.org/pep-0525/) a StopAsyncIteration or StopIteration that
    leaves the body of an async generator becomes `RuntimeError: async generator raised
    StopAsyncIteration`: the consumer's loop fails instead of ending. A StopIteration that leaves a
    coroutine becomes `RuntimeError: coroutine raised StopIteration` in the same way.

    ## Fix safety
    Safe: in an async generator the `raise` becomes `return`, in `__anext__` StopIteration becomes
    StopAsyncIteration. The program failed there before. There is no fix in other coroutines.

    ## Known problems
    pylint's `stop-iteration-return` (R1708) covers plain generators.
    """

    code = "FP701"
    name = "stop-iteration-raised"
    summary = "raising StopAsyncIteration in a stream is a RuntimeError"
    scope = Scope.DEFAULT
    screen = Screen((Shape.STOP_RAISED,), without_streams=(("StopIteration",), ("async",)))
    fix = "safe"
    visits = (cst.Raise,)
    bad = (
        Bad(
            """\
async def pages(urls):
    if not urls:
        raise StopAsyncIteration  # error
    for url in urls:
        yield url
""",
            """\
async def pages(urls):
    if not urls:
        return
    for url in urls:
        yield url
""",
        ),
        Bad(
            """\
class Pages:
    async def __anext__(self):
        if not self.urls:
            raise StopIteration  # error
        return self.urls.pop()
""",
            """\
class Pages:
    async def __anext__(self):
        if not self.urls:
            raise StopAsyncIteration
        return self.urls.pop()
""",
        ),
    )
    good = (
        Good("""\
async def pages(urls):
    if not urls:
        return
    for url in urls:
        yield url
"""),
        Good("""\
class Pages:
    async def __anext__(self):
        if not self.urls:
            raise StopAsyncIteration  # this is how an iterator ends
        return self.urls.pop()
"""),
    )

    def check(self, node: cst.Raise, ctx: Context) -> Iterator[Finding]:
        function = ctx.tree.function(node)
        if not isinstance(function, cst.FunctionDef) or function.asynchronous is None:
            return
        name = _raised(ctx, node)
        is_stream = ctx.functions.is_stream_function(function)
        if name is None or not (is_stream or name == "StopIteration"):
            return
        if ctx.functions.is_async_generator(function) and not is_stream:
            return  # what a decorator makes of it, its own code decides
        if not ctx.flow.is_live(node) or _is_caught(ctx, node, name):
            return
        yield Finding(node, _message(name, is_stream=is_stream), fix=_fix(ctx, node, function))


def _message(name: str, *, is_stream: bool) -> str:
    if is_stream:
        return (
            f"{name} does not end an async generator: it becomes 'RuntimeError: async generator "
            f"raised {name}', and the consumer's loop fails. Write return instead"
        )
    return (
        "StopIteration cannot leave a coroutine: it becomes 'RuntimeError: coroutine raised "
        "StopIteration'. An async iterator ends with StopAsyncIteration"
    )


def _raised(ctx: Context, node: cst.Raise) -> str | None:
    """The name of the exception that a `raise` certainly raises, where it is one of the two."""
    exception = node.exc
    if exception is None:
        return _caught_here(ctx, node)
    head = exception.func if isinstance(exception, cst.Call) else exception
    found = [stop for stop in _STOPS if ctx.names.is_a(head, (f"builtins.{stop}",))]
    return found[0] if found else None


def _caught_here(ctx: Context, node: cst.Raise) -> str | None:
    """What the handler around a bare `raise` catches, where that is one of the two alone."""
    for above, _ in ctx.tree.path(node):
        if isinstance(above, cst.ExceptHandler):
            kinds = caught_kinds(above) or []
            found = [
                s
                for s in _STOPS
                if len(kinds) == 1 and ctx.names.is_a(kinds[0], (f"builtins.{s}",))
            ]
            return found[0] if found else None
    return None


def _is_caught(ctx: Context, node: cst.Raise, name: str) -> bool:
    if catching(ctx.tree, ctx.names, node, getattr(builtins, name)) is not None:
        return True
    finals = (finally_after(above, child) for above, child in ctx.tree.path(node))
    return any(final is not None and ctx.flow.leaves_in(final) for final in finals)


def _fix(ctx: Context, node: cst.Raise, function: cst.FunctionDef) -> Fix | None:
    if not ctx.tree.is_faithful or "#" in ctx.tree.code(node):
        return None
    if ctx.functions.is_async_generator(function):
        return Fix((ctx.edits.replace(node, "return"),), True, "end the stream with return")
    if function.name.value != "__anext__" or node.exc is None:
        return None
    head = node.exc.func if isinstance(node.exc, cst.Call) else node.exc
    if not isinstance(head, cst.Name) or head.value != "StopIteration":
        return None
    return Fix((ctx.edits.replace(head, "StopAsyncIteration"),), True, "end the iterator")
