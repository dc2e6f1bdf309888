"""Which names a function binds, by its text alone."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from funcpipe_lint.read.nodes import children, walk
from funcpipe_lint.read.syntax import UNPARSABLE, parse


def bound_in(text: str) -> set[str] | None:
    """The names that a function binds, in whatever scope, given by its text from `def` on; None
    where that does not parse."""
    try:
        tree = parse(text)
    except UNPARSABLE:
        return None
    below = (child for function in tree.body for child in children(function))
    return {name for each in below for node in walk(each) for name in _bound_by(node)}


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
