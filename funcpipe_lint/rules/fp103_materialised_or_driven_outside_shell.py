"""FP103: a stream is run to its end deep inside a program."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from funcpipe_lint.model import Scope
from funcpipe_lint.rule import Bad, Context, Finding, Good, Rule
from funcpipe_lint.rule.tree import Function
from funcpipe_lint.rules.questions.managers import CLOSERS
from funcpipe_lint.rules.questions.shell import is_shell
from funcpipe_lint.screen.declaration import Named, Screen, Shape, Words

_PROTOCOL = frozenset({"__anext__", "__aexit__", "aclose"})


class FP103(Rule):
    """A stream is run to its end deep inside a program.

    ## What it does
    Finds a stream that is run, by `async for` or a comprehension, in a function that is neither a
    stream function nor part of the shell: the tests, scripts, `__main__` modules and functions
    named in `shell`.

    ## Why is this bad
    A stream that is driven deep inside a program ends laziness there: nobody further out can stop
    it, slow it down, or decide what a failure means.

    ## Fix safety
    There is no fix: where the edge of a program lies is its author's to say.

    ## Known problems
    A project without `shell` paths is not told anything.
    """

    code = "FP103"
    name = "materialised-or-driven-outside-shell"
    summary = "a stream is run outside the shell"
    scope = Scope.STRICT
    visits = (cst.For, cst.CompFor, cst.Call)
    screen = Screen(
        (Shape.ASYNC_FOR, Shape.ASYNC_COMPREHENSION, Words(beside=((Named((), "collectors"),),))),
        requires="shell",
        by_type=True,
    )
    yields_to = ("FP101",)
    bad = (
        Bad("""\
# options: shell = ["main"]
async def rows():
    yield 1


async def total():
    found = 0
    async for row in rows():  # error
        found += row
    return found
"""),
        Bad("""\
# options: shell = ["main"]
async def rows():
    yield 1


async def total():
    return sum([row async for row in rows()])  # error
"""),
    )
    good = (
        Good("""\
# options: shell = ["main"]
async def rows():
    yield 1


async def totals():
    found = 0
    async for row in rows():
        found += row
        yield found
"""),
        Good("""\
# options: shell = ["main"]
async def rows():
    yield 1


async def main():  # named in `shell`
    async for row in rows():
        print(row)
"""),
    )

    def check(self, node: cst.For | cst.CompFor | cst.Call, ctx: Context) -> Iterator[Finding]:
        driven = _driven(ctx, node) if ctx.settings.shell else None
        if driven is None or not ctx.flow.is_live(node):
            return
        if is_shell(ctx, node):
            return
        functions = list(ctx.tree.functions(node))
        if not functions or any(_may_drive(ctx, function) for function in functions):
            return
        message = (
            f"'{ctx.text(driven)}' is run here, outside the shell: nobody further out can stop "
            "or slow it. Return or yield the stream, and run it at the edge of the program"
        )
        place = ctx.tree.parent(node) if isinstance(node, cst.CompFor) else node
        yield Finding(place or node, message, cause=place)


def _driven(ctx: Context, node: cst.For | cst.CompFor | cst.Call) -> cst.BaseExpression | None:
    """The known stream that a loop, a comprehension or a collecting function runs to its end."""
    if isinstance(node, cst.Call):
        # Called and not awaited, it has run nothing yet.
        is_run = bool(node.args) and isinstance(ctx.tree.parent(node), cst.Await)
        is_collector = is_run and ctx.names.is_a(node.func, ctx.settings.collectors)
        return node.args[0].value if is_collector else None
    is_lazy = isinstance(ctx.tree.parent(node), cst.GeneratorExp)
    if node.asynchronous is None or is_lazy or not _is_stream(ctx, node.iter):
        return None
    return node.iter


def _is_stream(ctx: Context, value: cst.BaseExpression) -> bool:
    """Whether an expression is a known stream: a call, a name opened from one, or annotated so."""
    if ctx.streams.async_stream_call(value) is not None:
        return True
    if not isinstance(value, cst.Name):
        return False
    binding = ctx.names.only(value.value, value)
    if binding is None:
        return False
    if binding.kind == "with" and isinstance(binding.value, cst.Call) and binding.value.args:
        opened = binding.value
        is_closer = ctx.names.is_a(opened.func, (*CLOSERS, ctx.settings.closing))
        return is_closer and ctx.streams.async_stream_call(opened.args[0].value) is not None
    if binding.kind == "parameter":
        kind = ctx.annotations.stream_type(binding.annotation, binding.node)
        return kind is not None and kind.colour == "async" and not kind.is_description
    return binding.value is not None and ctx.streams.async_stream_call(binding.value) is not None


def _may_drive(ctx: Context, function: Function) -> bool:
    """Whether a function may run streams: one itself, a manager, a protocol method."""
    if not isinstance(function, cst.FunctionDef):
        return False
    return ctx.functions.is_generator(function) or function.name.value in _PROTOCOL
