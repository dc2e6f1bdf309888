"""FP505: a timeout cancels the pull of an iterator that is then pulled again."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from funcpipe_lint.model import Fix, Scope
from funcpipe_lint.rule import Bad, Context, Finding, Good, Rule
from funcpipe_lint.rule.flow import called, last_statement
from funcpipe_lint.rule.tree import Loop
from funcpipe_lint.rules.questions.handlers import Handler, caught_kinds
from funcpipe_lint.screen.declaration import Named, Screen, Words

_TIMEOUTS = ("builtins.TimeoutError", "asyncio.TimeoutError", "concurrent.futures.TimeoutError")
_SCOPES = (
    *("asyncio.timeout", "asyncio.timeout_at", "async_timeout.timeout", "async_timeout.timeout_at"),
    *("anyio.fail_after", "trio.fail_after"),
)
_SPAWNERS = ("asyncio.create_task", "asyncio.ensure_future")


class FP505(Rule):
    """A timeout cancels the pull of an iterator that is then pulled again.

    ## What it does
    Reports `await asyncio.wait_for(anext(iterator), ...)`, and `await anext(iterator)` in
    `asyncio.timeout(...)`, in a loop where a handler for TimeoutError goes on to the next turn,
    which pulls the same iterator. `__anext__()` counts as well, and a pull that is made a task.

    ## Why is this bad
    A timeout cancels the pull, and a cancelled async generator is finished: its clean-up runs and
    the next pull raises StopAsyncIteration. Of a source of three items that is slow once, the loop
    sees one, and then ends as if there were no more. Nothing is logged.

    ## Fix safety
    Unsafe: each pull then runs in a task of its own, and a source that keeps a cancel scope open
    over its yields, or sets a context variable for its consumer, needs them all in one task. The
    fix keeps the pull as a task, waits for it with `asyncio.wait`, which cancels nothing, and
    cancels it in a `finally` around the loop. It is only offered where the `try` has nothing but
    `wait_for` of one pull in it, and the loop mentions the iterator nowhere else.

    ## Known problems
    An iterator of a class whose `__anext__` can be cancelled and called again, as a queue's can,
    is reported too. How the language ends a cancelled generator is in
    [PEP 525](https://peps.python.org/pep-0525/).
    """

    code = "FP505"
    name = "cancelled-pull"
    summary = "a timeout finishes the generator that is pulled again"
    scope = Scope.STRICT
    screen = Screen(
        (Words((Named(("builtins.TimeoutError",)), ("next",), ("except",))),),
        without_streams=(("next",), ("TimeoutError",)),
    )
    fix = "unsafe"
    visits = (cst.Await,)
    bad = (
        Bad(
            """\
import asyncio


async def with_keep_alive(source):
    iterator = aiter(source)
    while True:
        try:
            yield await asyncio.wait_for(anext(iterator), 15)  # error
        except TimeoutError:
            yield "still there"
""",
            """\
import asyncio


async def with_keep_alive(source):
    iterator = aiter(source)
    pull = None
    try:
        while True:
            try:
                pull = pull or asyncio.ensure_future(anext(iterator))
                if not (await asyncio.wait({pull}, timeout=15))[0]:
                    raise TimeoutError
                ready, pull = pull, None
                yield ready.result()
            except TimeoutError:
                yield "still there"
    finally:
        if pull is not None:
            pull.cancel()
            await asyncio.gather(pull, return_exceptions=True)
""",
        ),
        Bad("""\
import asyncio


async def shown(iterator):
    while True:
        try:
            async with asyncio.timeout(1):
                item = await iterator.__anext__()  # error
        except asyncio.TimeoutError:
            print("waiting")
            continue
        print(item)
"""),
    )
    good = (
        Good("""\
import asyncio


async def with_keep_alive(source):
    iterator = aiter(source)
    pull = asyncio.ensure_future(anext(iterator))
    try:
        while True:
            done, _ = await asyncio.wait({pull}, timeout=15)
            if not done:
                yield "still there"
                continue
            try:
                item = pull.result()
            except StopAsyncIteration:
                break
            yield item
            pull = asyncio.ensure_future(anext(iterator))
    finally:
        pull.cancel()
"""),
        Good("""\
import asyncio


async def until_slow(iterator):
    while True:
        try:
            yield await asyncio.wait_for(anext(iterator), 15)
        except TimeoutError:
            break
"""),
    )

    def check(self, node: cst.Await, ctx: Context) -> Iterator[Finding]:
        pulled = _pulled_in_time(ctx, node)
        if pulled is None or not ctx.flow.is_live(node):
            return
        handler = _going_on(ctx, node)
        if handler is None or _is_made_anew(ctx, node, pulled):
            return
        message = (
            "a timeout here cancels the pull and thereby finishes the generator: "
            f"'{ctx.text(pulled)}' ends silently at the next pull, to which the handler goes on "
            f"(line {ctx.line(handler)}). Keep the pull as a task and use "
            "asyncio.wait, which cancels nothing"
        )
        notes = ((handler, "goes on to the next pull"),)
        yield Finding(node, message, notes=notes, fix=_fix(ctx, node, pulled, handler))


def _pulled_in_time(ctx: Context, node: cst.Await) -> cst.BaseExpression | None:
    """The iterator that an `await` pulls, where a timeout may cancel that."""
    call = node.expression
    if not isinstance(call, cst.Call):
        return None
    if ctx.names.is_a(call.func, ("asyncio.wait_for",)):
        return _pulled(ctx, call.args[0].value) if call.args else None
    pulled = _pulled(ctx, call)
    if pulled is None:
        return None
    scopes = (item.item for _, item in ctx.flow.managers(node))
    calls = [scope for scope in scopes if isinstance(scope, cst.Call)]
    return pulled if any(ctx.names.is_a(scope.func, _SCOPES) for scope in calls) else None


def _pulled(ctx: Context, call: cst.BaseExpression) -> cst.BaseExpression | None:
    """The name or attribute that a call pulls: of `anext(x)`, `x.__anext__()`, and a task of it."""
    if not isinstance(call, cst.Call):
        return None
    if ctx.names.is_a(call.func, _SPAWNERS) and call.args:
        return _pulled(ctx, call.args[0].value)
    value: cst.BaseExpression | None = None
    if ctx.names.is_a(call.func, ("builtins.anext",)) and len(call.args) == 1:
        value = call.args[0].value
    elif isinstance(call.func, cst.Attribute) and called(call) == "__anext__":
        value = call.func.value
    return value if isinstance(value, cst.Name | cst.Attribute) else None


def _going_on(ctx: Context, node: cst.CSTNode) -> Handler | None:
    """The handler for the timeout, where it comes to the next turn of a loop around its `try`."""
    handler: Handler | None = None
    for above, child in ctx.tree.path(node):
        if isinstance(above, cst.Try) and child is above.body and handler is None:
            named = [h for h in above.handlers if _names_timeout(ctx, h)]
            handler = named[0] if named else None
        elif isinstance(above, cst.For | cst.While) and child is above.body:
            return handler if handler is not None and _falls_through(ctx, handler) else None
    return None


def _names_timeout(ctx: Context, handler: Handler) -> bool:
    return any(ctx.names.is_a(kind, _TIMEOUTS) for kind in caught_kinds(handler) or ())


def _falls_through(ctx: Context, handler: Handler) -> bool:
    """Whether nothing in a handler leaves the loop."""
    leaves = (cst.Raise, cst.Return, cst.Break)
    if ctx.tree.own_in(handler, *leaves):
        return False
    attempt = ctx.tree.parent(handler)
    if attempt is None or isinstance(last_statement(handler.body.body[-1]), cst.Continue):
        return True
    rest = ctx.tree.siblings(attempt)[ctx.tree.number(attempt) + 1 :]
    return not any(isinstance(last_statement(each), leaves) for each in rest)


def _is_made_anew(ctx: Context, node: cst.Await, pulled: cst.BaseExpression) -> bool:
    """Whether the loop, or the handler, binds the iterator to another one."""
    loop = next(a for a, _ in ctx.tree.path(node) if isinstance(a, cst.For | cst.While))
    name = called(pulled)
    if isinstance(pulled, cst.Name):
        found = ctx.names.bindings(name, node)
        return not found or any(ctx.tree.is_inside(binding.node, loop) for binding in found)
    targets = ctx.tree.own(ctx.tree.owner(node), cst.AssignTarget)
    return any(called(each.target) == name and ctx.tree.is_inside(each, loop) for each in targets)


def _fix(ctx: Context, node: cst.Await, pulled: cst.BaseExpression, handler: Handler) -> Fix | None:
    """The pull becomes a task, which is kept until it is done and cancelled behind the loop."""
    timed = _timed(node)
    line, loop = ctx.tree.statement(node), _loop_of(ctx, node)
    if timed is None or loop is None or not _is_all_of(ctx, line, node):
        return None
    if not isinstance(pulled, cst.Name) or len(ctx.tree.named_in(pulled.value, loop)) != 1:
        return None
    function = ctx.tree.owner(node)
    pull = ctx.edits.unused(("pull", "next_pull"), function)
    ready = ctx.edits.unused(("ready", "pulled"), function)
    wait, gather, start = (ctx.edits.import_name(f"asyncio.{w}", node) for w in _USED)
    if not (pull and ready) or not (wait and gather and start) or wait[1] or gather[1] or start[1]:
        return None
    kinds = [k for k in caught_kinds(handler) or () if ctx.names.is_a(k, _TIMEOUTS)]
    call, seconds = (ctx.tree.code(each) for each in timed)
    indent, outer = ctx.edits.indentation(line), ctx.edits.indentation(loop)
    newline = ctx.tree.module.default_newline
    unit = "\t" if "\t" in indent else ctx.tree.module.default_indent
    below = f"{newline}{indent}{unit}"
    before = below.join(
        (
            f"{pull} = {pull} or {start[0]}({call})",
            f"if not (await {wait[0]}({{{pull}}}, timeout={seconds}))[0]:",
            f"{unit}raise {ctx.tree.code(kinds[0])}",
            f"{ready}, {pull} = {pull}, None",
            "",
        )
    )
    inner = (ctx.edits.insert_before(line, before), ctx.edits.replace(node, f"{ready}.result()"))
    wrapped = None if indent.strip() else ctx.edits.wrap(loop, "try:", inner)
    if wrapped is None:
        return None
    behind = f"{newline}{outer}".join(
        (
            "",
            "finally:",
            f"{unit}if {pull} is not None:",
            f"{unit}{unit}{pull}.cancel()",
            f"{unit}{unit}await {gather[0]}({pull}, return_exceptions=True)",
        )
    )
    text = f"{pull} = None{newline}{outer}{wrapped.text}{behind}"
    return Fix((wrapped._replace(text=text),), False, "keep the pull as a task")


_USED = ("wait", "gather", "ensure_future")


def _timed(node: cst.Await) -> tuple[cst.Call, cst.BaseExpression] | None:
    """The pull that `wait_for` is given, and the time."""
    call = cst.ensure_type(node.expression, cst.Call)
    if called(call) != "wait_for" or len(call.args) != 2 or any(arg.star for arg in call.args):
        return None
    first, second = call.args
    is_plain = first.keyword is None and (
        second.keyword is None or second.keyword.value == "timeout"
    )
    pull = first.value
    if not is_plain or not isinstance(pull, cst.Call) or called(pull) not in ("anext", "__anext__"):
        return None
    return pull, second.value


def _loop_of(ctx: Context, node: cst.CSTNode) -> Loop | None:
    return next((a for a, _ in ctx.tree.path(node) if isinstance(a, cst.For | cst.While)), None)


def _is_all_of(ctx: Context, line: cst.CSTNode, node: cst.Await) -> bool:
    """Whether a line, which is all that its `try` has, binds, yields or drops what is awaited."""
    block = ctx.tree.parent(line)
    attempt = None if block is None else ctx.tree.parent(block)
    if not isinstance(attempt, cst.Try) or attempt.body is not block:
        return False
    if len(attempt.body.body) != 1 or not isinstance(line, cst.SimpleStatementLine):
        return False
    only = line.body[0]
    value = only.value if isinstance(only, cst.Assign | cst.Expr) else None
    is_yielded = isinstance(value, cst.Yield) and value.value is node
    return len(line.body) == 1 and (value is node or is_yielded)
