"""FP301: a stream that is opened and iterated here is closed by hand."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from funcpipe_lint.model import Edit, Fix, Scope
from funcpipe_lint.rule import Bad, Context, Finding, Good, Rule
from funcpipe_lint.rule.bindings import Binding
from funcpipe_lint.rule.flow import called
from funcpipe_lint.rules.questions.closing import ACLOSING
from funcpipe_lint.rules.questions.started_tasks import is_free_spawn, is_group_spawn
from funcpipe_lint.screen.declaration import Screen, Words

# A class closes what it iterates in these; there is no block to put around it.
_OWN_PROTOCOL = ("aclose", "__aexit__", "__anext__")


class FP301(Rule):
    """A stream that is opened and iterated here is closed by hand instead of by `aclosing`.

    ## What it does
    Reports `await x.aclose()`, and `getattr(x, "aclose", ...)`, where `x` is a name that this
    function binds to a stream (a known stream call, `aiter(...)`, `.__aiter__()`, or annotated as
    an async iterator) and iterates. Clients, responses, files and attributes are left alone, and so
    are a class's own `aclose`, `__aexit__` and `__anext__`, and a `finally` that also cancels
    tasks. A form with `getattr`, `hasattr` or `isinstance` says that `x` may lack `aclose`, which
    `aclosing` does not accept: it is left alone where it begins the `finally` of a `try` right
    behind the opening, for then every way out closes `x`. So is a stream that the function also
    returns, stores in an object or hands to a task: it has another owner.

    ## Why is this bad
    Hand-written closing is forgotten on one of the ways out: an exception between the call and the
    `try`, a `return` added later, a cancellation. `aclosing` covers all of them, and says so.

    ## Fix safety
    Safe, and only offered for the exact form: the assignment, directly followed by `try` with one
    `async for` over the name and a `finally` with nothing but the close.

    ## Known problems
    A hand-driven protocol (`asend`, `athrow`) is reported too; `aclosing` fits it as well.
    """

    code = "FP301"
    name = "manual-aclose"
    summary = "a stream is closed by hand"
    scope = Scope.RESULT
    strict_elsewhere = True
    fix = "safe"
    visits = (cst.Call,)
    screen = Screen((Words(beside=((("aclose",),),)),))
    bad = (
        Bad(
            """\
async def numbers():
    yield 1


async def total():
    result = 0
    stream = numbers()
    try:
        async for number in stream:
            result += number
    finally:
        await stream.aclose()  # error
    return result
""",
            """\
from contextlib import aclosing


async def numbers():
    yield 1


async def total():
    result = 0
    async with aclosing(numbers()) as stream:
        async for number in stream:
            result += number
    return result
""",
        ),
        Bad("""\
async def relay(source):
    stream = source.__aiter__()
    async for item in stream:
        yield item
    close = getattr(stream, "aclose", None)  # error
    if close is not None:
        await close()
"""),
    )
    good = (
        Good("""\
from contextlib import aclosing


async def numbers():
    yield 1


async def total():
    async with aclosing(numbers()) as stream:
        return sum([number async for number in stream])
"""),
        Good("""\
async def fetch(client):
    response = await client.get("/")
    try:
        async for line in response.lines():
            print(line)
    finally:
        await response.aclose()  # a response, not a stream
"""),
        Good("""\
async def relay(source):
    stream = source.__aiter__()
    try:
        async for item in stream:
            yield item
    finally:
        close = getattr(stream, "aclose", None)  # which not every iterator has
        if close is not None:
            await close()
"""),
    )

    def check(self, node: cst.Call, ctx: Context) -> Iterator[Finding]:
        name = self._closed_name(node, ctx)
        function = ctx.tree.function(node)
        if name is None or not isinstance(function, cst.FunctionDef):
            return
        if function.name.value in _OWN_PROTOCOL or self._is_kernel(node, ctx):
            return
        binding = ctx.names.only(name.value, name)
        if binding is None or binding.scope is not function or not self._is_stream(binding, ctx):
            return
        guard = self._asked_first(node, name.value, ctx)
        if guard is not None and self._is_on_every_way_out(guard, binding, ctx):
            return
        loop = self._iteration(name.value, function, ctx)
        if loop is None or self._is_managed(name.value, function, ctx):
            return
        if any(_is_handed_on(use, ctx) for use in ctx.tree.named_in(name.value, function.body)):
            return
        message = (
            f"'{name.value}' is closed by hand: what happens before the try, or a way out added "
            f"later, leaves it open. Open it with async with aclosing(...) as {name.value}:"
        )
        fix = self._rewrite(binding, node, loop, ctx)
        yield Finding(node, message, cause=loop, notes=((binding.node, "opened here"),), fix=fix)

    def _closed_name(self, call: cst.Call, ctx: Context) -> cst.Name | None:
        """`x` of an awaited `x.aclose()`, or of `getattr(x, "aclose", ...)`."""
        if isinstance(call.func, cst.Attribute) and call.func.attr.value == "aclose":
            is_awaited = isinstance(ctx.tree.parent(call), cst.Await)
            value = call.func.value
            return value if is_awaited and isinstance(value, cst.Name) else None
        if len(call.args) < 2 or not ctx.names.is_a(call.func, ("builtins.getattr",)):
            return None
        subject, attribute = call.args[0].value, call.args[1].value
        if not isinstance(attribute, cst.SimpleString) or attribute.evaluated_value != "aclose":
            return None
        return subject if isinstance(subject, cst.Name) else None

    def _is_kernel(self, call: cst.Call, ctx: Context) -> bool:
        """Whether the clean-up around the close cancels tasks too."""
        for above, _ in ctx.tree.path(call):
            if isinstance(above, cst.Finally | cst.ExceptHandler | cst.ExceptStarHandler):
                return any("cancel" in called(each) for each in ctx.tree.own_in(above, cst.Call))
        return False

    def _asked_first(self, close: cst.Call, name: str, ctx: Context) -> cst.CSTNode | None:
        """What asks whether there is an `aclose` at all, before a close."""
        if called(close) == "getattr":
            return close
        for above, child in ctx.tree.path(close):
            if not isinstance(above, cst.If) or child is not above.body:
                continue
            for test in ctx.tree.own_in(above.test, cst.Call):
                is_asked = ctx.names.is_a(test.func, ("builtins.isinstance", "builtins.hasattr"))
                if is_asked and test.args and _is_name(test.args[0].value, name):
                    return above
        return None

    def _is_on_every_way_out(self, guard: cst.CSTNode, binding: Binding, ctx: Context) -> bool:
        """Whether the close begins the `finally` of a `try` that directly follows the opening."""
        closing = guard if isinstance(guard, cst.If) else ctx.tree.statement(guard)
        _, attempt = ctx.tree.above_and_below(ctx.tree.statement(binding.node))
        if not isinstance(attempt, cst.Try) or attempt.finalbody is None:
            return False
        return attempt.finalbody.body.body[0] is closing

    def _is_stream(self, binding: Binding, ctx: Context) -> bool:
        if binding.kind not in ("assign", "annotate") or binding.value is None:
            return False
        kind = ctx.annotations.stream_type(binding.annotation, binding.node)
        if kind is not None:
            return kind.colour == "async" and not kind.is_description
        value = binding.value
        link = ctx.streams.link(value)
        if link is not None and link.kind == "made":
            return True
        if ctx.streams.async_stream_call(value) is not None:
            return True
        if not isinstance(value, cst.Call):
            return False
        return ctx.names.is_a(value.func, ("builtins.aiter",)) or called(value) == "__aiter__"

    def _iteration(self, name: str, function: cst.FunctionDef, ctx: Context) -> cst.CSTNode | None:
        """The loop or pull that iterates a name in the function's own body."""
        for loop in ctx.tree.own(function, cst.For, cst.CompFor):
            iterable = getattr(loop, "iter", None)
            if getattr(loop, "asynchronous", None) and _is_name(iterable, name):
                return loop
        for call in ctx.tree.own(function, cst.Call):
            if called(call) == "anext" and call.args and _is_name(call.args[0].value, name):
                return call
            func = call.func
            is_pull = isinstance(func, cst.Attribute) and func.attr.value == "__anext__"
            if is_pull and _is_name(getattr(func, "value", None), name):
                return call
        return None

    def _is_managed(self, name: str, function: cst.FunctionDef, ctx: Context) -> bool:
        return any(
            _is_name(item.item.args[0].value, name)
            for item in ctx.tree.own(function, cst.WithItem)
            if isinstance(item.item, cst.Call) and item.item.args
        )

    def _rewrite(
        self, binding: Binding, close: cst.Call, loop: cst.CSTNode, ctx: Context
    ) -> Fix | None:
        """The exact form, as one replacement from the assignment to the end of the `try`."""
        attempt = ctx.tree.parent(ctx.tree.parent(loop) or loop)
        if not isinstance(loop, cst.For) or not isinstance(attempt, cst.Try):
            return None
        opening = ctx.tree.statement(binding.node)
        if not _is_exact(attempt, loop, opening, close, ctx) or not ctx.tree.is_faithful:
            return None
        start, opened = ctx.tree.span(opening)
        begin, end = ctx.tree.span(attempt)
        _, body_end = ctx.tree.span(loop)
        text = ctx.tree.text
        head = text.index(":", begin) + 1
        if text[opened:begin].strip() or "#" in text[body_end:end]:
            return None  # a comment would be lost
        if _is_used_after(binding.name, end, loop, ctx):
            return None
        imported = ctx.edits.import_name(ACLOSING, loop)
        if imported is None or binding.value is None:
            return None
        local, edits = imported
        header = f"async with {local}({ctx.tree.code(binding.value)}) as {binding.name}:"
        edit = Edit(start, end, header + text[head:body_end])
        return Fix((edit, *edits), True, "close the stream with aclosing")


def _is_name(node: cst.CSTNode | None, name: str) -> bool:
    return isinstance(node, cst.Name) and node.value == name


def _is_handed_on(use: cst.Name, ctx: Context) -> bool:
    """Whether a use gives a stream another owner: it is returned, stored in an object or handed to
    a task."""
    for above, child in ctx.tree.path(use):
        if isinstance(above, cst.Call):
            if child is not above.func and (is_free_spawn(ctx, above) or is_group_spawn(above)):
                return True
        elif isinstance(above, cst.Return):
            return child is above.value and _holds(above.value, use)
        elif isinstance(above, cst.Assign):
            places = (each.target for each in above.targets)
            is_stored = any(isinstance(p, cst.Attribute | cst.Subscript) for p in places)
            return is_stored and _holds(above.value, use)
        elif isinstance(above, cst.BaseSmallStatement | cst.BaseCompoundStatement):
            return False
    return False


def _holds(value: cst.BaseExpression, use: cst.Name) -> bool:
    """Whether a value is a name's, or a display that has it as an element."""
    if isinstance(value, cst.Tuple | cst.List | cst.Set):
        return any(_holds(element.value, use) for element in value.elements)
    if isinstance(value, cst.Dict):
        return any(_holds(element.value, use) for element in value.elements)
    return value is use


def _is_exact(
    attempt: cst.Try, loop: cst.For, opening: cst.CSTNode, close: cst.Call, ctx: Context
) -> bool:
    """`x = CALL`, `try` with nothing but the loop, `finally` with nothing but the close."""
    if attempt.handlers or attempt.orelse is not None or attempt.finalbody is None:
        return False
    if list(attempt.body.body) != [loop] or len(attempt.finalbody.body.body) != 1:
        return False
    last = attempt.finalbody.body.body[0]
    if not isinstance(last, cst.SimpleStatementLine) or len(last.body) != 1:
        return False
    expression = last.body[0]
    if not isinstance(expression, cst.Expr) or not isinstance(expression.value, cst.Await):
        return False
    if expression.value.expression is not close or called(close) != "aclose":
        return False
    if ctx.tree.above_and_below(attempt)[0] is not opening:
        return False
    assign = opening.body[0] if isinstance(opening, cst.SimpleStatementLine) else None
    is_plain = isinstance(assign, cst.Assign) and len(assign.targets) == 1
    return is_plain and len(getattr(opening, "body", ())) == 1


def _is_used_after(name: str, end: int, loop: cst.For, ctx: Context) -> bool:
    function = ctx.tree.function(loop)
    uses = () if function is None else ctx.tree.named_in(name, function.body)
    return bool(uses) and ctx.tree.span(uses[-1])[0] >= end
