"""FP402: the second run of a description finds nothing left."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import libcst as cst

from funcpipe_lint.model import Edit, Fix, Scope
from funcpipe_lint.model.effects import ONE_SHOT
from funcpipe_lint.rule import Bad, Context, Finding, Good, Rule
from funcpipe_lint.rule.bindings import Binding
from funcpipe_lint.rule.edits import is_docstring
from funcpipe_lint.rule.flow import called
from funcpipe_lint.rule.tree import Function
from funcpipe_lint.screen.declaration import Screen, Shape

_ITERATORS = tuple(
    f"{module}.{word}"
    for module in ("typing", "typing_extensions", "collections.abc")
    for word in ("Iterator", "AsyncIterator", "Generator", "AsyncGenerator")
)
_STEPS = ("builtins.next", "builtins.anext")


class FP402(Rule):
    """The second run of a description finds nothing left.

    ## What it does
    Finds a description that goes through an iterator made outside of it: a generator expression,
    `iter`, `map`, `zip`, an open file, the run of another stream, or a parameter annotated as an
    iterator.

    ## Why is this bad
    A description can be run again. The iterator cannot: the second run yields nothing, and no
    error says so.

    ## Fix safety
    Unsafe: the binding moves into the stream, so that it is evaluated once a run instead of once.

    ## Known problems
    A parameter that is annotated `Iterable` may be an iterator; it is trusted.
    """

    code = "FP402"
    name = "one-shot-description"
    summary = "a description can be run only once"
    scope = Scope.RESULT
    strict_elsewhere = True
    fix = "unsafe"
    visits = (cst.FunctionDef,)
    screen = Screen((Shape.BUILDER,))
    bad = (
        Bad(
            """\
from funcpipe_streams import AsyncGen, Ok


def numbered(items: list[str]) -> AsyncGen[tuple[int, str]]:
    pairs = enumerate(items)

    async def stream():
        for pair in pairs:  # error
            yield Ok(pair)

    return stream
""",
            """\
from funcpipe_streams import AsyncGen, Ok


def numbered(items: list[str]) -> AsyncGen[tuple[int, str]]:

    async def stream():
        pairs = enumerate(items)
        for pair in pairs:
            yield Ok(pair)

    return stream
""",
        ),
        Bad("""\
from collections.abc import AsyncIterator

from funcpipe_streams import AsyncGen, Ok


def described(items: AsyncIterator[int]) -> AsyncGen[int]:
    async def stream():
        async for item in items:  # error
            yield Ok(item)

    return stream
"""),
    )
    good = (
        Good("""\
from funcpipe_streams import AsyncGen, Ok


def numbered(items: list[str]) -> AsyncGen[tuple[int, str]]:
    async def stream():
        for pair in enumerate(items):
            yield Ok(pair)

    return stream
"""),
        Good("""\
from funcpipe_streams import AsyncGen, Ok


def described(items: list[int]) -> AsyncGen[int]:
    async def stream():
        for item in items:
            yield Ok(item)

    return stream
"""),
    )

    def check(self, node: cst.FunctionDef, ctx: Context) -> Iterator[Finding]:
        if not ctx.streams.is_builder(node):
            return
        reported: set[Binding] = set()
        for function in ctx.streams.described_functions(node):
            for use in _iterated(ctx, function):
                binding = ctx.names.only(use.value, use)
                if binding is None or binding.scope is not node or binding in reported:
                    continue
                what = _one_shot(ctx, binding)
                if what is None:
                    continue
                reported.add(binding)
                message = (
                    f"'{use.value}' is {what}, made outside of the stream: the second run of this "
                    "description finds it used up. Make it inside"
                )
                notes = ((binding.node, "made here"),)
                fix = _fix(ctx, node, function, use, binding)
                yield Finding(use, message, notes=notes, fix=fix)


def _iterated(ctx: Context, function: Function) -> Iterator[cst.Name]:
    """The names that a function's own body iterates, steps or returns."""
    if isinstance(function, cst.Lambda) and isinstance(function.body, cst.Name):
        yield function.body
    kinds = (cst.For, cst.CompFor, cst.From, cst.Return, cst.Call)
    found: Iterator[Any] = ctx.tree.own(function, *kinds)
    for node in found:
        value: cst.CSTNode | None
        if isinstance(node, cst.For | cst.CompFor):
            value = node.iter
        elif isinstance(node, cst.From):
            value = node.item
        elif isinstance(node, cst.Return):
            value = node.value
        else:
            steps = bool(node.args) and ctx.names.is_a(node.func, _STEPS)
            value = node.args[0].value if steps else None
        if isinstance(value, cst.Name):
            yield value


def _one_shot(ctx: Context, binding: Binding) -> str | None:
    """What a binding is, if it can be gone through only once."""
    if binding.kind == "parameter" and binding.annotation is not None:
        note = ctx.names.unquoted(binding.annotation)
        head = note.value if isinstance(note, cst.Subscript) else note
        if head is not None and ctx.names.is_a(head, _ITERATORS, binding.node):
            return f"an iterator ('{ctx.text(binding.annotation)}')"
        return None
    value = binding.value
    if binding.kind not in ("assign", "annotate", "walrus") or value is None:
        return None
    if isinstance(value, cst.GeneratorExp):
        return "a generator expression"
    if isinstance(value, cst.Call):
        if ctx.streams.stream_call(value) is not None:
            return "one run of a stream"
        is_file = isinstance(value.func, cst.Attribute) and called(value) == "open"
        if is_file or ctx.names.is_a(value.func, ONE_SHOT):
            return f"an iterator ('{ctx.text(value)}')"
    return None


def _fix(
    ctx: Context,
    builder: cst.FunctionDef,
    function: Function,
    use: cst.Name,
    binding: Binding,
) -> Fix | None:
    """The binding moves into the stream, where nothing else needs it."""
    line = ctx.tree.parent(binding.node)
    if binding.kind != "assign" or not isinstance(line, cst.SimpleStatementLine):
        return None
    if len(line.body) != 1 or line not in builder.body.body or not ctx.tree.is_faithful:
        return None
    others = [
        name for name in ctx.tree.named(use.value) if ctx.names.only(name.value, name) is binding
    ]
    inside = [name for name in others if ctx.tree.owner(name) is function]
    if len(others) != len(inside) + 1:  # the binding itself, and nothing but the stream
        return None
    moved = _moved(ctx, function, use, binding)
    if moved is None or _is_rebound(ctx, binding):
        return None
    return Fix(
        (ctx.edits.remove_statement(line), moved), False, f"make '{use.value}' inside the stream"
    )


def _moved(ctx: Context, function: Function, use: cst.Name, binding: Binding) -> Edit | None:
    """The binding in the stream: in place of the name in a lambda, at the head of a function."""
    _, end = ctx.tree.span(binding.node)
    comment = ctx.tree.text[end:].partition("\n")[0].rstrip()  # it stands alone on its line
    if isinstance(function, cst.Lambda):
        uses = [n for n in ctx.tree.own(function, cst.Name) if n.value == use.value]
        if len(uses) != 1 or binding.value is None or comment:
            return None
        return ctx.edits.replace(use, ctx.edits.whole(binding.value))
    if not isinstance(function.body, cst.IndentedBlock):
        return None
    lines = function.body.body
    newline, indent = ctx.tree.module.default_newline, ctx.edits.indentation(lines[0])
    first = lines[1 if is_docstring(lines[0]) else 0]  # a docstring stays the first
    made = ctx.edits.indented(binding.node, ctx.edits.indentation(binding.node), indent)
    return ctx.edits.insert_before(first, f"{made}{comment}{newline}{indent}")


def _is_rebound(ctx: Context, binding: Binding) -> bool:
    """Whether a name that the value is made of may mean something else by the time that the
    stream runs."""
    return any(
        ctx.tree.is_inside(name, binding.value) and any(b.scope is binding.scope for b in found[1:])
        for name in ctx.tree.own(ctx.tree.owner(binding.node), cst.Name)
        if (found := ctx.names.bindings(name.value, name))
    )
