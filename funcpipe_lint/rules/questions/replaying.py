"""Lists that are made of a whole stream, only to be gone through by one loop."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from funcpipe_lint.model import Fix
from funcpipe_lint.rule import Context
from funcpipe_lint.rule.bindings import name_of_value
from funcpipe_lint.rule.flow import last_statement


@dataclass(frozen=True, slots=True, eq=False)
class Replay:
    """A list of a stream that one loop goes through, and nothing else uses."""

    opening: cst.CSTNode
    """The statement that makes the list."""
    made: cst.For | cst.ListComp
    """What fills it."""
    loop: cst.For
    """What goes through it."""

    @property
    def source(self) -> cst.BaseExpression:
        """The stream."""
        return self.made.for_in.iter if isinstance(self.made, cst.ListComp) else self.made.iter


def replay_of(made: cst.For | cst.ListComp, ctx: Context) -> Replay | None:
    """The replay of a list that a comprehension with a name, or an `async for` that does nothing
    but append, makes of a stream; None for anything else.

    The loop stands in the same block, so that no `with`, `try` or loop is left between the two, and
    nothing between them waits or leaves.
    """
    if isinstance(made, cst.ListComp):
        name, opening, uses = name_of_value(ctx.tree, made), ctx.tree.statement(made), 2
        is_async = made.for_in.asynchronous is not None
        filling = opening
    else:
        name, opening, uses = _filled(made), None, 3
        is_async = made.asynchronous is not None and made.orelse is None
        filling = made
    if name is None or not is_async or not isinstance(ctx.tree.owner(made), cst.FunctionDef):
        return None
    binding = ctx.names.only(name, filling)
    if binding is None or binding.scope is not ctx.tree.owner(made):
        return None
    if opening is None:
        if not _is_empty_list(binding.value):
            return None
        opening = ctx.tree.statement(binding.node)
    loop = _loop_below(filling, name, ctx)
    known = [each for each in ctx.tree.named(name) if _is_use(each, ctx)]
    known = [each for each in known if ctx.names.only(name, each) is binding]
    return Replay(opening, made, loop) if loop is not None and len(known) == uses else None


def flowing(found: Replay, ctx: Context) -> Fix | None:
    """`xs = [x async for x in s]`, `for x in xs:` becomes `async for x in s:`, where nothing stands
    between the two and the comprehension changes nothing."""
    made = found.made
    if not isinstance(made, cst.ListComp) or not ctx.tree.is_faithful:
        return None
    clause = made.for_in
    if clause.ifs or clause.inner_for_in is not None or not clause.target.deep_equals(made.elt):
        return None
    if ctx.tree.above_and_below(found.opening)[1] is not found.loop:
        return None
    line = found.opening
    if not isinstance(line, cst.SimpleStatementLine) or len(line.body) != 1:
        return None
    start, begin = ctx.tree.span(found.opening)[0], ctx.tree.span(found.loop)[0]
    if "#" in ctx.tree.text[start:begin]:
        return None  # a comment would be lost
    edits = (
        ctx.edits.between(found.opening, found.loop, "async "),
        ctx.edits.replace(found.loop.iter, ctx.edits.whole(clause.iter)),
    )
    return Fix(edits, False, "iterate the stream itself")


def _is_use(name: cst.Name, ctx: Context) -> bool:
    """Whether a name stands for itself: that of an attribute or a keyword does not."""
    above = ctx.tree.parent(name)
    is_attribute = isinstance(above, cst.Attribute) and above.attr is name
    return not is_attribute and not (isinstance(above, cst.Arg) and above.keyword is name)


def _filled(loop: cst.For) -> str | None:
    """The name of the list to which the loop's only work, maybe under a test, is to append."""
    block = loop.body
    while len(block.body) == 1:
        line = block.body[0]
        if isinstance(line, cst.If) and line.orelse is None:
            block = line.body
            continue
        is_single = isinstance(line, cst.SimpleStatementLine) and len(line.body) == 1
        call = last_statement(line) if is_single else None
        value = call.value if isinstance(call, cst.Expr) else None
        if not isinstance(value, cst.Call) or not isinstance(value.func, cst.Attribute):
            return None
        if value.func.attr.value != "append" or not isinstance(value.func.value, cst.Name):
            return None
        return value.func.value.value
    return None


def _is_empty_list(value: cst.BaseExpression | None) -> bool:
    return isinstance(value, cst.List) and not value.elements


def _loop_below(filling: cst.CSTNode, name: str, ctx: Context) -> cst.For | None:
    """The plain loop over a name that stands below a statement in its block."""
    for statement in _below(filling, ctx):
        if isinstance(statement, cst.For):
            is_over = isinstance(statement.iter, cst.Name) and statement.iter.value == name
            return statement if is_over and statement.asynchronous is None else None
        if not _is_calm(statement, ctx):
            return None
    return None


def _below(filling: cst.CSTNode, ctx: Context) -> Iterator[cst.CSTNode]:
    yield from ctx.tree.siblings(filling)[ctx.tree.number(filling) + 1 :]


def _is_calm(statement: cst.CSTNode, ctx: Context) -> bool:
    """Whether a statement is a simple one that neither waits nor leaves: it may release what the
    stream was read from."""
    if not isinstance(statement, cst.SimpleStatementLine):
        return False
    ends = (cst.Await, cst.Yield, cst.Return, cst.Raise, cst.Break, cst.Continue, cst.Call)
    return not any(isinstance(node, ends) for node in ctx.tree.own_below(statement))
