"""Loops that do nothing but fill a collection, and loops that do nothing but read it out again."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from funcpipe_lint.rule import Context
from funcpipe_lint.rule.bindings import Binding
from funcpipe_lint.rule.flow import called

_MUTATORS = ("append", "add", "extend", "update", "appendleft", "insert")
_EMPTY = (
    "builtins.list", "builtins.set", "builtins.dict", "collections.deque",
    "collections.defaultdict", "collections.OrderedDict", "collections.Counter",
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Accumulation:
    """A collection that a loop fills."""

    name: str
    opening: cst.CSTNode
    """The statement that makes the empty collection."""
    read: cst.Name
    """The first use of the collection after the loop."""


def accumulation(loop: cst.For, ctx: Context) -> Accumulation | None:
    """The collection that a loop only fills and that is read after it; None for any other loop.

    A body that also yields, awaits, leaves, or empties the collection is any other loop.
    """
    names = set(_filled(loop.body, ctx))
    if len(names) != 1 or None in names:
        return None
    (name,) = names
    assert name is not None
    opening = _opening(name, loop, ctx)
    read = _first_read(name, loop, ctx)
    if opening is None or read is None:
        return None
    return Accumulation(name, opening, read)


def _filled(block: cst.CSTNode, ctx: Context) -> Iterator[str | None]:
    """The collections that a block's statements fill; None for one that does anything else."""
    for statement in getattr(block, "body", ()):
        if isinstance(statement, cst.SimpleStatementLine):
            for small in statement.body:
                if not isinstance(small, cst.Pass | cst.Continue):
                    yield _filled_by(small)
        elif isinstance(statement, cst.If):
            yield from _filled(statement.body, ctx)
            branch = statement.orelse
            if isinstance(branch, cst.Else):
                yield from _filled(branch.body, ctx)
            elif branch is not None:
                yield from _filled(cst.IndentedBlock([branch]), ctx)
        else:
            yield _filled_by(statement)


def _filled_by(small: cst.CSTNode) -> str | None:
    """The collection that `x.append(...)` or `x[k] = ...` fills."""
    if isinstance(small, cst.Expr) and isinstance(small.value, cst.Call):
        func = small.value.func
        if isinstance(func, cst.Attribute) and func.attr.value in _MUTATORS:
            return func.value.value if isinstance(func.value, cst.Name) else None
    if isinstance(small, cst.Assign) and len(small.targets) == 1:
        target = small.targets[0].target
        if isinstance(target, cst.Subscript) and isinstance(target.value, cst.Name):
            return target.value.value
    return None


def _opening(name: str, loop: cst.For, ctx: Context) -> cst.CSTNode | None:
    """The one statement of this function that makes the empty, unbounded collection."""
    found = [b for b in ctx.names.bindings(name, loop) if b.kind != "delete"]
    if len(found) != 1 or found[0].scope is not ctx.tree.function(loop):
        return None
    return ctx.tree.statement(found[0].node) if _is_empty(found[0], ctx) else None


def _is_empty(binding: Binding, ctx: Context) -> bool:
    value = binding.value
    if isinstance(value, cst.List | cst.Dict | cst.Set):
        return True
    if not isinstance(value, cst.Call) or not ctx.names.is_a(value.func, _EMPTY):
        return False
    is_bounded = called(value) == "deque" and any(
        arg.keyword is not None and arg.keyword.value == "maxlen" for arg in value.args
    )
    return not is_bounded and not (called(value) == "deque" and len(value.args) > 1)


def _first_read(name: str, loop: cst.For, ctx: Context) -> cst.Name | None:
    function = ctx.tree.function(loop)
    if function is None:
        return None
    end = ctx.tree.extent(loop)[1]
    uses = ctx.tree.named_in(name, function.body)
    first = bisect_left(uses, end, key=ctx.tree.place_in_order)
    return uses[first] if first < len(uses) else None


def replaying_loop(found: Accumulation, loop: cst.For, ctx: Context) -> cst.For | None:
    """The `for` right after a loop that only appends its item, which reads the collection out and
    is its only other use; None where there is anything between or besides."""
    above, replay = ctx.tree.above_and_below(loop)
    if above is not found.opening:
        return None
    if not isinstance(replay, cst.For) or replay.asynchronous is not None or replay.orelse:
        return None
    if loop.orelse is not None or replay.iter is not found.read:
        return None
    if not _only_appends_item(loop) or ctx.flow.early_exits(replay):
        return None
    function = ctx.tree.function(loop)
    uses = () if function is None else ctx.tree.named_in(found.name, function.body)
    return replay if len(uses) == 3 else None  # opened, filled, read


def _only_appends_item(loop: cst.For) -> bool:
    lines = loop.body.body
    line = lines[0] if len(lines) == 1 else None
    small = line.body[0] if isinstance(line, cst.SimpleStatementLine) else line
    if not isinstance(small, cst.Expr) or not isinstance(small.value, cst.Call):
        return False
    call = small.value
    is_append = called(call) == "append" and len(call.args) == 1
    item = call.args[0].value if is_append else None
    return (
        isinstance(item, cst.Name)
        and isinstance(loop.target, cst.Name)
        and item.value == loop.target.value
    )
