"""FP703: `next` without a default runs in a thread, from which StopIteration cannot come back."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from funcpipe_lint.model import Edit, Fix, Scope
from funcpipe_lint.model.vocabulary import THREADS
from funcpipe_lint.rule import Bad, Context, Finding, Good, Rule
from funcpipe_lint.rule.flow import called
from funcpipe_lint.rules.questions.handlers import caught_kinds, may_catch
from funcpipe_lint.screen.declaration import Screen, Shape

# What runs a function in a thread, and which of its arguments that is.
_THREADS = {
    "asyncio.to_thread": 0,
    "starlette.concurrency.run_in_threadpool": 0,
    "fastapi.concurrency.run_in_threadpool": 0,
    "anyio.to_thread.run_sync": 0,
    "trio.to_thread.run_sync": 0,
}
_NEXT = ("builtins.next",)
_PARTIAL = ("functools.partial",)
_ENDLESS = ("itertools.count", "itertools.cycle", "itertools.repeat")


class FP703(Rule):
    """`next` without a default runs in a thread, from which StopIteration cannot come back.

    ## What it does
    Reports `asyncio.to_thread(next, iterator)`, `run_in_threadpool(next, iterator)`,
    `to_thread.run_sync(next, iterator)` and `loop.run_in_executor(None, next, iterator)` without a
    default for `next`; likewise `iterator.__next__`, `partial(next, iterator)` and `lambda:
    next(iterator)`. Nothing is reported where a handler for RuntimeError is around the call, nor
    for `itertools.count` and the like, which never end, nor in `for ... in range(...)` without a
    handler for StopIteration: who counts the items may pull an iterator that never ends.

    ## Why is this bad
    A future cannot hold StopIteration. At the end of the iterator Python 3.12 and later raise
    `RuntimeError: StopIteration interacts badly with generators` instead, which no `except
    StopIteration` catches; before 3.12 the error is logged, and the `await` never comes back. anyio
    and trio raise a RuntimeError as well.

    ## Fix safety
    Safe, and only offered for `try: item = await to_thread(next, iterator)` with `except
    StopIteration: break`: `next` is given a sentinel, and the loop ends where it comes back.

    ## Known problems
    The one finding in published packages was false (a loop over `range` pulls what never ends), and
    is silent since. The standard library says why in the documentation of
    [asyncio.Future](https://docs.python.org/3/library/asyncio-future.html).
    """

    code = "FP703"
    name = "next-in-a-thread"
    summary = "StopIteration of next() cannot leave a thread"
    scope = Scope.DEFAULT
    screen = Screen((Shape.NEXT_IN_THREAD,), without_streams=(("next",), THREADS))
    fix = "safe"
    visits = (cst.Call,)
    bad = (
        Bad(
            """\
import asyncio


async def from_thread(iterator):
    while True:
        try:
            item = await asyncio.to_thread(next, iterator)  # error
        except StopIteration:
            break
        yield item
""",
            """\
import asyncio


async def from_thread(iterator):
    end = object()
    while True:
        try:
            item = await asyncio.to_thread(next, iterator, end)
            if item is end:
                break
        except StopIteration:
            break
        yield item
""",
        ),
        Bad("""\
async def first(loop, iterator):
    return await loop.run_in_executor(None, lambda: next(iterator))  # error
"""),
    )
    good = (
        Good("""\
import asyncio

END = object()


async def from_thread(iterator):
    while (item := await asyncio.to_thread(next, iterator, END)) is not END:
        yield item
"""),
        Good("""\
import asyncio


async def read(file):
    return await asyncio.to_thread(file.read)
"""),
    )

    def check(self, node: cst.Call, ctx: Context) -> Iterator[Finding]:
        place = _function_argument(ctx, node)
        function = ctx.tree.function(node)
        if place is None or getattr(function, "asynchronous", None) is None:
            return
        given = _given(node, place)
        if not given or not _runs_next(ctx, given) or not ctx.flow.is_live(node):
            return
        if _catches(ctx, node, "RuntimeError"):  # it knows what comes instead
            return
        if _is_counted(ctx, node) and not _catches(ctx, node, "StopIteration"):
            return
        message = (
            "the iterator's StopIteration cannot leave a thread: at its end "
            f"'{ctx.text(node.func)}' raises RuntimeError, and before Python 3.12 it never comes "
            "back. Give next a default: next, iterator, END"
        )
        yield Finding(node, message, fix=_fix(ctx, node, given))


def _function_argument(ctx: Context, call: cst.Call) -> int | None:
    """Which argument of a call is the function that it runs in a thread; None: it runs none."""
    if isinstance(call.func, cst.Attribute) and called(call) == "run_in_executor":
        return 1
    word = called(call)
    if word not in ("to_thread", "run_in_threadpool", "run_sync") and not isinstance(
        call.func, cst.Name
    ):
        return None
    return next((at for name, at in _THREADS.items() if ctx.names.is_a(call.func, (name,))), None)


def _given(call: cst.Call, place: int) -> list[cst.BaseExpression]:
    """The function and its arguments; none where some are given in a way that hides them."""
    plain = [arg for arg in call.args if arg.keyword is None]
    if any(arg.star for arg in call.args) or len(plain) <= place:
        return []
    return [arg.value for arg in plain[place:]]


def _runs_next(ctx: Context, given: list[cst.BaseExpression]) -> bool:
    """Whether a function and its arguments certainly pull an iterator without a default."""
    function, *arguments = given
    if isinstance(function, cst.Attribute) and called(function) == "__next__":
        return not arguments
    if isinstance(function, cst.Lambda) and not arguments:
        body = function.body
        return isinstance(body, cst.Call) and _runs_next(ctx, [body.func, *_values(body)])
    if isinstance(function, cst.Call) and ctx.names.is_a(function.func, _PARTIAL):
        return _runs_next(ctx, [*_values(function), *arguments]) if function.args else False
    return (
        ctx.names.is_a(function, _NEXT)
        and len(arguments) == 1
        and not _is_endless(ctx, arguments[0])
    )


def _values(call: cst.Call) -> list[cst.BaseExpression]:
    return [arg.value for arg in call.args]


def _is_endless(ctx: Context, iterator: cst.BaseExpression) -> bool:
    if isinstance(iterator, cst.Name):
        binding = ctx.names.only(iterator.value, iterator)
        value = None if binding is None else binding.value
        return isinstance(value, cst.Call) and ctx.names.is_a(value.func, _ENDLESS)
    return isinstance(iterator, cst.Call) and ctx.names.is_a(iterator.func, _ENDLESS)


def _catches(ctx: Context, call: cst.Call, kind: str) -> bool:
    """Whether a handler around a call names an exception."""
    for above, child in ctx.tree.path(call):
        if isinstance(above, cst.Try) and child is above.body:
            caught = [one for handler in above.handlers for one in caught_kinds(handler) or ()]
            if any(ctx.names.is_a(one, (f"builtins.{kind}",)) for one in caught):
                return True
    return False


def _is_counted(ctx: Context, call: cst.Call) -> bool:
    """Whether the loop around a call runs a number of times."""
    for above, _ in ctx.tree.path(call):
        if isinstance(above, cst.FunctionDef | cst.While):
            return False
        if isinstance(above, cst.For):
            counted = above.iter
            return isinstance(counted, cst.Call) and ctx.names.is_a(
                counted.func, ("builtins.range",)
            )
    return False


def _fix(ctx: Context, call: cst.Call, given: list[cst.BaseExpression]) -> Fix | None:
    """`next` gets a sentinel, and the loop ends where it comes back: in the exact form alone."""
    line = ctx.tree.statement(call)
    block = ctx.tree.parent(line)
    attempt = None if block is None else ctx.tree.parent(block)
    if not isinstance(attempt, cst.Try) or attempt.body is not block or len(given) != 2:
        return None
    target = _target(line, call)
    leaving = _leaving(ctx, attempt)
    loop = next((a for a, _ in ctx.tree.path(attempt) if isinstance(a, cst.While | cst.For)), None)
    if target is None or not leaving or loop is None or not ctx.tree.is_faithful:
        return None
    name = _fresh(ctx, call)
    newline = ctx.tree.module.default_newline
    outer, inner = ctx.edits.indentation(loop), ctx.edits.indentation(line)
    if outer.strip() or inner.strip():
        return None
    unit = "\t" if "\t" in inner else ctx.tree.module.default_indent
    test = f"{inner}if {target} is {name}:{newline}{inner}{unit}{leaving}{newline}"
    edits: tuple[Edit, ...] = (
        ctx.edits.insert_after(given[1], f", {name}"),
        ctx.edits.after_line(line, test),
        ctx.edits.insert_before(loop, f"{name} = object(){newline}{outer}"),
    )
    return Fix(edits, True, "give next a sentinel")


def _target(line: cst.CSTNode, call: cst.Call) -> str | None:
    """The name that a line binds to what a call comes back with, alone."""
    assign = (
        line.body[0] if isinstance(line, cst.SimpleStatementLine) and len(line.body) == 1 else None
    )
    if not isinstance(assign, cst.Assign) or len(assign.targets) != 1:
        return None
    value, target = assign.value, assign.targets[0].target
    is_plain = isinstance(value, cst.Await) and value.expression is call
    return target.value if is_plain and isinstance(target, cst.Name) else None


def _leaving(ctx: Context, attempt: cst.Try) -> str:
    """What the only handler of a `try`, for StopIteration, does: break or return; else empty."""
    if len(attempt.handlers) != 1 or not may_catch(ctx.names, attempt.handlers[0], StopIteration):
        return ""
    body = attempt.handlers[0].body.body
    if len(body) != 1 or not isinstance(body[0], cst.SimpleStatementLine):
        return ""
    text = ctx.tree.code(body[0].body[0])
    return text if text in ("break", "return") and len(body[0].body) == 1 else ""


def _fresh(ctx: Context, at: cst.CSTNode) -> str:
    function = ctx.tree.function(at) or ctx.tree.module
    words = ("end", "no_more", "sentinel", "the_end_of_it")
    return next(word for word in words if not ctx.tree.named_in(word, function))
