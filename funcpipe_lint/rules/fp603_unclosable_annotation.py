"""FP603: an annotation hides that a stream can be closed."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from funcpipe_lint.model import Edit, Fix, Scope
from funcpipe_lint.model.vocabulary import UNCLOSABLE
from funcpipe_lint.rule import Bad, Context, Finding, Good, Rule
from funcpipe_lint.rule.annotations import ASYNC_ITERATORS
from funcpipe_lint.screen.declaration import YIELD, Named, Screen, Words


class FP603(Rule):
    """An annotation hides that a stream can be closed.

    ## What it does
    Finds a public stream function whose annotation says `AsyncIterator` or `AsyncIterable`. A
    method that is marked as an `override` says what its base does.

    ## Why is this bad
    The function returns a generator, which its callers should close; the annotation hides
    `aclose`, and a type checker refuses `aclosing(f())`.

    ## Fix safety
    Unsafe: the program runs as before, but a type checker may object to a method elsewhere that
    overrides this one, or to a variable that is bound to the stream first and to another iterator
    later. The overloads of a function change with it. None is offered where the file itself
    overrides the method, or defines the function in several branches.

    ## Known problems
    None is known.
    """

    code = "FP603"
    name = "unclosable-annotation"
    summary = "a stream function's annotation hides its aclose"
    scope = Scope.STRICT
    fix = "unsafe"
    visits = (cst.FunctionDef,)
    screen = Screen((Words((YIELD, ("->",), Named(tuple(sorted(UNCLOSABLE))))),))
    bad = (
        Bad(
            """\
from collections.abc import AsyncIterator


async def rows(path) -> AsyncIterator[str]:  # error
    yield path
""",
            """\
from collections.abc import AsyncGenerator


async def rows(path) -> AsyncGenerator[str, None]:
    yield path
""",
        ),
        Bad(
            """\
from collections.abc import AsyncIterable


class Client:
    async def events(self) -> AsyncIterable[bytes]:  # error
        yield b""
""",
            """\
from collections.abc import AsyncGenerator


class Client:
    async def events(self) -> AsyncGenerator[bytes, None]:
        yield b""
""",
        ),
    )
    good = (
        Good("""\
from collections.abc import AsyncGenerator


async def rows(path) -> AsyncGenerator[str, None]:
    yield path
"""),
        Good("""\
from collections.abc import AsyncIterator


def rows(source) -> AsyncIterator[str]:
    return source.rows()
"""),
    )

    def check(self, node: cst.FunctionDef, ctx: Context) -> Iterator[Finding]:
        if not ctx.functions.is_stream_function(node) or node.returns is None:
            return
        if not ctx.functions.is_plainly_called(node):
            return
        if ctx.functions.has_decorator(node, "override"):
            return  # what the base has said
        if (
            node.name.value.startswith("_")
            or not _is_public(ctx, node)
            or ctx.functions.is_stub(node)
        ):
            return
        note = node.returns.annotation
        plain = ctx.names.unquoted(note)
        head = plain.value if isinstance(plain, cst.Subscript) else plain
        if head is None or not ctx.names.is_a(head, ASYNC_ITERATORS, node):
            return
        if ctx.names.is_a(head, _GENERATORS, node):
            return
        message = (
            f"'{ctx.text(note)}' hides that '{node.name.value}' returns a generator: its callers "
            "cannot close it under a type checker. Annotate it AsyncGenerator[..., None]"
        )
        yield Finding(note, message, fix=_fix(ctx, node))


_GENERATORS = tuple(name for name in ASYNC_ITERATORS if name.endswith("AsyncGenerator"))
_GENERATORS += tuple(
    f"{module}.AsyncGenerator" for module in ("typing", "typing_extensions", "collections.abc")
)


def _is_public(ctx: Context, function: cst.FunctionDef) -> bool:
    """Whether a function is one of a module's or class's own, not nested in another."""
    return ctx.tree.function(function) is None


def _fix(ctx: Context, function: cst.FunctionDef) -> Fix | None:
    """`AsyncGenerator[T, None]` in the annotation, and in those of the function's overloads."""
    overloads = ctx.functions.overloads(function)
    if overloads is None or ctx.functions.is_overridden(function) or not ctx.tree.is_faithful:
        return None
    edits: list[Edit] = []
    for each in (*overloads, function):
        own = _edits(ctx, each)
        if own is None:
            return None
        edits += [edit for edit in own if edit not in edits]
    return Fix(tuple(edits), False, "annotate it AsyncGenerator")


def _edits(ctx: Context, function: cst.FunctionDef) -> tuple[Edit, ...] | None:
    note = None if function.returns is None else function.returns.annotation
    if not isinstance(note, cst.Subscript) or len(note.slice) != 1:
        return None
    if not ctx.names.is_a(note.value, ASYNC_ITERATORS, function):
        return None
    if ctx.names.is_a(note.value, _GENERATORS, function):
        return ()  # an overload that has it already
    if ctx.edits.drops_comment(note, note.slice[0]):
        return None
    module = next(iter(ctx.names.candidates(note.value, function))).rpartition(".")[0]
    imported = ctx.edits.import_name(f"{module}.AsyncGenerator", function)
    if imported is None:
        return None
    local, edits = imported
    item = ctx.tree.code(note.slice[0])
    return (ctx.edits.replace(note, f"{local}[{item}, None]"), *edits)
