"""What holds a task that a call starts: names of the function, or something else."""

from __future__ import annotations

import libcst as cst

from funcpipe_lint.model.vocabulary import FILLS
from funcpipe_lint.rule import Context
from funcpipe_lint.rule.bindings import target_names
from funcpipe_lint.rule.flow import called
from funcpipe_lint.rules.questions.started_tasks import is_patient

# What hands a task back, or waits for some of those it is given.
PASSING = tuple(
    [f"asyncio.{word}" for word in ("wait", "as_completed", "gather")]
    + [f"builtins.{word}" for word in ("set", "list", "tuple", "dict", "frozenset")]
)


def holders_of(ctx: Context, call: cst.Call) -> frozenset[str] | None:
    """The local names that hold the task; None where something else may look after it."""
    node: cst.CSTNode = call
    while True:
        above = ctx.tree.parent(node)
        if above is None or isinstance(above, cst.Return | cst.Yield | cst.Lambda):
            return None
        if isinstance(above, cst.Await) and (is_patient(ctx, above) or _is_dropped(ctx, above)):
            return None
        if isinstance(above, cst.Call) and node is not above.func:
            holder = _filled(above)
            if holder is not None:
                return frozenset({holder})
            if not ctx.names.is_a(above.func, PASSING):
                return None
        if isinstance(above, cst.Attribute):
            return None  # a method of the task itself: its result decides
        if isinstance(above, cst.Assign | cst.AnnAssign | cst.NamedExpr | cst.AugAssign):
            return _targets(ctx, above, call)
        if isinstance(above, cst.BaseSmallStatement | cst.BaseCompoundStatement):
            return frozenset()
        node = above


def _is_dropped(ctx: Context, wait: cst.Await) -> bool:
    """Whether nothing takes what `await asyncio.wait([create_task(...), other])` gives: which of
    the tasks has ended then, only the code below it knows."""
    return isinstance(ctx.tree.parent(wait), cst.Expr)


def _filled(call: cst.Call) -> str | None:
    """The local container that a call like `tasks.append(...)` puts its argument into."""
    if isinstance(call.func, cst.Attribute) and isinstance(call.func.value, cst.Name):
        return call.func.value.value if called(call) in FILLS else None
    return None


def _targets(ctx: Context, statement: cst.CSTNode, call: cst.Call) -> frozenset[str] | None:
    """The names that a statement binds to a task, or to what holds it."""
    if isinstance(statement, cst.Assign):
        places = [each.target for each in statement.targets]
        targets = [_in_place(ctx, place, statement.value, call) for place in places]
    else:
        targets = [getattr(statement, "target")]  # noqa: B009
    found: set[str] = set()
    for target in targets:
        plain = target
        if isinstance(plain, cst.Subscript) and isinstance(plain.value, cst.Name):
            plain = plain.value
        names = [name.value for name in target_names(plain)]
        if not names:
            return None  # an attribute: the object looks after it
        found.update(names)
    return frozenset(found)


def _in_place(
    ctx: Context, target: cst.CSTNode, value: cst.BaseExpression, call: cst.Call
) -> cst.CSTNode:
    """Of `a, b = x, create_task(...)` the target of the task; else the whole target."""
    if not isinstance(target, cst.Tuple) or not isinstance(value, cst.Tuple):
        return target
    elements = (*target.elements, *value.elements)
    is_starred = any(isinstance(element, cst.StarredElement) for element in elements)
    if is_starred or len(target.elements) != len(value.elements):
        return target
    pairs = zip(target.elements, value.elements, strict=True)
    return next(place.value for place, held in pairs if ctx.tree.is_inside(call, held))
