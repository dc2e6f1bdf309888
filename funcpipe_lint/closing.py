"""How a fix closes a stream: `aclosing`, or a helper where the type has no `aclose`."""

from __future__ import annotations

import libcst as cst

from funcpipe_lint.kit import CLOSING_HELPER, KIT
from funcpipe_lint.model import Edit, Fix
from funcpipe_lint.rule import Context
from funcpipe_lint.streams import StreamCall
from funcpipe_lint.tree import descendants

ACLOSING = "contextlib.aclosing"
_NAMES = ("items", "stream", "source_items", "open_stream")


def helper(ctx: Context, source: StreamCall) -> tuple[str, bool]:
    """The manager that closes a stream, and whether using it is safe.

    A generator always has `aclose`; where its annotation hides that, a type checker refuses
    `aclosing`. A description may return any iterator, and so may a method that a subclass
    overrides: they need the helper, which is safe to import only where the configuration names one
    or the module already imports the kit.
    """
    if source.can_close and source.source == "generator" and not source.may_differ:
        return ACLOSING, True
    known = ctx.settings.closing
    if not known and any(d.split(".")[0] == KIT for _, d in ctx.names.imported()):
        known = CLOSING_HELPER
    if known:
        return known, True
    return (ACLOSING if source.source == "generator" else CLOSING_HELPER), False


def advice(ctx: Context, source: StreamCall) -> str:
    """What to write instead, and why that manager."""
    manager, _ = helper(ctx, source)
    word = manager.rpartition(".")[2]
    wrap = f"Wrap it: async with {word}({ctx.short_call(source.call)}) as items:"
    if source.source == "description":
        return f"{wrap} (a description may return an iterator without aclose)"
    if not source.can_close:
        return (
            f"{wrap} (annotate it AsyncGenerator: a type checker sees no aclose on AsyncIterator)"
        )
    return wrap


def wrapped_loop(
    ctx: Context, loop: cst.For, source: StreamCall, *more: Edit, title: str = ""
) -> Fix | None:
    """`async with <manager>(CALL) as items:` around the loop, which iterates `items`; `more` are
    edits of the loop that go with it."""
    manager, is_safe = helper(ctx, source)
    imported = ctx.edits.import_name(manager, loop)
    if imported is None or not ctx.tree.is_faithful:
        return None
    local, edits = imported
    name = fresh_name(ctx, loop)
    header = f"async with {local}({ctx.tree.code(source.call)}) as {name}:"
    inner = Edit(*ctx.tree.span(loop.iter), name)
    body = ctx.edits.wrap(loop, header, (*more, inner))
    if body is None:
        return None
    title = title or f"close the stream with {manager.rpartition('.')[2]}"
    return Fix((body, *edits), is_safe, title)


def fresh_name(ctx: Context, at: cst.CSTNode) -> str:
    """A name for the opened stream that nothing in the outermost function around uses."""
    outermost: cst.CSTNode = ctx.tree.module
    for function in ctx.tree.functions(at):
        outermost = function
    used = {node.value for node in descendants(outermost) if isinstance(node, cst.Name)}
    return next(
        name
        for number in range(1, 10_000)
        for name in (_NAMES if number == 1 else (f"items_{number}",))
        if name not in used
    )
