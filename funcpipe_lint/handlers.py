"""What an exception handler catches."""

from __future__ import annotations

from collections.abc import Iterable

import libcst as cst

from funcpipe_lint.names import Names

Handler = cst.ExceptHandler | cst.ExceptStarHandler


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
