"""FP202: an exception ends a stream whose errors are items."""

from __future__ import annotations

import builtins
from collections.abc import Iterator

import libcst as cst

from funcpipe_lint.model import Scope
from funcpipe_lint.model.vocabulary import HARMLESS_MANAGERS
from funcpipe_lint.rule import Bad, Context, Finding, Good, Rule
from funcpipe_lint.rule.flow import Try, finally_after
from funcpipe_lint.rules.questions.handlers import Handler, caught_kinds
from funcpipe_lint.rules.questions.naming import is_asked_to_stop
from funcpipe_lint.rules.questions.result_streams import gives_results
from funcpipe_lint.screen.declaration import STREAM_OF_RESULTS, Screen, Shape

_DEFECTS = (
    "builtins.NotImplementedError",
    "builtins.AssertionError",
    "asyncio.CancelledError",
    "concurrent.futures.CancelledError",
)
_END = ("builtins.StopAsyncIteration", "builtins.StopIteration")


class FP202(Rule):
    """An exception ends a stream whose errors are items.

    ## What it does
    Finds `raise` of a new exception in a stream function whose items are Results, where no `try`
    of the function catches it.

    In a module without Result types, under the strict and invariants profiles or selected by its
    code, an async generator without a return annotation counts as a stream of Results where a
    `yield` of it certainly gives an `Ok(...)` or `Err(...)`.

    ## Why is this bad
    A stream of Results promises that a failed item is an item. An exception ends the stream: the
    items after it are lost, and the consumer, who handles `Err`, does not expect it.

    ## Fix safety
    There is no fix: the error's code and words are the author's.

    ## Known problems
    Defects are meant to surface as exceptions: `AssertionError`, `NotImplementedError`,
    `assert_never`, a `RuntimeError` with a fixed text, and a wrong argument refused before the
    first item are left alone. Other classes for defects are not known.
    """

    code = "FP202"
    name = "raise-in-result-stream"
    summary = "an exception ends a stream of Results"
    scope = Scope.RESULT
    strict_elsewhere = True
    visits = (cst.Raise,)
    screen = Screen(STREAM_OF_RESULTS, ("raise",), elsewhere=(Shape.SIDE_YIELDED,))
    yields_to = ("FP203",)
    bad = (
        Bad("""\
from collections.abc import AsyncIterator

from funcpipe_streams import Err, ErrInfo, Ok, Result


async def sizes(lines) -> AsyncIterator[Result[int, ErrInfo]]:
    async for line in lines:
        if not line.isdigit():
            raise ValueError(line)  # error
        yield Ok(int(line))
"""),
        Bad("""\
from funcpipe_streams import AsyncGen, Ok


def pages(fetch) -> AsyncGen[str]:
    async def stream():
        page = await fetch()
        if page is None:
            raise StopAsyncIteration  # error
        yield Ok(page)

    return stream
"""),
    )
    good = (
        Good("""\
from collections.abc import AsyncIterator

from funcpipe_streams import Err, ErrInfo, Ok, Result


async def sizes(lines) -> AsyncIterator[Result[int, ErrInfo]]:
    async for line in lines:
        if not line.isdigit():
            yield Err(ErrInfo(code="SIZE", msg=f"{line!r} is no size"))
            continue
        yield Ok(int(line))
"""),
        Good("""\
from funcpipe_streams import AsyncGen, Ok


def chunks(size: int) -> AsyncGen[int]:
    if size < 1:
        raise ValueError(f"size is {size}: it must be at least 1")  # a wrong call, not an item

    async def stream():
        yield Ok(size)

    return stream
"""),
    )

    def check(self, node: cst.Raise, ctx: Context) -> Iterator[Finding]:
        function = ctx.tree.owner(node)
        if node.exc is None or not gives_results(self.code, function, ctx):
            return
        kind = node.exc.func if isinstance(node.exc, cst.Call) else node.exc
        if kind is node.exc and not ctx.names.candidates(kind):
            return  # a value that was handed on: it failed elsewhere, and surfaces here
        if ctx.names.may_be(kind, _DEFECTS) or _is_caught_name(ctx, node.exc):
            return
        if not ctx.flow.is_live(node) or _may_be_caught(ctx, node, kind):
            return
        if ctx.names.is_a(kind, _END):
            message = (
                f"'{ctx.text(kind)}' raised in a generator becomes a RuntimeError, and ends a "
                "stream of Results: use 'return' to end the stream"
            )
        elif _is_meant(ctx, node, kind):
            return
        else:
            message = (
                f"'{ctx.text(kind)}' ends this stream of Results, and the items after it are lost: "
                "yield an Err in its place, and go on"
            )
        yield Finding(node, message, cause=node)


def _is_meant(ctx: Context, node: cst.Raise, kind: cst.BaseExpression) -> bool:
    """Whether it is no item's error: a wrong call, a defect, or a stop that is asked for."""
    is_defect = _is_before_items(ctx, node) or _is_defect(ctx, node, kind)
    return is_defect or is_asked_to_stop(ctx.tree, node)


def _is_before_items(ctx: Context, node: cst.Raise) -> bool:
    """Whether a wrong argument is refused: outside every loop, before the first yield."""
    if any(isinstance(above, cst.For | cst.While) for above, _ in ctx.tree.path(node)):
        return False
    found: Iterator[cst.CSTNode] = ctx.tree.own(ctx.tree.owner(node), cst.Raise, cst.Yield)
    return next(each for each in found if each is node or isinstance(each, cst.Yield)) is node


def _is_defect(ctx: Context, node: cst.Raise, kind: cst.BaseExpression) -> bool:
    """Whether a broken invariant is reported: a RuntimeError that says always the same."""
    if not isinstance(node.exc, cst.Call) or not ctx.names.is_a(kind, ("builtins.RuntimeError",)):
        return False
    return node.cause is None and all(
        isinstance(arg.value, cst.SimpleString | cst.ConcatenatedString) for arg in node.exc.args
    )


def _is_caught_name(ctx: Context, raised: cst.BaseExpression) -> bool:
    """Whether the exception that a handler caught is raised again by its name."""
    if not isinstance(raised, cst.Name):
        return False
    return any(binding.kind == "except" for binding in ctx.names.bindings(raised.value, raised))


def _may_be_caught(ctx: Context, node: cst.Raise, kind: cst.BaseExpression) -> bool:
    for above, child in ctx.tree.path(node):
        final = finally_after(above, child)
        if final is not None and ctx.flow.leaves_in(final):
            return True
        if child is not getattr(above, "body", None):
            continue
        if isinstance(above, Try) and any(_may_catch(ctx, h, kind) for h in above.handlers):
            return True
        if isinstance(above, cst.With):
            for item in above.items:
                head = item.item.func if isinstance(item.item, cst.Call) else item.item
                # A sync manager of unknown meaning may well map or swallow errors.
                if above.asynchronous is None or ctx.names.may_be(head, HARMLESS_MANAGERS):
                    return True
    return False


def _may_catch(ctx: Context, handler: Handler, raised: cst.BaseExpression) -> bool:
    """Whether a handler may catch what is raised: everything but exceptions, builtin ones or
    classes of the file, of which it is known that neither is the other's base."""
    kinds = caught_kinds(handler)
    if kinds is None:
        return True
    one = _builtin_exception(ctx, raised)
    family = _family(ctx, raised) if one is None else None
    if family is not None:
        return any(_is_of(ctx, kind, family) for kind in kinds)
    if one is None:
        return not all(_builtin_exception(ctx, kind) is StopAsyncIteration for kind in kinds)
    others = [_builtin_exception(ctx, kind) for kind in kinds]
    return any(other is None or issubclass(one, other) for other in others)


Family = frozenset[cst.ClassDef | type[BaseException]]


def _family(ctx: Context, raised: cst.BaseExpression) -> Family | None:
    """A class of the file with its bases there and the builtin ones; None where one is unknown."""
    found: set[cst.ClassDef | type[BaseException]] = set()
    waiting = [raised]
    while waiting:
        kind = waiting.pop()
        builtin = _builtin_exception(ctx, kind)
        binding = ctx.names.only(kind.value, kind) if isinstance(kind, cst.Name) else None
        if builtin is not None:
            found.add(builtin)
        elif binding is None or not isinstance(binding.node, cst.ClassDef):
            return None
        elif binding.node not in found:
            found.add(binding.node)
            waiting += [base.value for base in binding.node.bases]
    return frozenset(found) if any(isinstance(one, type) for one in found) else None


def _is_of(ctx: Context, kind: cst.BaseExpression, family: Family) -> bool:
    """Whether a handler's class may be one of a family, or a base of it."""
    builtin = _builtin_exception(ctx, kind)
    if builtin is not None:
        return any(isinstance(one, type) and issubclass(one, builtin) for one in family)
    binding = ctx.names.only(kind.value, kind) if isinstance(kind, cst.Name) else None
    return binding is None or binding.kind != "class" or binding.node in family


def _builtin_exception(ctx: Context, kind: cst.BaseExpression) -> type[BaseException] | None:
    for name in ctx.names.candidates(kind):
        module, _, word = name.rpartition(".")
        found = getattr(builtins, word, None) if module == "builtins" else None
        if isinstance(found, type) and issubclass(found, BaseException):
            return found
    return None
