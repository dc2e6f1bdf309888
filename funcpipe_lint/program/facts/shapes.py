"""What the `ast` of a statement tells by itself, without the function or the module around it."""

from __future__ import annotations

import ast
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from funcpipe_lint.program.facts.expressions import UNKNOWN, Expression, plain
from funcpipe_lint.read.nodes import children, walk

AnyFunction = ast.FunctionDef | ast.AsyncFunctionDef

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
# Blocks that run what is in them once.
_ONCE = (ast.With, ast.AsyncWith, ast.Try, ast.TryStar)

Around = tuple[Any, ...]
"""What stands around a statement within its function: (node, part), innermost first."""

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


def is_among(lines: Sequence[int], node: Any) -> bool:
    """Whether a node stands in one of some lines, or over one."""
    at = bisect_left(lines, node.lineno)
    return at < len(lines) and lines[at] <= node.end_lineno


def parameters(args: ast.arguments) -> Iterator[tuple[str, Expression, Expression]]:
    """(name, annotation, default) of each parameter; a star has a name that begins with it."""
    plainly = [*args.posonlyargs, *args.args]
    missing = len(plainly) - len(args.defaults)
    for place, each in enumerate(plainly):
        default = UNKNOWN if place < missing else plain(args.defaults[place - missing])
        yield each.arg, plain(each.annotation), default
    if args.vararg is not None:
        yield f"*{args.vararg.arg}", UNKNOWN, UNKNOWN
    for each, value in zip(args.kwonlyargs, args.kw_defaults, strict=True):
        yield each.arg, plain(each.annotation), UNKNOWN if value is None else plain(value)
    if args.kwarg is not None:
        yield f"**{args.kwarg.arg}", UNKNOWN, UNKNOWN


def borrowed_names(around: Around) -> Iterator[str]:
    """The names that the blocks `async with` around bind."""
    for mark, _ in around:
        if isinstance(mark, ast.AsyncWith):
            for item in mark.items:
                if item.optional_vars is not None:
                    for part in walk(item.optional_vars):
                        if isinstance(part, ast.Name):
                            yield part.id


def loops_of(around: Around) -> list[int]:
    """The loops that stand around something, by their identity."""
    return [id(mark) for mark, _ in around if not isinstance(mark, _ONCE)]


def is_starred(target: ast.Tuple) -> bool:
    """Whether a target takes as many values as there are."""
    return any(isinstance(each, ast.Starred) for each in target.elts)


def uses(statements: Iterable[ast.AST]) -> dict[str, tuple[int, int]]:
    """How often each name is read, and how often to go through it or to pull from it. A function
    inside that does so is handed what it goes through; its parameters are other names."""
    used: Counter[str] = Counter()
    asked: Counter[str] = Counter()
    waiting = list(statements)
    while waiting:
        part = waiting.pop()
        given: ast.expr | None = None
        if isinstance(part, _FUNCTIONS):
            names = {each.arg for each in walk(part.args) if isinstance(each, ast.arg)}
            body = part.body if isinstance(part.body, list) else [part.body]
            for name, (count, _) in uses(body).items():
                used[name] += 0 if name in names else count
            waiting += [each for each in children(part) if each not in body]
            continue
        if isinstance(part, ast.Name):
            used[part.id] += isinstance(part.ctx, ast.Load)
        elif isinstance(part, ast.AsyncFor):
            given = part.iter
        elif isinstance(part, ast.Call):
            func = part.func
            if isinstance(func, ast.Name) and func.id == "anext" and part.args:
                given = part.args[0]
            elif isinstance(func, ast.Attribute) and func.attr == "__anext__":
                given = func.value
        if isinstance(given, ast.Name):
            asked[given.id] += 1
        waiting += children(part)
    return {name: (count, asked[name]) for name, count in used.items()}


def is_never(test: ast.expr) -> bool:
    """Whether a test never comes out true when the code runs."""
    return names_types(test) or (isinstance(test, ast.Constant) and not test.value)


def names_types(test: ast.expr) -> bool:
    """Whether a test is `TYPE_CHECKING`, which is true for type checkers alone."""
    word = getattr(test, "id", None) or getattr(test, "attr", None)
    return word == "TYPE_CHECKING"


def is_stub(body: Sequence[ast.stmt]) -> bool:
    """Whether a body is left to others: nothing but a docstring, an ellipsis, `pass`, or what
    raises NotImplementedError before anything else."""
    for statement in body:
        if isinstance(statement, ast.Pass):
            continue
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
            continue
        if isinstance(statement, ast.Raise) and statement.exc is not None:
            raised = statement.exc
            named = raised.func if isinstance(raised, ast.Call) else raised
            return getattr(named, "id", "") == "NotImplementedError"
        return isinstance(statement, ast.If) and is_never(statement.test)
    return True


def is_yield(statement: ast.stmt) -> bool:
    """Whether a statement is a yield by itself."""
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Yield)


def guards(body: Sequence[ast.stmt]) -> list[str]:
    """`if not p: return` and `if p is None: return` at the top of a body."""
    found = []
    for statement in body:
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
            continue
        if not isinstance(statement, ast.If) or not isinstance(statement.body[-1], ast.Return):
            break
        match statement.test:
            case ast.UnaryOp(op=ast.Not(), operand=ast.Name(id=name)):
                found.append(name)
            case ast.Compare(left=ast.Name(id=name), ops=[ast.Is()], comparators=[ast.Constant()]):
                found.append(name)
            case _:
                break
    return found


def exported(body: Iterable[ast.stmt]) -> list[str] | None:
    """`__all__`, where one statement assigns it a plain list of strings."""
    found: list[list[str] | None] = []
    for statement in body:
        if isinstance(statement, ast.Assign):
            targets: list[ast.expr] = statement.targets
        elif isinstance(statement, ast.AnnAssign | ast.AugAssign):
            targets = [statement.target]
        else:
            continue
        if any(isinstance(each, ast.Name) and each.id == "__all__" for each in targets):
            found.append(None if isinstance(statement, ast.AugAssign) else _words(statement.value))
    return found[0] if len(found) == 1 else None


def _words(value: ast.expr | None) -> list[str] | None:
    if not isinstance(value, ast.List | ast.Tuple):
        return None
    words = [getattr(each, "value", None) for each in value.elts]
    return [word for word in words if isinstance(word, str)]
