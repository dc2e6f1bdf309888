"""FP304: a resource is open while the consumer of a stream of Results runs."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from funcpipe_lint.model import Edit, Fix, Scope
from funcpipe_lint.model.reference import KIT, USING
from funcpipe_lint.rule import Bad, Context, Finding, Good, Rule
from funcpipe_lint.rule.names import matches
from funcpipe_lint.rules.questions.managers import Held, cancel_scope, held, is_lock, is_resource
from funcpipe_lint.screen.declaration import WITH, YIELD, Screen, Words


class FP304(Rule):
    """A resource is open while the consumer of a stream of Results runs.

    ## What it does
    Reports a `yield` inside `async with` (or inside `with open(...)` and its like) in a stream of
    Results. Managers that only close, suppress or lock are left alone, and so is a function that
    is only passed to `async_gen_using`.

    ## Why is this bad
    The resource stays open for as long as the consumer keeps the stream, and how it is released
    depends on how the stream is left: at once by `aclose()`, later by the garbage collector after a
    bare `break`, in another task then. `async_gen_using` releases it in the same order on every way
    out, and its laws say so. Without the kit: read what is needed inside the block and yield after
    it, or let the caller open what the stream reads from and pass it in.

    ## Fix safety
    The fix is safe and is offered only where the stream function holds nothing but `async with
    cm() as r: async for x in f(r)(): yield x` and is what its builder returns; unsafe where a
    comment in it would be lost.

    ## Known problems
    A manager that holds no resource (an error map, a timer) is known where the project defines it
    by a function that does nothing behind its yield; elsewhere, say so in a suppression. A
    primitive of your own that holds resources on purpose is named in `using`. Of plain `with`
    blocks only openers count (`open`, `socket.socket`, methods named `open` or `connect`); the key
    `openers` names more.
    """

    code = "FP304"
    name = "resource-across-yield"
    summary = "a stream of Results yields while it holds a resource by hand"
    scope = Scope.RESULT
    strict_elsewhere = True
    fix = "safe"
    visits = (cst.FunctionDef,)
    screen = Screen((Words((YIELD, WITH), passed_to="using"),))
    yields_to = ("FP305", "FP307")
    bad = (
        Bad(
            """\
from funcpipe_streams import AsyncGen


def rows(connect, read) -> AsyncGen[str]:
    async def stream():
        async with connect() as connection:
            async for row in read(connection)():
                yield row  # error

    return stream
""",
            """\
from funcpipe_streams import async_gen_using, AsyncGen


def rows(connect, read) -> AsyncGen[str]:
    return async_gen_using(connect, read)
""",
        ),
        Bad("""\
from collections.abc import AsyncIterator

from funcpipe_streams import ErrInfo, Ok, Result


async def lines(path) -> AsyncIterator[Result[str, ErrInfo]]:
    with open(path) as file:
        for line in file:
            yield Ok(line)  # error
"""),
    )
    good = (
        Good("""\
from funcpipe_streams import AsyncGen, async_gen_using


def rows(connect, read) -> AsyncGen[str]:
    return async_gen_using(connect, read)
"""),
        Good("""\
from funcpipe_streams import AsyncGen, closing_stream


def passed_on(source: AsyncGen[str]) -> AsyncGen[str]:
    async def stream():
        async with closing_stream(source()) as items:
            async for item in items:
                yield item

    return stream
"""),
    )

    def check(self, node: cst.FunctionDef, ctx: Context) -> Iterator[Finding]:
        if not ctx.functions.is_stream_function(node) or _is_using(ctx, node):
            return
        if ctx.streams.is_result_module and not ctx.streams.yields_results(node):
            # `all` calls modules so in which every stream counts where the rule was asked for.
            is_asked = self.code in ctx.settings.everywhere
            if not (is_asked and ctx.settings.discipline == "all"):
                return
        reported: set[cst.CSTNode] = set()
        for place in ctx.flow.live_yields(node):
            managers = list(held(ctx, place))
            if any(cancel_scope(ctx, m.manager) or is_lock(ctx, m.manager) for m in managers):
                continue
            for each in managers:
                if not is_resource(ctx, each.manager, is_async=each.is_async):
                    continue
                if each.place not in reported:
                    reported.add(each.place)
                    yield _finding(ctx, node, place, each)
                break


def _finding(ctx: Context, function: cst.FunctionDef, place: cst.Yield, entered: Held) -> Finding:
    item = entered.place
    way_out = (
        "let async_gen_using hold it, which releases it however the stream is left"
        if _uses_kit(ctx)
        else "read what is needed inside and yield it after, or take what is opened as a parameter,"
        " so that the caller opens and closes it"
    )
    message = (
        f"'{ctx.text(entered.manager)}' (line {ctx.line(item)}) stays open for as long as the "
        f"consumer keeps the stream: {way_out}"
    )
    notes = ((item, "the resource is opened here"),)
    return Finding(place, message, cause=place, notes=notes, fix=_fix(ctx, function))


def _uses_kit(ctx: Context) -> bool:
    """Whether a module uses the kit, or has a primitive of its own: advice and fixes bring neither
    into other code."""
    return bool(ctx.settings.using) or any(
        dotted.partition(".")[0] == KIT for _, dotted in ctx.names.imported()
    )


def _is_using(ctx: Context, function: cst.FunctionDef) -> bool:
    """Whether a function is the primitive that holds resources, or is only ever passed to it."""
    known = (*USING, *ctx.settings.using)
    around = [
        f for f in (function, *ctx.tree.functions(function)) if isinstance(f, cst.FunctionDef)
    ]
    words = {name.rpartition(".")[2] for name in known}
    if any(f.name.value in words for f in around):
        return True
    return any(_is_only_passed(ctx, f, known) for f in around)


def _is_only_passed(ctx: Context, function: cst.FunctionDef, known: tuple[str, ...]) -> bool:
    uses = [
        name
        for name in ctx.tree.named(function.name.value)
        if name is not function.name and ctx.functions.definition(name) is function
    ]
    return bool(uses) and all(_is_passed(ctx, use, known) for use in uses)


def _is_passed(ctx: Context, use: cst.Name, known: tuple[str, ...]) -> bool:
    arg = ctx.tree.parent(use)
    call = ctx.tree.parent(arg) if isinstance(arg, cst.Arg) else None
    if not isinstance(call, cst.Call):
        return False
    found = ctx.names.candidates(call.func)
    return bool(found) and all(matches(name, known) for name in found)


def _fix(ctx: Context, function: cst.FunctionDef) -> Fix | None:
    """`async with cm() as r: async for x in f(r)(): yield x`, returned by a builder, becomes a call
    of the primitive."""
    parts = _parts(function)
    builder = ctx.tree.owner(function)
    if parts is None or not isinstance(builder, cst.FunctionDef) or not ctx.tree.is_faithful:
        return None
    if not _uses_kit(ctx):
        return None
    if function.decorators or function.params.params or not ctx.streams.is_builder(builder):
        return None
    follower = ctx.tree.siblings(function)[ctx.tree.number(function) + 1 :]
    if len(follower) != 1 or not _returns(follower[0], function.name.value):
        return None
    manager, make = parts
    imported = ctx.edits.import_name((*ctx.settings.using, *USING)[0], function)
    if imported is None:
        return None
    local, edits = imported
    start, end = ctx.tree.span(function)[0], ctx.tree.span(follower[0])[1]
    call = f"return {local}({ctx.tree.code(manager)}, {ctx.tree.code(make)})"
    is_safe = "#" not in ctx.tree.text[start:end]  # or a comment would be lost
    return Fix((Edit(start, end, call), *edits), is_safe, "let async_gen_using hold the resource")


def _parts(function: cst.FunctionDef) -> tuple[cst.BaseExpression, cst.BaseExpression] | None:
    """(cm, f) where the body is exactly `async with cm() as r: async for x in f(r)(): yield x`."""
    block = _only(function.body)
    if not isinstance(block, cst.With) or block.asynchronous is None or len(block.items) != 1:
        return None
    item = block.items[0]
    loop = _only(block.body)
    if not isinstance(item.item, cst.Call) or item.item.args or item.asname is None:
        return None
    if not isinstance(loop, cst.For) or loop.asynchronous is None or loop.orelse is not None:
        return None
    line = _only(loop.body)
    if not isinstance(line, cst.SimpleStatementLine) or len(line.body) != 1:
        return None
    passed, run = line.body[0], loop.iter
    if not isinstance(passed, cst.Expr) or not isinstance(passed.value, cst.Yield):
        return None
    if passed.value.value is None or not loop.target.deep_equals(passed.value.value):
        return None
    if not isinstance(run, cst.Call) or run.args or not isinstance(run.func, cst.Call):
        return None
    made = run.func
    if len(made.args) != 1 or made.args[0].keyword is not None or made.args[0].star:
        return None
    if not made.args[0].value.deep_equals(item.asname.name):
        return None
    return (item.item.func, made.func) if _is_plain(item.item.func, made.func) else None


def _is_plain(*expressions: cst.BaseExpression) -> bool:
    return all(isinstance(e, cst.Name) for e in expressions)


def _only(block: cst.BaseSuite) -> cst.CSTNode | None:
    return block.body[0] if len(block.body) == 1 else None


def _returns(statement: cst.CSTNode, name: str) -> bool:
    """Whether a statement is `return name`, or `return lambda: name()`."""
    if not isinstance(statement, cst.SimpleStatementLine) or len(statement.body) != 1:
        return False
    returned = statement.body[0]
    if not isinstance(returned, cst.Return):
        return False
    value = returned.value
    if isinstance(value, cst.Lambda) and isinstance(value.body, cst.Call) and not value.body.args:
        value = value.body.func
    return isinstance(value, cst.Name) and value.value == name
