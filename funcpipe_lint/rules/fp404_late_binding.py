"""FP404: descriptions made in a loop all see its last turn."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from funcpipe_lint.model import Edit, Fix, Scope
from funcpipe_lint.rule import Bad, Context, Finding, Good, Rule
from funcpipe_lint.rule.flow import called, last_statement
from funcpipe_lint.rule.tree import COLLECTING, Function
from funcpipe_lint.screen.declaration import Screen, Shape

_KEEPS = frozenset(
    ("append", "appendleft", "add", "insert", "put", "put_nowait", "setdefault", "extend")
)
_COLLECTS = COLLECTING


class FP404(Rule):
    """Descriptions made in a loop all see its last turn.

    ## What it does
    Finds a description made in a loop or comprehension that uses the loop's variable and is kept
    while the loop goes on.

    ## Why is this bad
    The variable is read when the description runs. By then the loop is over: all descriptions are
    the last.

    ## Fix safety
    Safe: the variable becomes a default argument, which is evaluated where the description is
    made.

    ## Known problems
    Functions that are no descriptions are left to ruff's B023.
    """

    code = "FP404"
    name = "late-binding"
    summary = "descriptions made in a loop all use its last item"
    scope = Scope.RESULT
    strict_elsewhere = True
    fix = "safe"
    visits = (cst.Lambda, cst.FunctionDef)
    screen = Screen((Shape.BUILDER,))
    bad = (
        Bad(
            """\
async def rows(path):
    yield path


def all_rows(paths):
    return [lambda: rows(path) for path in paths]  # error
""",
            """\
async def rows(path):
    yield path


def all_rows(paths):
    return [lambda path=path: rows(path) for path in paths]
""",
        ),
        Bad(
            """\
async def rows(path):
    yield path


def all_rows(paths):
    streams = []
    for path in paths:
        streams.append(lambda: rows(path))  # error
    return streams
""",
            """\
async def rows(path):
    yield path


def all_rows(paths):
    streams = []
    for path in paths:
        streams.append(lambda path=path: rows(path))
    return streams
""",
        ),
    )
    good = (
        Good("""\
async def rows(path):
    yield path


def all_rows(paths):
    return [lambda path=path: rows(path) for path in paths]
"""),
        Good("""\
async def rows(path):
    yield path


async def show(paths):
    for path in paths:
        source = lambda: rows(path)
        async for row in source():  # used in the same turn
            print(row)
"""),
    )

    def check(self, node: cst.Lambda | cst.FunctionDef, ctx: Context) -> Iterator[Finding]:
        if not _is_description(ctx, node):
            return
        captured = _captured(ctx, node)
        if not captured or not _escapes(ctx, node):
            return
        names = sorted({name.value for name in captured})
        bound = ", ".join(f"{name}={name}" for name in names)
        message = (
            f"'{captured[0].value}' is read when the description runs, and the loop is over by "
            f"then: all of them use the last. Bind it now: {bound} as a default"
        )
        yield Finding(captured[0], message, cause=node, fix=_fix(ctx, node, names, bound))


def _is_description(ctx: Context, node: cst.Lambda | cst.FunctionDef) -> bool:
    if isinstance(node, cst.Lambda):
        return ctx.streams.description(node) is not None
    params = node.params
    if params.params or params.posonly_params or params.kwonly_params or params.star_kwarg:
        return False
    return ctx.functions.is_stream_function(node) and not node.decorators


def _captured(ctx: Context, node: Function) -> list[cst.Name]:
    """The uses, in a description's body, of the variables of a loop around it."""
    loops = {
        above
        for above, child in ctx.tree.path(node)
        if isinstance(above, cst.For) and child is above.body
    }
    clauses: set[cst.CSTNode] = set()
    for above, child in ctx.tree.path(node):
        if isinstance(above, _COLLECTS) and child is not above.for_in:
            clause: cst.CompFor | None = above.for_in
            while clause is not None:
                clauses.add(clause)
                clause = clause.inner_for_in
    found = []
    for name in ctx.tree.own(node, cst.Name):
        parent = ctx.tree.parent(name)
        if isinstance(parent, cst.Attribute) and parent.attr is name:
            continue
        if isinstance(parent, cst.Arg) and parent.keyword is name:
            continue
        bindings = ctx.names.bindings(name.value, name)
        if bindings and all(b.node in loops | clauses for b in bindings):
            found.append(name)
    return found


def _escapes(ctx: Context, node: cst.Lambda | cst.FunctionDef) -> bool:
    """Whether the description is kept while the loop goes on."""
    if isinstance(node, cst.Lambda):
        return _is_kept(ctx, node)
    loop = next((a for a, _ in ctx.tree.path(node) if isinstance(a, cst.For | cst.While)), None)
    uses = [
        name
        for name in ctx.tree.own(ctx.tree.owner(node), cst.Name)
        if name.value == node.name.value and loop is not None and ctx.tree.is_inside(name, loop)
    ]
    return any(name is not node.name and _is_kept(ctx, name) for name in uses)


def _is_kept(ctx: Context, node: cst.CSTNode) -> bool:
    above = ctx.tree.parent(node)
    if isinstance(above, cst.DictElement | cst.Element) and not _leaves_loop(ctx, node):
        above = ctx.tree.parent(above)
    if isinstance(above, _COLLECTS):
        return getattr(above, "key", None) is not node
    if _leaves_loop(ctx, node):
        return False
    if isinstance(above, cst.Tuple):
        above = ctx.tree.parent(above)
    if isinstance(above, cst.Arg):
        call = ctx.tree.parent(above)
        return (
            isinstance(call, cst.Call)
            and isinstance(call.func, cst.Attribute)
            and called(call) in _KEEPS
        )
    if isinstance(above, cst.Yield):
        return True
    if isinstance(above, cst.Assign):
        targets = [target.target for target in above.targets]
        if any(isinstance(t, cst.Subscript | cst.Attribute) for t in targets):
            return True
        return any(_is_name_kept(ctx, node, t.value) for t in targets if isinstance(t, cst.Name))
    return False


def _is_name_kept(ctx: Context, node: cst.CSTNode, name: str) -> bool:
    """Whether a local name that the description is bound to is kept in the same loop."""
    block = ctx.tree.parent(ctx.tree.statement(node))
    return block is not None and any(
        use.value == name and isinstance(ctx.tree.parent(use), cst.Arg) and _is_kept(ctx, use)
        for use in ctx.tree.own(ctx.tree.owner(node), cst.Name)
        if ctx.tree.is_inside(use, block)
    )


def _leaves_loop(ctx: Context, node: cst.CSTNode) -> bool:
    """Whether the loop ends right where the description is kept."""
    statement = ctx.tree.statement(node)
    later = ctx.tree.siblings(statement)[ctx.tree.number(statement) :]
    return any(isinstance(last_statement(s), cst.Break | cst.Return | cst.Raise) for s in later)


def _fix(
    ctx: Context, node: cst.Lambda | cst.FunctionDef, names: list[str], bound: str
) -> Fix | None:
    if not ctx.tree.is_faithful:
        return None
    if isinstance(node, cst.Lambda):
        at = ctx.tree.span(node)[0] + len("lambda")
        edit = Edit(at, at, f" {bound}")
    else:
        at = ctx.tree.span(node.name)[1]
        if ctx.tree.text[at : at + 1] != "(":
            return None
        edit = Edit(at + 1, at + 1, bound)
    return Fix((edit,), True, f"bind {', '.join(names)} where the description is made")
