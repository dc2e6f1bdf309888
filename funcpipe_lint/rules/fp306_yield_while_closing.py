"""FP306: a stream yields while it is being closed."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from funcpipe_lint.model import Scope
from funcpipe_lint.model.vocabulary import CLOSING
from funcpipe_lint.rule import Bad, Context, Finding, Good, Rule
from funcpipe_lint.rule.flow import Try, called, is_method_of
from funcpipe_lint.rules.questions.handlers import Handler, catches
from funcpipe_lint.screen.declaration import Screen, Shape


class FP306(Rule):
    """A stream yields while it is being closed.

    ## What it does
    Finds a `yield` that is reached while an async generator is being closed: in a `finally`, or
    in a handler for `GeneratorExit`, `BaseException` or everything, where a `yield` stands in the
    body of the `try`. The first of such a block is reported: closing the stream fails there.

    ## Why is this bad
    `aclose()` throws `GeneratorExit` into the stream. A stream that answers with another item
    makes `aclose()` fail with "async generator ignored GeneratorExit", and the clean-up after the
    `yield` is skipped.

    ## Fix safety
    There is no fix: only the author knows whether the last item belongs to the end or to a
    failure.

    ## Known problems
    A handler that lets `GeneratorExit` pass in another way than by a `raise` before the `yield`
    is reported. A `yield` in a `finally` that first asks for a name of the function is taken to
    know whether the stream is being closed.
    """

    code = "FP306"
    name = "yield-while-closing"
    summary = "a stream yields again while it is being closed"
    scope = Scope.DEFAULT
    visits = (cst.Yield,)
    screen = Screen((Shape.CLOSING_YIELD,))
    bad = (
        Bad("""\
async def rows(cursor):
    try:
        async for row in cursor:
            yield row
    finally:
        yield cursor.summary()  # error
"""),
        Bad("""\
async def rows(cursor):
    try:
        async for row in cursor:
            yield row
    except BaseException as error:
        yield error  # error
"""),
        Bad("""\
async def lines(reader):
    buffer = ""
    try:
        async for chunk in reader:
            buffer += chunk
            while "\\n" in buffer:
                line, buffer = buffer.split("\\n", 1)
                yield line
    finally:
        if buffer:
            yield buffer  # error
"""),
    )
    good = (
        Good("""\
async def lines(reader):
    buffer = ""
    try:
        async for chunk in reader:
            buffer += chunk
            if buffer.endswith("\\n"):
                line, buffer = buffer, ""
                yield line
    finally:
        if buffer:
            yield buffer
"""),
        Good("""\
async def rows(cursor):
    async for row in cursor:
        yield row
    yield cursor.summary()
"""),
        Good("""\
async def rows(cursor):
    try:
        async for row in cursor:
            yield row
    except Exception as error:
        yield error
"""),
    )

    def check(self, node: cst.Yield, ctx: Context) -> Iterator[Finding]:
        if not ctx.functions.is_stream_function(ctx.tree.owner(node)) or not ctx.flow.is_live(node):
            return
        for above, child in ctx.tree.path(node):
            if not isinstance(above, Try):
                continue
            part = ""
            if child is above.finalbody:
                is_met = _suspends(ctx, above) and _is_first(ctx, node, above, child)
                part = "'finally'" if is_met else ""
            elif isinstance(child, Handler) and ctx.flow.live_yields_in(above.body):
                part = "this handler" if _meets_closing(ctx, node, above, child) else ""
            if part:
                yield _finding(node, part, child)
                return


def _suspends(ctx: Context, block: Try) -> bool:
    """Whether the stream can be closed inside the `try`, before its `finally`."""
    parts = (block.body, *block.handlers, *((block.orelse,) if block.orelse else ()))
    return any(ctx.flow.live_yields_in(part) for part in parts)


def _is_first(ctx: Context, node: cst.Yield, block: Try, final: cst.CSTNode) -> bool:
    """Whether a yield is the first of a `finally` that closing certainly may come to: it fails
    there."""
    for found in ctx.flow.live_yields_in(final):
        if not _is_decided(ctx, found, block):
            return found is node
    return False


def _is_decided(ctx: Context, node: cst.Yield, block: Try) -> bool:
    """Whether an `if` in the `finally` asks for a name that the function sets on the way: it may
    well know whether the stream is being closed."""
    for above, _ in ctx.tree.path(node):
        if above is block:
            return False
        if isinstance(above, cst.If) and _is_true_at_a_yield(ctx, above.test, block):
            continue
        if isinstance(above, cst.If | cst.While):
            for name in _names_in(ctx, above.test):
                if any(
                    binding.scope is ctx.tree.owner(node) and binding.kind != "parameter"
                    for binding in ctx.names.bindings(name.value, name)
                ):
                    return True
    return False


def _is_true_at_a_yield(ctx: Context, test: cst.BaseExpression, block: Try) -> bool:
    """Whether a test is a flag that the body of the `try` sets right before it yields: closing the
    stream there finds it set."""
    if not isinstance(test, cst.Name):
        return False
    if _is_filled_at_a_yield(ctx, test, block):
        return True
    for line in ctx.tree.own_in(block.body, cst.SimpleStatementLine):
        assign = line.body[-1]
        if not isinstance(assign, cst.Assign):
            continue
        is_true = isinstance(assign.value, cst.Name) and assign.value.value == "True"
        targets = [each.target for each in assign.targets]
        if not is_true or not any(
            isinstance(t, cst.Name) and t.value == test.value for t in targets
        ):
            continue
        _, below = ctx.tree.above_and_below(line)
        if isinstance(below, cst.SimpleStatementLine) and ctx.flow.live_yields_in(below):
            return True
    return False


def _is_filled_at_a_yield(ctx: Context, test: cst.Name, block: Try) -> bool:
    """Whether the body of the `try` puts something into a buffer and comes to a yield below, before
    it empties or binds the buffer anew: closing the stream there finds it filled."""
    binds = {binding.node for binding in ctx.names.bindings(test.value, test)}
    for line in ctx.tree.own_in(block.body, cst.SimpleStatementLine):
        if not _fills(line.body[-1], test.value):
            continue
        for behind in ctx.tree.siblings(line)[ctx.tree.number(line) + 1 :]:
            for node in ctx.tree.own_below(behind):
                if _keeps_the_rest(node, test.value):
                    continue
                if node in binds or is_method_of(node, test.value):
                    break
                if isinstance(node, cst.Yield) and ctx.flow.is_live(node):
                    return True
            else:
                continue
            break
    return False


def _fills(statement: cst.CSTNode, name: str) -> bool:
    """Whether a statement is `name.append(...)` or `name += ...`."""
    if isinstance(statement, cst.AugAssign):
        target = statement.target
        return isinstance(target, cst.Name) and target.value == name
    call = statement.value if isinstance(statement, cst.Expr) else None
    return is_method_of(call, name) and called(call) == "append"


def _keeps_the_rest(node: cst.CSTNode, name: str) -> bool:
    """Whether a node takes the front off a buffer, `line, rest = rest.split(...)` or `rest =
    rest[n:]`: what is left stays in it; or only reads it."""
    if isinstance(node, cst.Assign):
        value = node.value
        if isinstance(value, cst.Subscript) and isinstance(value.value, cst.Name):
            part = value.slice[0].slice
            return value.value.value == name and isinstance(part, cst.Slice) and part.upper is None
        return _keeps_the_rest(value, name)
    return is_method_of(node, name) and called(node) in _READING


# Methods of text and bytes that take nothing away.
_READING = frozenset({"split", "rsplit", "partition", "splitlines", "find", "index", "startswith"})


def _names_in(ctx: Context, test: cst.BaseExpression) -> Iterator[cst.Name]:
    for name in ctx.tree.own(ctx.tree.owner(test), cst.Name):
        if ctx.tree.is_inside(name, test):
            yield name


def _meets_closing(ctx: Context, node: cst.Yield, block: Try, handler: Handler) -> bool:
    """Whether GeneratorExit reaches the handler, and the yield in it as the first."""
    if not catches(ctx.names, handler, CLOSING) or _asks_what_came(ctx, node, handler):
        return False
    for earlier in block.handlers:
        if earlier is handler:
            break
        if catches(ctx.names, earlier, CLOSING):
            return False
    for found in ctx.tree.own(ctx.tree.owner(node), cst.Raise, cst.Yield):
        if found is node:
            return True
        if ctx.tree.is_inside(found, handler) and ctx.flow.is_live(found):
            return False
    return True


def _asks_what_came(ctx: Context, node: cst.Yield, handler: Handler) -> bool:
    """Whether a test around the yield asks for the error: `if isinstance(error, Exception)`."""
    caught = handler.name.name if handler.name is not None else None
    if not isinstance(caught, cst.Name):
        return False
    tests = (
        above.test
        for above, _ in ctx.tree.path(node)
        if isinstance(above, cst.If | cst.While) and ctx.tree.is_inside(above, handler)
    )
    return any(name.value == caught.value for test in tests for name in _names_in(ctx, test))


def _finding(node: cst.Yield, part: str, place: cst.CSTNode) -> Finding:
    message = (
        f"{part} yields while the stream is being closed: aclose() then fails with 'async "
        "generator ignored GeneratorExit' and the clean-up below the yield is skipped. Yield "
        "after the try statement, or re-raise GeneratorExit first"
    )
    return Finding(node, message, cause=node, notes=((place, "entered when the stream is closed"),))
