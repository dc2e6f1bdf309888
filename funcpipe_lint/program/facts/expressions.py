"""Expressions as plain data: what a name, a call or an annotation says, less what nobody asks."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Any

# A form and its parts, tuples all the way down:
#   ("name", word), ("attribute", of, word), ("call", of, ((keyword, argument), ...)),
#   ("await", of), ("item", of, (index, ...)), ("any", (one, ...)), ("text", string),
#   ("value", constant), ("over", iterable of a generator expression), ("?",)
Expression = Sequence[Any]
UNKNOWN: Expression = ("?",)
NONE: Expression = ("value", None)
_DEPTH = 12
_LONGEST_TEXT = 300


def plain(node: ast.expr | None, depth: int = _DEPTH) -> Expression:
    """An expression as plain data; what is not understood, or too deep, is unknown."""
    read = _READ.get(node.__class__)
    return UNKNOWN if node is None or read is None or depth == 0 else read(node, depth - 1)


def _name(node: ast.Name, depth: int) -> Expression:
    return ("name", node.id)


def _attribute(node: ast.Attribute, depth: int) -> Expression:
    of = plain(node.value, depth)
    return of if of == UNKNOWN else ("attribute", of, node.attr)


def _call(node: ast.Call, depth: int) -> Expression:
    of = plain(node.func, depth)
    if of == UNKNOWN:
        return UNKNOWN
    given = [("*" if isinstance(one, ast.Starred) else "", plain(one, depth)) for one in node.args]
    given += [(each.arg or "*", plain(each.value, depth)) for each in node.keywords]
    return ("call", of, tuple(given))


def _await(node: ast.Await, depth: int) -> Expression:
    return ("await", plain(node.value, depth))


def _item(node: ast.Subscript, depth: int) -> Expression:
    inside = node.slice
    parts = inside.elts if isinstance(inside, ast.Tuple) else [inside]
    return ("item", plain(node.value, depth), tuple(plain(part, depth) for part in parts))


def _both(node: ast.BoolOp, depth: int) -> Expression:
    values = node.values if isinstance(node.op, ast.Or) else node.values[-1:]
    return ("any", tuple(plain(value, depth) for value in values))


def _either(node: ast.IfExp, depth: int) -> Expression:
    return ("any", (plain(node.body, depth), plain(node.orelse, depth)))


def _union(node: ast.BinOp, depth: int) -> Expression:
    if not isinstance(node.op, ast.BitOr):
        return UNKNOWN
    return ("any", (plain(node.left, depth), plain(node.right, depth)))


def _walrus(node: ast.NamedExpr, depth: int) -> Expression:
    return plain(node.value, depth)


def _constant(node: ast.Constant, depth: int) -> Expression:
    if isinstance(node.value, str):
        return ("text", node.value) if len(node.value) <= _LONGEST_TEXT else UNKNOWN
    is_plain = node.value is None or isinstance(node.value, bool | int)
    return ("value", node.value) if is_plain else ("value", "...")


def _generator(node: ast.GeneratorExp, depth: int) -> Expression:
    first = node.generators[0]
    return ("over", plain(first.iter, depth)) if first.is_async else UNKNOWN


_READ: dict[Any, Any] = {
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.Call: _call,
    ast.Await: _await,
    ast.Subscript: _item,
    ast.BoolOp: _both,
    ast.IfExp: _either,
    ast.BinOp: _union,
    ast.NamedExpr: _walrus,
    ast.Constant: _constant,
    ast.GeneratorExp: _generator,
}


def last_word(expression: Expression) -> str:
    """The last word of what an expression names or calls; empty where it names nothing."""
    match expression:
        case ("name", word) | ("attribute", _, word):
            return str(word)
        case ("call" | "item", of, _):
            return last_word(of)
    return ""


def head(expression: Expression) -> Expression:
    """What is called, or subscripted, of an expression; itself where it is neither."""
    match expression:
        case ("call" | "item", of, _):
            return head(of)
    return expression
