"""FP316: a plain function drives an async iterator on an event loop, and never closes it."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from funcpipe_lint.model import Scope
from funcpipe_lint.rule import Bad, Context, Finding, Good, Rule
from funcpipe_lint.rule.bindings import Binding
from funcpipe_lint.rule.flow import called
from funcpipe_lint.screen.declaration import Screen, Words


class FP316(Rule):
    """A plain function drives an async iterator on an event loop, and never closes it.

    ## What it does
    Reports `loop.run_until_complete(iterator.__anext__())`, also with `anext(iterator)`, in a
    function that mentions neither `aclose` nor `shutdown_asyncgens`, and gives the iterator to
    nothing else; of an iterator that is given, where the function makes the loop and closes it.
    `runner.run(...)` of an `asyncio.Runner` is none: the runner closes what is left.

    ## Why is this bad
    When the bridge is left early, or its loop is closed, the async generator is still suspended.
    Its clean-up needs a running loop and never gets one: "Task was destroyed but it is pending",
    and the connection stays open.

    ## Fix safety
    There is no fix. Close the iterator on the loop that drives it, in a `finally`:
    `loop.run_until_complete(iterator.aclose())`, then
    `loop.run_until_complete(loop.shutdown_asyncgens())`, then `loop.close()`.

    ## Known problems
    An iterator of a class without `aclose` has nothing to close.
    """

    code = "FP316"
    name = "bridge-left-open"
    summary = "a sync bridge never closes the stream that it drives"
    scope = Scope.STRICT
    screen = Screen(
        (Words(beside=((("run_until_complete",), ("next",)),)),),
        without_streams=(("run_until_complete",), ("next",)),
    )
    visits = (cst.Call,)
    bad = (
        Bad("""\
import asyncio


def plainly(stream):
    loop = asyncio.new_event_loop()
    iterator = stream.__aiter__()
    try:
        while True:
            try:
                yield loop.run_until_complete(iterator.__anext__())  # error
            except StopAsyncIteration:
                break
    finally:
        loop.close()
"""),
        Bad("""\
import asyncio


def plainly(iterator):
    loop = asyncio.new_event_loop()
    try:
        while True:
            try:
                yield loop.run_until_complete(anext(iterator))  # error
            except StopAsyncIteration:
                break
    finally:
        loop.close()
"""),
        Bad("""\
def first(loop, stream):
    return loop.run_until_complete(anext(stream()))  # error
"""),
    )
    good = (
        Good("""\
import asyncio


def plainly(stream):
    loop = asyncio.new_event_loop()
    iterator = stream.__aiter__()
    try:
        while True:
            try:
                yield loop.run_until_complete(iterator.__anext__())
            except StopAsyncIteration:
                break
    finally:
        loop.run_until_complete(iterator.aclose())
        loop.close()
"""),
        Good("""\
def next_of(loop, iterator):
    return loop.run_until_complete(iterator.__anext__())  # whoever gave it closes it
"""),
    )

    def check(self, node: cst.Call, ctx: Context) -> Iterator[Finding]:
        if called(node) != "run_until_complete" or not node.args or not ctx.flow.is_live(node):
            return
        function = ctx.tree.owner(node)
        pulled = _pulled(ctx, node.args[0].value)
        if pulled is None or not isinstance(function, cst.FunctionDef):
            return
        if any(called(each) in _CLOSES for each in ctx.tree.own(function, cst.Attribute)):
            return
        if isinstance(pulled, cst.Name) and not _nobody_else_closes(ctx, node, pulled, function):
            return
        message = (
            f"nothing closes '{ctx.text(pulled)}' on the loop that drives it: left early, its "
            "clean-up never runs. Call loop.run_until_complete(iterator.aclose()) in a finally"
        )
        yield Finding(node, message)


def _pulled(ctx: Context, pull: cst.BaseExpression) -> cst.BaseExpression | None:
    """The iterator that an awaitable pulls, where it is a name or a call."""
    if not isinstance(pull, cst.Call):
        return None
    value: cst.BaseExpression | None = None
    if isinstance(pull.func, cst.Attribute) and called(pull) == "__anext__":
        value = pull.func.value
    elif ctx.names.is_a(pull.func, ("builtins.anext",)) and pull.args:
        value = pull.args[0].value
    return value if isinstance(value, cst.Name | cst.Call) else None


def _nobody_else_closes(
    ctx: Context, pull: cst.Call, name: cst.Name, function: cst.FunctionDef
) -> bool:
    """Whether a name is only pulled, and bound to what a call of the function gave; or it is given,
    and the function makes the loop that drives it, and closes that."""
    binding = ctx.names.only(name.value, name)
    if binding is None or binding.scope is not function:
        return False
    if binding.kind == "parameter":
        is_left = _makes_and_closes_its_loop(ctx, pull, function)
    else:
        is_left = binding.kind in _BOUND and isinstance(binding.value, cst.Call)
    return is_left and _is_only_pulled(ctx, binding, function)


def _is_only_pulled(ctx: Context, binding: Binding, function: cst.FunctionDef) -> bool:
    for use in ctx.tree.named(binding.name):
        is_binding = ctx.tree.is_inside(use, binding.node)
        if is_binding or ctx.names.only(binding.name, use) is not binding:
            continue
        above = ctx.tree.parent(use)
        call = ctx.tree.parent(above) if above is not None else None
        is_pulled = isinstance(call, cst.Call) and _pulled(ctx, call) is use
        if ctx.tree.owner(use) is not function or not is_pulled:
            return False  # a function inside goes on with it, as a finalizer does
    return True


def _makes_and_closes_its_loop(ctx: Context, pull: cst.Call, function: cst.FunctionDef) -> bool:
    """Whether the loop of a call is made by the function, and closed in it: nobody can close an
    iterator on it afterwards."""
    loop = _bound_once(ctx, pull)
    if loop is None or loop.scope is not function or not isinstance(loop.value, cst.Call):
        return False
    return ctx.names.is_a(loop.value.func, ("asyncio.new_event_loop",)) and any(
        called(call) == "close" and _bound_once(ctx, call) is loop
        for call in ctx.tree.own(function, cst.Call)
    )


def _bound_once(ctx: Context, call: cst.Call) -> Binding | None:
    """The one binding of the name that a method is called of."""
    name = call.func.value if isinstance(call.func, cst.Attribute) else None
    return ctx.names.only(name.value, name) if isinstance(name, cst.Name) else None


_CLOSES = frozenset({"aclose", "shutdown_asyncgens"})
_BOUND = ("assign", "annotate")
