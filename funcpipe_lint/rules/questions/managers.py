"""What a `with` item holds: a cancel scope, a lock, a span, a resource, or nothing that matters."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator
from typing import NamedTuple

import libcst as cst

from funcpipe_lint.model import Note
from funcpipe_lint.model.reference import CLOSING_HELPER
from funcpipe_lint.model.vocabulary import (
    CLOSING_WORDS,
    DRIVERS,
    EXIT_STACKS,
    HARMLESS_MANAGERS,
    KNOWN_SPANS,
    LOCK,
    OPENERS,
    OPENING_METHODS,
    SCOPES,
    SPAN_NAMES,
    SPANS,
    STACK_ENTERS,
)
from funcpipe_lint.rule import Context
from funcpipe_lint.rule.flow import called, is_method_of

CLOSERS = (
    "contextlib.aclosing",
    "contextlib.closing",
    CLOSING_HELPER,
    "async_generator.aclosing",
    "aiostream.streamcontext",
)


class Held(NamedTuple):
    """A context manager that is entered, and not yet left, at some node."""

    block: cst.With
    place: cst.WithItem | cst.Call
    """Where it is entered: its item of the `with`, or the call that an exit stack enters it by."""
    manager: cst.BaseExpression
    is_async: bool


def held(ctx: Context, node: cst.CSTNode) -> Iterator[Held]:
    """The managers of the same function that are open at a node, innermost first: the items of the
    `with` blocks around it, and what their exit stacks have certainly entered above it."""
    for block, item in ctx.flow.managers(node):
        yield from _entered(ctx, node, block, item)
        yield Held(block, item, item.item, block.asynchronous is not None)


def _entered(
    ctx: Context, node: cst.CSTNode, block: cst.With, item: cst.WithItem
) -> Iterator[Held]:
    """What an exit stack enters in statements that come before a node, whichever way it is reached;
    none where the stack is emptied or handed on by `pop_all` or `aclose`."""
    name = None if item.asname is None else item.asname.name
    head = item.item.func if isinstance(item.item, cst.Call) else item.item
    if not isinstance(name, cst.Name) or not ctx.names.is_a(head, EXIT_STACKS):
        return
    calls = [
        call for call in ctx.tree.own_in(block.body, cst.Call) if is_method_of(call, name.value)
    ]
    if any(called(call) in ("pop_all", "aclose", "close") for call in calls):
        return
    around = {id(each) for each in (node, *ctx.tree.ancestors(node))}
    for call in reversed(calls):
        if called(call) not in STACK_ENTERS or not call.args:
            continue
        statement = ctx.tree.statement(call)
        below = ctx.tree.siblings(statement)[ctx.tree.number(statement) + 1 :]
        if isinstance(statement, cst.SimpleStatementLine) and any(id(b) in around for b in below):
            is_async = called(call) == "enter_async_context"
            yield Held(block, call, call.args[0].value, is_async)


def cancel_scope(ctx: Context, manager: cst.BaseExpression) -> str | None:
    """The name of the cancel scope that entering a manager enters; None where there is none.

    Follows a name that is bound once, and calls of context managers that the file defines.
    """
    scope = _cancel_scope(ctx, manager, frozenset())
    if scope is None:
        link = ctx.streams.link(manager)
        scope = link.text if link is not None and link.kind == "scope" else None
    return scope


def _cancel_scope(
    ctx: Context, manager: cst.BaseExpression, seen: frozenset[cst.FunctionDef]
) -> str | None:
    if isinstance(manager, cst.NamedExpr):
        return _cancel_scope(ctx, manager.value, seen)
    if isinstance(manager, cst.Name):
        binding = ctx.names.only(manager.value, manager)
        is_call = binding is not None and isinstance(binding.value, cst.Call)
        if binding is None or not is_call or binding.kind not in ("assign", "annotate", "walrus"):
            return None
        assert binding.value is not None
        return _cancel_scope(ctx, binding.value, seen)
    if not isinstance(manager, cst.Call):
        return None
    if ctx.names.is_a(manager.func, SCOPES):
        return ctx.text(manager.func)
    entered = ctx.functions.definition(manager.func)
    if entered is None or entered in seen or not _is_context_manager(ctx, entered):
        return None
    for inner in ctx.flow.live_yields(entered):
        for each in held(ctx, inner):
            scope = _cancel_scope(ctx, each.manager, seen | {entered})
            if scope is not None:
                return scope
    return None


def _is_context_manager(ctx: Context, function: cst.FunctionDef) -> bool:
    return any(
        ctx.functions.has_decorator(function, word)
        for word in ("asynccontextmanager", "contextmanager")
    )


def entered_elsewhere(ctx: Context, manager: cst.BaseExpression) -> tuple[Note, ...]:
    """Where the cancel scope is entered, or the lock taken, that entering a manager that is defined
    elsewhere enters."""
    link = ctx.streams.link(manager)
    if link is None or link.kind not in ("scope", "lock") or not link.name:
        return ()
    verb = "enters" if link.kind == "scope" else "holds"
    return (Note(link.line, link.column, f"'{link.name}' {verb} '{link.text}'", path=link.path),)


def is_driven_as_manager(ctx: Context, function: cst.FunctionDef) -> bool:
    """Whether a generator is no stream, for its decorator, or a framework that is handed it, drives
    it as a context manager: it goes on from its yield in the task that began it."""
    known = (*DRIVERS, *ctx.settings.managers)
    for decorator in function.decorators:
        made_by = decorator.decorator
        head = made_by.func if isinstance(made_by, cst.Call) else made_by
        if ctx.names.is_a(head, known) or _makes_manager(ctx, head):
            return True
    return function in ctx.functions.dependencies


def _makes_manager(ctx: Context, decorator: cst.BaseExpression) -> bool:
    """Whether a decorator of the file returns what it puts under `asynccontextmanager`."""
    function = ctx.functions.definition(decorator)
    return function is not None and any(
        isinstance(given.value, cst.Name)
        and (inner := ctx.functions.definition(given.value)) is not None
        and ctx.tree.owner(inner) is function
        and _is_context_manager(ctx, inner)
        for given in ctx.tree.own(function, cst.Return)
    )


def is_lock(ctx: Context, manager: cst.BaseExpression) -> bool:
    """Whether a manager is a name or attribute whose last word is that of a lock, or the call of a
    function under `contextmanager` that holds one, and neither is allowed."""
    link = ctx.streams.link(manager)
    names = [ctx.tree.code(manager)]
    if link is not None and link.kind == "lock":
        names.append(link.text)
    elif not isinstance(manager, cst.Name | cst.Attribute) or not LOCK.search(called(manager)):
        return False
    patterns = ctx.settings.locks
    return not any(fnmatch.fnmatchcase(name, allowed) for name in names for allowed in patterns)


def is_span(ctx: Context, manager: cst.BaseExpression) -> bool:
    """Whether a manager is a call that makes a tracing span, or variables, current."""
    if not isinstance(manager, cst.Call):
        return False
    if SPANS.fullmatch(called(manager)) is not None:
        return True
    found = ctx.names.candidates(manager.func)  # `from structlog.contextvars import ... as bound`
    if found and all(name.rpartition(".")[2] in SPAN_NAMES for name in found):
        return True
    if ctx.tree.code(manager.func) == "tracer.trace":
        return True
    return ctx.names.is_a(manager.func, (*KNOWN_SPANS, *ctx.settings.spans))


def is_resource(ctx: Context, manager: cst.BaseExpression, *, is_async: bool) -> bool:
    """Whether entering a manager may hold a resource open.

    Async managers count unless they are known to hold none; sync ones only where they are known to
    open something, for most of them map errors or set something.
    """
    if not is_async:
        if not isinstance(manager, cst.Call):
            return False
        is_known = ctx.names.is_a(manager.func, (*OPENERS, *ctx.settings.openers))
        is_method = isinstance(manager.func, cst.Attribute) and called(manager) in OPENING_METHODS
        return is_known or is_method
    head = manager.func if isinstance(manager, cst.Call) else manager
    if ctx.names.is_a(head, (*CLOSERS, *HARMLESS_MANAGERS, ctx.settings.closing)):
        return False
    if called(manager).lower() in CLOSING_WORDS:
        return False
    if isinstance(head, cst.Name | cst.Attribute) and LOCK.search(called(head)):
        return False
    link = ctx.streams.link(manager)
    if link is not None and link.kind == "idle":
        return False
    return cancel_scope(ctx, manager) is None
