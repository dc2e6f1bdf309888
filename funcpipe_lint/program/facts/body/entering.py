"""What an `__aenter__` certainly enters by hand and leaves open, and what an `__aexit__` leaves: an
object holds that while it is entered.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence

from funcpipe_lint.program.facts.expressions import Expression, plain
from funcpipe_lint.read.nodes import own

ENTERING = ("__aenter__", "__enter__")
LEAVING = ("__aexit__", "__exit__")
_ENTERED = frozenset((*ENTERING, "acquire"))
_LEFT = frozenset((*LEAVING, "release"))
_STACKED = frozenset(("enter_async_context", "enter_context"))
# What of a statement may not run, or runs later.
_UNCERTAIN = (ast.IfExp, ast.BoolOp, ast.comprehension)


def by_hand(method: str, body: Sequence[ast.stmt]) -> list[tuple[Expression, bool]]:
    """What a method enters, or leaves, by a call of its own; (what, whether that is awaited). None
    of what it enters only sometimes, or leaves again."""
    if method in LEAVING:
        return [(plain(of), True) for of, word in _calls(body) if word in _LEFT]
    if method not in ENTERING:
        return []
    left = [plain(of) for of, word in _calls(body) if word in _LEFT]
    kept = _is_stack_kept(body)
    found: list[tuple[Expression, bool]] = []
    for statement in _certain(body):
        if any(isinstance(part, _UNCERTAIN) for part in own([statement])):
            continue
        for call in own([statement]):
            match call:
                case ast.Call(func=ast.Attribute(value=of, attr=word)) if word in _ENTERED:
                    found.append((plain(of), True))
                case ast.Call(func=ast.Attribute(attr=word), args=[of]) if word in _STACKED:
                    found += [(plain(of), True)] if kept else []
    return [each for each in found if each[0] not in left]


def _calls(body: Sequence[ast.stmt]) -> Iterator[tuple[ast.expr, str]]:
    """(of what, which method) of each call of a body, but those of handlers."""
    handling = {
        id(part)
        for node in own(body)
        if isinstance(node, ast.ExceptHandler)
        for part in own([node])
    }
    for node in own(body):
        match node:
            case ast.Call(func=ast.Attribute(value=of, attr=word)) if id(node) not in handling:
                yield of, word


def _is_stack_kept(body: Sequence[ast.stmt]) -> bool:
    """Whether what an exit stack has entered stays so: none is left here, or it gives all away."""
    is_left = any(isinstance(node, ast.With | ast.AsyncWith) for node in own(body))
    words = {word for _, word in _calls(body)}
    return "pop_all" in words or not (is_left or words & {"aclose", "close"})


def _certain(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements that run whenever the body runs to its end without a failure."""
    for statement in body:
        match statement:
            case ast.Try(body=inner) | ast.TryStar(body=inner):
                yield from _certain(inner)
            case ast.With(body=inner) | ast.AsyncWith(body=inner):
                yield from _certain(inner)
            case ast.Expr() | ast.Assign() | ast.AnnAssign() | ast.Return():
                yield statement
            case _ if any(isinstance(node, ast.Return) for node in own([statement])):
                return
