"""What must be true, or false, of a function's names for a place in it to be reached."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

Condition = tuple[str, bool]
"""A name, and whether it is true."""


def conditions(tests: Iterable[tuple[ast.expr, bool]]) -> frozenset[Condition]:
    """What certainly holds where the `if` statements around came out so; names alone are read."""
    return frozenset(each for test, outcome in tests for each in _implied(test, outcome))


def _implied(test: ast.expr, outcome: bool) -> Iterator[Condition]:
    match test:
        case ast.Name(id=name):
            yield name, outcome
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield from _implied(operand, not outcome)
        case ast.BoolOp(op=operator, values=values):
            if isinstance(operator, ast.And) == outcome:
                for value in values:
                    yield from _implied(value, outcome)
