"""What an exception handler catches."""

from __future__ import annotations

import builtins
from collections.abc import Iterable

import libcst as cst

from funcpipe_lint.rule.names import Names
from funcpipe_lint.rule.tree import Tree

Handler = cst.ExceptHandler | cst.ExceptStarHandler
# Beside the builtin classes, what certainly catches no builtin exception but its own kind.
_OTHERS = ("asyncio.CancelledError", "asyncio.QueueEmpty", "asyncio.QueueFull")
# Managers that let every exception pass.
_PASSING = (
    *("contextlib.aclosing", "contextlib.closing", "contextlib.nullcontext", "builtins.open"),
    *("async_generator.aclosing", "asyncio.timeout", "asyncio.timeout_at", "async_timeout.timeout"),
)


def caught_kinds(handler: Handler) -> list[cst.BaseExpression] | None:
    """The exception classes that a handler names; None where it catches everything."""
    if handler.type is None:
        return None
    if isinstance(handler.type, cst.Tuple):
        return [element.value for element in handler.type.elements]
    return [handler.type]


def catches(names: Names, handler: Handler, known: Iterable[str]) -> bool:
    """Whether a handler catches everything or names one of the known classes."""
    kinds = caught_kinds(handler)
    known = tuple(known)
    return kinds is None or any(names.is_a(kind, known) for kind in kinds)


def may_catch(names: Names, handler: Handler, raised: type[BaseException]) -> bool:
    """Whether a handler may catch a builtin exception: it names no class, one that the exception is
    derived from, or something of which it is not certain that it is another class."""
    kinds = caught_kinds(handler)
    return kinds is None or any(_may_be_above(names, kind, raised) for kind in kinds)


def _may_be_above(names: Names, kind: cst.BaseExpression, raised: type[BaseException]) -> bool:
    found = names.candidates(kind)
    if not found or names.is_a(kind, _OTHERS):
        return not found
    for name in found:
        module, _, word = name.rpartition(".")
        known = getattr(builtins, word, None) if module == "builtins" else None
        if isinstance(known, type) and issubclass(known, BaseException):
            if issubclass(raised, known):
                return True
        elif not _is_class_of_file(names, kind):
            return True
    return False


def _is_class_of_file(names: Names, kind: cst.BaseExpression) -> bool:
    binding = names.only(kind.value, kind) if isinstance(kind, cst.Name) else None
    return binding is not None and binding.kind == "class"


def catching(
    tree: Tree, names: Names, node: cst.CSTNode, raised: type[BaseException]
) -> cst.CSTNode | None:
    """What of the same function may catch a builtin exception that is raised at a node: a handler
    around it, or a manager that is not known to let everything pass; None: certainly nothing."""
    for above, child in tree.path(node):
        if isinstance(above, cst.Try | cst.TryStar) and child is above.body:
            for handler in above.handlers:
                if may_catch(names, handler, raised):
                    return handler
        if isinstance(above, cst.With) and child is above.body:
            for item in above.items:
                call = item.item.func if isinstance(item.item, cst.Call) else item.item
                if not names.is_a(call, _PASSING):
                    return item
    return None
