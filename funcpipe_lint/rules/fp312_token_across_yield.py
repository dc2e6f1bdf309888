"""FP312: a context variable is set before a yield, and reset by its token behind it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator

import libcst as cst

from funcpipe_lint.model import Scope
from funcpipe_lint.rule import Bad, Context, Finding, Good, Rule
from funcpipe_lint.rule.flow import called
from funcpipe_lint.rule.tree import Owner
from funcpipe_lint.rules.questions.managers import is_driven_as_manager
from funcpipe_lint.screen.declaration import YIELD, Screen, Words


class FP312(Rule):
    """A context variable is set before a yield, and reset by its token behind it.

    ## What it does
    Reports `variable.reset(token)` in a stream function, where the token was made by
    `token = variable.set(...)` before a `yield` of the function, or in a function around it. A
    `yield` in `with variable.set(...):`, which Python 3.14 reads, is the same, where the file makes
    the variable.

    ## Why is this bad
    Each pull of a stream runs in the context of whoever pulls, and closing it may run in another
    task: `aclose()` of the garbage collector does, and so does a server that was left by its
    client. `reset` then raises `ValueError: <Token> was created in a different Context`, out of the
    clean-up. Between two items, the consumer sees the variable's value as well.

    ## Fix safety
    There is no fix. Set and reset the variable around each step that needs it, with no `yield`
    between; or in the consumer; or set it back to the old value, which any context takes.

    ## Known problems
    A stream that is always pulled and closed by one task does not fail. See
    [contextvars](https://docs.python.org/3/library/contextvars.html#contextvars.ContextVar.reset)
    and FP308, for tracing spans. What drives a generator as a context manager, as FastAPI's
    dependencies, is no stream: the keys `managers` and `dependencies` name more of it.
    """

    code = "FP312"
    name = "token-across-yield"
    summary = "a context variable's token is used behind a yield"
    scope = Scope.STRICT
    screen = Screen((Words((YIELD, ("reset", "set")), with_drivers=True),))
    visits = (cst.Call, cst.With)
    bad = (
        Bad("""\
from contextvars import ContextVar

active = ContextVar("active", default=False)


async def results(source):
    token = active.set(True)
    try:
        async for result in source:
            yield result
    finally:
        active.reset(token)  # error
"""),
        Bad("""\
from contextvars import ContextVar

depth = ContextVar("depth", default=0)


def described(source):
    token = depth.set(1)

    async def results():
        async for result in source:
            yield result
        depth.reset(token)  # error

    return results()
"""),
    )
    good = (
        Good("""\
from contextvars import ContextVar

active = ContextVar("active", default=False)


async def results(source):
    async for item in source:
        token = active.set(True)
        try:
            result = item.shown()
        finally:
            active.reset(token)
        yield result
"""),
        Good("""\
from contextlib import asynccontextmanager
from contextvars import ContextVar

active = ContextVar("active", default=False)


@asynccontextmanager
async def activated():
    token = active.set(True)
    yield
    active.reset(token)  # a manager is entered and left by one task
"""),
    )

    def check(self, node: cst.Call | cst.With, ctx: Context) -> Iterator[Finding]:
        function = ctx.tree.owner(node)
        if isinstance(node, cst.With):
            yield from _in_with(ctx, node)
            return
        if not isinstance(node.func, cst.Attribute) or called(node) != "reset":
            return
        if len(node.args) != 1 or not _is_stream(ctx, function):
            return
        assert isinstance(function, cst.FunctionDef)
        token = node.args[0].value
        binding = ctx.names.only(token.value, token) if isinstance(token, cst.Name) else None
        made = None if binding is None else binding.value
        if binding is None or not isinstance(made, cst.Call) or called(made) != "set":
            return
        if not isinstance(made.func, cst.Attribute) or not ctx.flow.is_live(node):
            return
        if ctx.tree.code(made.func.value) != ctx.tree.code(node.func.value):
            return
        between = _yield_between(ctx, function, made, node)
        if between is None:
            return
        message = (
            f"'{ctx.text(node)}' may run in another context than the set of line "
            f"{ctx.line(made)}: a yield lies between (line {ctx.line(between)}), and closing the "
            "stream then fails with 'Token was created in a different Context'. Set and reset "
            "around each step"
        )
        notes = ((made, "the token is made here"), (between, "the stream can be left here"))
        yield Finding(node, message, notes=notes)


def _is_stream(ctx: Context, function: Owner) -> bool:
    """Whether a function makes a stream, which its consumer drives."""
    if not isinstance(function, cst.FunctionDef) or not ctx.functions.is_stream_function(function):
        return False
    return not is_driven_as_manager(ctx, function)


def _in_with(ctx: Context, node: cst.With) -> Iterator[Finding]:
    """Yields in `with variable.set(...)`, which resets the variable when it is left."""
    function = ctx.tree.owner(node)
    tokens = [item for item in node.items if _makes_token(ctx, item.item)]
    if node.asynchronous is not None or not tokens or not _is_stream(ctx, function):
        return
    assert isinstance(function, cst.FunctionDef)
    inside = [each for each in ctx.flow.live_yields(function) if ctx.tree.is_inside(each, node)]
    for item in tokens if inside else ():
        message = (
            f"leaving '{ctx.text(item.item)}' may reset it in another context: a yield lies in "
            f"this 'with' (line {ctx.line(inside[0])}), and closing the stream then fails with "
            "'Token was created in a different Context'. Set and reset around each step"
        )
        yield Finding(item, message, notes=((inside[0], "the stream can be left here"),))


def _makes_token(ctx: Context, made: cst.BaseExpression) -> bool:
    """Whether an expression sets a context variable that the file makes."""
    if not isinstance(made, cst.Call) or called(made) != "set" or len(made.args) != 1:
        return False
    variable = made.func.value if isinstance(made.func, cst.Attribute) else None
    binding = ctx.names.only(variable.value, variable) if isinstance(variable, cst.Name) else None
    value = None if binding is None else binding.value
    return isinstance(value, cst.Call) and ctx.names.is_a(value.func, ("contextvars.ContextVar",))


def _yield_between(
    ctx: Context, function: cst.FunctionDef, made: cst.Call, reset: cst.Call
) -> cst.Yield | None:
    """The first yield that may run between a set, here or in a function around, and the reset."""
    at = ctx.tree.place_in_order
    first = at(made) if ctx.tree.owner(made) is function else -1
    live = ctx.flow.live_yields(function)
    number = bisect_right(live, first, key=at)
    return live[number] if number < len(live) and at(live[number]) < at(reset) else None
