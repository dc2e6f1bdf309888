"""FP401: a builder acts before anybody drives its stream."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from funcpipe_lint.model import Scope
from funcpipe_lint.model.effects import ACTING, EFFECTS, STARTING
from funcpipe_lint.model.vocabulary import HARMLESS_MANAGERS
from funcpipe_lint.rule import Bad, Context, Finding, Good, Rule
from funcpipe_lint.rule.flow import called
from funcpipe_lint.screen.declaration import Screen, Shape


class FP401(Rule):
    """A builder acts before anybody drives its stream.

    ## What it does
    Finds what acts in the body of a builder, a function that returns a description of a stream:
    `await`, `with`, `global`, `nonlocal`, and calls that open, print, ask the clock, draw random
    numbers, start tasks or talk to a network; and a builder that is itself `async def`.

    ## Why is this bad
    A description is meant to be passed around, kept, run twice or never. What the builder does
    happens once, at the wrong time: the file is open before anybody reads, the second run finds
    the first one's clock.

    ## Fix safety
    There is no fix: moving an effect into the stream makes it happen once a run.

    ## Known problems
    An effect behind a function of another file is not seen.
    """

    code = "FP401"
    name = "effect-at-construction"
    summary = "a builder acts when its stream is described, not when it is run"
    scope = Scope.RESULT
    strict_elsewhere = True
    visits = (cst.FunctionDef,)
    screen = Screen((Shape.BUILDER,))
    bad = (
        Bad("""\
from funcpipe_streams import AsyncGen, Ok


def lines(path: str) -> AsyncGen[str]:
    file = open(path)  # error

    async def stream():
        for line in file:
            yield Ok(line)

    return stream
"""),
        Bad("""\
import time

from funcpipe_streams import AsyncGen, Ok


def elapsed() -> AsyncGen[float]:
    started = time.monotonic()  # error

    async def stream():
        yield Ok(time.monotonic() - started)

    return stream
"""),
    )
    good = (
        Good("""\
from funcpipe_streams import AsyncGen, Ok


def lines(path: str) -> AsyncGen[str]:
    async def stream():
        with open(path) as file:
            text = file.read()
        for line in text.splitlines():
            yield Ok(line)

    return stream
"""),
        Good("""\
from funcpipe_streams import AsyncGen, Ok


def repeated(items: list[int], times: int) -> AsyncGen[int]:
    if times < 1:
        raise ValueError(f"times is {times}: it must be at least 1")
    copy = tuple(items)

    async def stream():
        for item in copy * times:
            yield Ok(item)

    return stream
"""),
    )

    def check(self, node: cst.FunctionDef, ctx: Context) -> Iterator[Finding]:
        if node.asynchronous is not None:
            returned = ctx.annotations.returned(node)
            is_builder = returned is not None and returned.is_description
            if (
                is_builder
                and not ctx.functions.is_generator(node)
                and not ctx.functions.is_stub(node)
            ):
                message = (
                    f"'{node.name.value}' has to be awaited before it describes a stream: make it "
                    "a plain 'def', and await inside the stream"
                )
                yield Finding(node.name, message)
            return
        if not ctx.streams.is_builder(node):
            return
        for found in ctx.tree.own(
            node, cst.With, cst.Global, cst.Nonlocal, cst.Call, cst.Await, cst.For
        ):
            what = _effect(ctx, found)
            if what is None or _is_aside(ctx, node, found) or not ctx.flow.is_live(found):
                continue
            message = (
                f"{what} happens when the stream is described, once, and not when it is run: move "
                "it into the stream"
            )
            yield Finding(found, message)


def _effect(ctx: Context, node: cst.CSTNode) -> str | None:
    if isinstance(node, cst.With):
        if all(_is_harmless(ctx, item.item) for item in node.items):
            return None
        return f"'with {ctx.text(node.items[0].item)}'"
    if isinstance(node, cst.Global | cst.Nonlocal):
        return f"the change of '{node.names[0].name.value}'"
    if not isinstance(node, cst.Call):
        return None
    if ctx.names.is_a(node.func, EFFECTS):
        return f"'{ctx.text(node)}'"
    if isinstance(node.func, cst.Attribute):
        is_statement = isinstance(ctx.tree.parent(node), cst.Expr)
        word = called(node)
        if word in ACTING or (is_statement and word in STARTING):
            return f"'{ctx.text(node)}'"
    return None


def _is_aside(ctx: Context, builder: cst.FunctionDef, node: cst.CSTNode) -> bool:
    """Whether a node is part of an inner function's decorators or defaults, of a `raise`, or of a
    `with` that is reported itself."""
    for above, child in ctx.tree.path(node, builder):
        if isinstance(above, cst.FunctionDef | cst.Lambda | cst.Raise):
            return True
        if isinstance(above, cst.With) and child is not above.body:
            return True
    return False


def _is_harmless(ctx: Context, manager: cst.BaseExpression) -> bool:
    """Whether a manager does nothing but guard what stands inside it."""
    head = manager.func if isinstance(manager, cst.Call) else manager
    return ctx.names.is_a(head, HARMLESS_MANAGERS)
