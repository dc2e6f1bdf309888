"""Which names of the module a function binds, and a statement that does the same."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from funcpipe_lint.read.nodes import children
from funcpipe_lint.read.syntax import UNPARSABLE, parse

_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)


class Rebinding(NamedTuple):
    """The names that a function binds."""

    bound: frozenset[str]
    """All, in whatever scope."""
    plain: frozenset[str]
    """Those of the module to which it assigns, in its own scope, what no name stands for."""


def rebinding_of(text: str) -> Rebinding | None:
    """What a function binds, given by its text from `def` on; None where that does not parse."""
    try:
        tree = parse(text)
    except UNPARSABLE:
        return None
    bound: set[str] = set()
    plain: set[str] = set()
    declared: set[str] = set()
    stack = [(child, True) for function in tree.body for child in children(function)]
    while stack:
        node, is_own = stack.pop()
        bound.update(_bound_by(node))
        if is_own and isinstance(node, ast.Global):
            declared.update(node.names)
        elif is_own and isinstance(node, ast.Assign) and _is_made(node.value):
            plain.update(each.id for each in node.targets if isinstance(each, ast.Name))
        is_own = is_own and not isinstance(node, _SCOPES)
        stack += [(child, is_own) for child in children(node)]
    return Rebinding(frozenset(bound), frozenset(plain & declared))


def _is_made(value: ast.expr) -> bool:
    return not isinstance(value, ast.Name | ast.Attribute)


def _bound_by(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
            yield name
        case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
            yield from (each.asname or each.name.partition(".")[0] for each in aliases)
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)):
            yield name
        case ast.MatchStar(name=str(name)) | ast.MatchMapping(rest=str(name)):
            yield name


def stand_in(names: Iterable[str]) -> str:
    """A statement that binds names of the module, each more than once, to what no name stands for:
    like a function beside the statement of the module that binds them first."""
    listed = sorted(names)
    return f"global {', '.join(listed)}; {' = '.join(listed * 2)} = 0"
