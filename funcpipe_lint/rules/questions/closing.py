"""How a fix closes a stream: `aclosing`, or a helper where the type has no `aclose`."""

from __future__ import annotations

from typing import Protocol

import libcst as cst

from funcpipe_lint.model import Edit, Fix, Note
from funcpipe_lint.model.reference import CLOSING_HELPER, KIT
from funcpipe_lint.rule import Context
from funcpipe_lint.rule.streams import OwningStream

ACLOSING = "contextlib.aclosing"
DELEGATING = (3, 16)
"""The first Python with `yield from` in async generators (PEP 828)."""
_NAMES = ("items", "stream", "source_items", "open_stream")


class Opened(Protocol):
    """An expression that gives a stream which has to be closed."""

    @property
    def expression(self) -> cst.BaseExpression:
        """The call, or the name that it is bound to."""

    @property
    def is_description(self) -> bool:
        """It is the call of a description, which may return any iterator."""

    @property
    def can_close(self) -> bool:
        """Whether a type checker lets `aclosing` take it."""

    @property
    def may_differ(self) -> bool:
        """Whether a subclass may give an iterator without `aclose`."""

    @property
    def is_plain(self) -> bool:
        """Whether closing it closes what it holds."""


def helper(ctx: Context, source: Opened) -> tuple[str, bool]:
    """The manager that closes a stream, and whether using it is safe.

    A generator always has `aclose`; where its annotation hides that, a type checker refuses
    `aclosing`. A description may return any iterator, and so may a method that a subclass
    overrides: they need the helper, which is used only where the configuration names one or the
    module already imports the kit.
    """
    if source.can_close and not source.is_description and not source.may_differ:
        return ACLOSING, True
    known = ctx.settings.closing
    if not known and any(d.split(".")[0] == KIT for _, d in ctx.names.imported()):
        known = CLOSING_HELPER
    if known:
        return known, True
    return ACLOSING, False  # no code is made to import the kit for it


def advice(ctx: Context, source: OwningStream) -> str:
    """What to write instead, and why that manager."""
    manager, _ = helper(ctx, source)
    word = manager.rpartition(".")[2]
    shown = ctx.short_call(source.expression)
    if source.link is not None and source.link.is_object:
        return f"Open what its __aiter__ makes: async with {word}(aiter({shown})) as items:"
    if not source.is_plain:
        return f"Closing '{shown}' does not close it: open it with async with {word}(...) before"
    given = isinstance(source.expression, cst.Name)
    wrap = f"Wrap it: async with {word}({shown}){'' if given else ' as items'}:"
    if source.is_description:
        return f"{wrap} (a description may return an iterator without aclose)"
    if not source.can_close:
        return (
            f"{wrap} (annotate it AsyncGenerator: a type checker sees no aclose on AsyncIterator)"
        )
    return wrap


def holding_place(ctx: Context, source: OwningStream) -> tuple[Note, ...]:
    """Where the clean-up of a stream is, and the annotation that has to change before it is closed
    without a type checker's objection, as notes."""
    link = source.link
    if link is None:
        return ()
    holds = {
        "with": f"yields inside 'async with {link.text}'",
        "finally": "yields before the 'finally' of this 'try', which awaits",
        "except": "yields in this 'try', of which a handler awaits when it is closed",
    }
    message = f"'{link.name}' {holds[link.holds]}"
    place = Note(link.line, link.column, message, path=link.path)
    is_typed = link.repair is None or helper(ctx, source)[1] or not source.is_plain
    return (place,) if is_typed or link.repair is None else (place, link.repair)


def wrapped_loop(
    ctx: Context, loop: cst.For, source: Opened, *more: Edit, title: str = ""
) -> Fix | None:
    """`async with <manager>(CALL) as items:` around the loop, which iterates `items`; a name is
    closed as it is. `more` are edits of the loop that go with it."""
    if not source.is_plain:
        return None
    manager, is_safe = helper(ctx, source)
    imported = ctx.edits.import_name(manager, loop)
    if imported is None or not ctx.tree.is_faithful:
        return None
    local, edits = imported
    opened = f"{local}({ctx.tree.code(source.expression)})"
    if isinstance(source.expression, cst.Name):
        body = ctx.edits.wrap(loop, f"async with {opened}:", more)
    else:
        name = fresh_name(ctx, loop)
        inner = Edit(*ctx.tree.span(loop.iter), name)
        body = ctx.edits.wrap(loop, f"async with {opened} as {name}:", (*more, inner))
    if body is None:
        return None
    title = title or f"close the stream with {manager.rpartition('.')[2]}"
    return Fix((body, *edits), is_safe, title)


def delegated(ctx: Context, loop: cst.For, source: Opened) -> Fix | None:
    """`yield from CALL` in the place of a loop that yields its items and does nothing else, for
    code that no Python before PEP 828 has to run. It is unsafe: an exception that is thrown in
    reaches the stream, which may catch it; the loop raised it outside of the stream."""
    if ctx.settings.oldest_python < DELEGATING or not source.is_plain or not ctx.tree.is_faithful:
        return None
    item = loop.target
    if loop.orelse is not None or not isinstance(item, cst.Name) or not _only_yields(loop, item):
        return None
    # The name may be read behind the loop, or stand for one outside the function.
    function = ctx.tree.function(loop)
    if function is None or len(ctx.tree.named_in(item.value, function)) != 2:
        return None
    if ctx.edits.drops_comment(loop, source.expression):
        return None
    call = ctx.edits.whole(source.expression)
    return Fix((ctx.edits.replace(loop, f"yield from {call}"),), False, "delegate to the stream")


def _only_yields(loop: cst.For, item: cst.Name) -> bool:
    match loop.body:
        case cst.IndentedBlock(body=[cst.SimpleStatementLine(body=[statement])]):
            pass
        case cst.SimpleStatementSuite(body=[statement]):
            pass
        case _:
            return False
    match statement:
        case cst.Expr(value=cst.Yield(value=cst.Name(value=name))):
            return name == item.value
    return False


def fresh_name(ctx: Context, at: cst.CSTNode) -> str:
    """A name for the opened stream that nothing in the outermost function around uses."""
    outermost: cst.CSTNode = ctx.tree.module
    for function in ctx.tree.functions(at):
        outermost = function

    def is_used(name: str) -> bool:
        return any(ctx.tree.is_inside(node, outermost) for node in ctx.tree.named(name))

    return next(
        name
        for number in range(1, 10_000)
        for name in (_NAMES if number == 1 else (f"items_{number}",))
        if not is_used(name)
    )
