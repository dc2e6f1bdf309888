"""FP706: a stream pulls an iterator by hand, and its end becomes a RuntimeError."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from funcpipe_lint.model import Scope
from funcpipe_lint.rule import Bad, Context, Finding, Good, Rule
from funcpipe_lint.rule.flow import called
from funcpipe_lint.rules.questions.handlers import catching
from funcpipe_lint.screen.declaration import YIELD, Screen, Words


class FP706(Rule):
    """A stream pulls an iterator by hand, and its end becomes a RuntimeError.

    ## What it does
    Reports `await anext(iterator)` without a default, `await iterator.__anext__()` and
    `next(iterator)` without a default, in an async generator and outside every handler that may
    catch what ends an iterator.

    ## Why is this bad
    An iterator that has no more items raises StopAsyncIteration (StopIteration), and one that
    leaves the body of an async generator becomes `RuntimeError: async generator raised
    StopAsyncIteration`. An empty source, which should give an empty stream, fails that way.

    ## Fix safety
    There is no fix: whether the stream ends there, or an item is required, only the author knows.
    Give `anext` a default, or catch StopAsyncIteration and `return`.

    ## Known problems
    An iterator that certainly has another item is reported too. Related: FP701 reports the
    exception that is raised by name; pylint's `stop-iteration-return` covers plain generators.
    """

    code = "FP706"
    name = "bare-pull"
    summary = "the end of a source that is pulled by hand is a RuntimeError"
    scope = Scope.STRICT
    screen = Screen((Words((YIELD, ("next",))),))
    visits = (cst.Call,)
    bad = (
        Bad("""\
async def without_header(lines):
    iterator = aiter(lines)
    await anext(iterator)  # error
    async for line in iterator:
        yield line
"""),
        Bad("""\
async def pairs(names, numbers):
    async for name in names:
        yield name, next(numbers)  # error
"""),
    )
    good = (
        Good("""\
async def without_header(lines):
    iterator = aiter(lines)
    await anext(iterator, None)
    async for line in iterator:
        yield line
"""),
        Good("""\
async def joined(first, second):
    while True:
        try:
            yield await anext(first), await anext(second)
        except StopAsyncIteration:
            return
"""),
    )

    def check(self, node: cst.Call, ctx: Context) -> Iterator[Finding]:
        if not ctx.functions.is_stream_function(ctx.tree.owner(node)):
            return
        raised = _ends_with(ctx, node)
        if raised is None or not ctx.flow.is_live(node):
            return
        if catching(ctx.tree, ctx.names, node, raised) is not None:
            return
        message = (
            f"where '{ctx.text(node)}' finds no item, its {raised.__name__} becomes 'RuntimeError: "
            f"async generator raised {raised.__name__}'. Give it a default, or catch "
            f"{raised.__name__} and return"
        )
        yield Finding(node, message)


def _ends_with(ctx: Context, call: cst.Call) -> type[BaseException] | None:
    """What a call raises at the end of the iterator that it pulls; None where it pulls none."""
    is_awaited = isinstance(ctx.tree.parent(call), cst.Await)
    if isinstance(call.func, cst.Attribute):
        is_pull = called(call) == "__anext__" and is_awaited
        return StopAsyncIteration if is_pull else None
    if len(call.args) != 1:
        return None
    if is_awaited and ctx.names.is_a(call.func, ("builtins.anext",)):
        return StopAsyncIteration
    made = call.args[0].value
    is_endless = isinstance(made, cst.Call) or _is_counter(ctx, made)
    if not is_endless and ctx.names.is_a(call.func, ("builtins.next",)):
        return StopIteration
    return None


_ENDLESS = ("itertools.count", "itertools.cycle", "itertools.repeat")


def _is_counter(ctx: Context, iterator: cst.BaseExpression) -> bool:
    """Whether an iterator may never end: an attribute, or a name bound to `itertools.count`."""
    if not isinstance(iterator, cst.Name):
        return True
    binding = ctx.names.only(iterator.value, iterator)
    if binding is None:
        return True
    value = binding.value
    return isinstance(value, cst.Call) and ctx.names.is_a(value.func, _ENDLESS)
