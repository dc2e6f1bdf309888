"""What a generator holds at a yield: what has to be awaited when it is closed there, by its `ast`.

The one place that says what a clean-up is: an `async with`, a `finally` that awaits, a handler that
closing reaches and that awaits.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence

from funcpipe_lint.model.vocabulary import CLOSING, last_words
from funcpipe_lint.program.facts.expressions import plain
from funcpipe_lint.program.facts.records import Holder
from funcpipe_lint.read.nodes import last_word, own, walk

_WAITS = (ast.Await, ast.AsyncFor, ast.AsyncWith)
_CLOSING = frozenset(last_words(CLOSING))
_LONGEST = 40

AnyTry = ast.Try | ast.TryStar


def holder(node: object, part: str) -> Holder | None:
    """What a block holds while one of its parts runs; None where that is nothing to wait for."""
    if isinstance(node, ast.AsyncWith):
        entered = [item.context_expr for item in node.items]
        managers = tuple(plain(each) for each in entered)
        return Holder("with", node.lineno, node.col_offset + 1, _short(entered[0]), managers)
    if not isinstance(node, AnyTry):
        return None
    is_final = node.finalbody and part != "finally" and _cleans_up(node.finalbody)
    if is_final and not _is_idle_at_yields(node):
        return Holder("finally", node.lineno, node.col_offset + 1, "")
    if part == "body" and any(_is_clean_up(each) for each in node.handlers):
        return Holder("except", node.lineno, node.col_offset + 1, "")
    return None


def is_idle(body: Sequence[ast.stmt]) -> bool:
    """Whether a generator certainly awaits nothing after a yield, but for the ends of the blocks
    `async with` around it."""
    yields = [node for node in own(body) if isinstance(node, ast.Yield | ast.YieldFrom)]
    first = min((node.lineno, node.col_offset) for node in yields)
    last = max((node.end_lineno or 0, node.end_col_offset or 0) for node in yields)
    for node in own(body):
        if isinstance(node, ast.For | ast.While | ast.AsyncFor):
            start, end = (node.lineno, node.col_offset), (node.end_lineno or 0, 0)
            if start < last and first < (end[0] + 1, 0):
                return False  # what stands before the yield may follow it
        elif isinstance(node, ast.Await | ast.AsyncWith | ast.comprehension):
            place = node.iter if isinstance(node, ast.comprehension) else node
            if (place.lineno, place.col_offset) > first and awaits([node]):
                return False
    return True


def _short(node: ast.expr) -> str:
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."


def awaits(nodes: Iterable[ast.AST]) -> bool:
    """Whether something in some statements has to be awaited."""
    return any(
        isinstance(node, _WAITS) or (isinstance(node, ast.comprehension) and bool(node.is_async))
        for node in own(nodes)
    )


def _cleans_up(final: Iterable[ast.stmt]) -> bool:
    """Whether a `finally` awaits, and does not certainly fail at a yield when the stream is closed,
    which is another matter: it awaits before it yields, and yields under a test."""
    is_awaited = False
    for statement in final:
        if any(isinstance(node, ast.Yield) for node in own([statement])):
            return is_awaited and not isinstance(statement, ast.Expr | ast.Assign)
        is_awaited = is_awaited or awaits([statement])
    return is_awaited


def _is_clean_up(handler: ast.ExceptHandler) -> bool:
    """Whether a handler is reached when the stream is closed, and awaits before it yields. One that
    may raise first is none: `if has_begun: raise` knows of the yield."""
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    is_reached = any(kind is None or last_word(kind) in _CLOSING for kind in kinds)
    return is_reached and _cleans_up(handler.body) and not _may_raise_first(handler.body)


def _may_raise_first(body: Sequence[ast.stmt]) -> bool:
    for statement in body:
        if isinstance(statement, ast.If) and any(
            isinstance(node, ast.Raise) for node in own(statement.body)
        ):
            return True
        if awaits([statement]):
            return False
    return False


def _is_idle_at_yields(node: AnyTry) -> bool:
    """Whether all that a `finally` awaits is under a test that a task is not done, and each yield
    of the `try` gives that task's result, or follows an assignment of None to it."""
    waiting = [statement for statement in node.finalbody if awaits([statement])]
    tasks = {task for each in waiting for task in _undone(each)}
    if len(tasks) != 1 or not all(isinstance(each, ast.If) for each in waiting):
        return False
    (task,) = tasks
    return all(_is_done_at(task, each, before) for each, before in _yields(node.body))


def _undone(statement: ast.stmt) -> Iterator[str]:
    """`t` of `if ... not t.done() ...:`."""
    if isinstance(statement, ast.If):
        for part in walk(statement.test):
            match part:
                case ast.UnaryOp(
                    op=ast.Not(),
                    operand=ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="done")),
                ):
                    yield name


def _yields(body: Sequence[ast.stmt]) -> Iterator[tuple[ast.Yield, ast.stmt | None]]:
    """Each yield below some statements, and the statement right before its own."""
    blocks: list[Sequence[ast.stmt]] = [body]
    while blocks:
        block = blocks.pop()
        before: ast.stmt | None = None
        for statement in block:
            inner = [
                part
                for name in ("body", "orelse", "finalbody", "handlers", "cases")
                for part in [getattr(statement, name, [])]
                if part
            ]
            for part in inner:
                for each in part:
                    is_block = isinstance(each, ast.ExceptHandler | ast.match_case)
                    blocks += [each.body] if is_block else []
                if isinstance(part[0], ast.stmt):
                    blocks.append(part)
            if not inner:
                found = (n for n in own([statement]) if isinstance(n, ast.Yield))
                yield from ((each, before) for each in found)
            before = statement


def _is_done_at(task: str, node: ast.Yield, before: ast.stmt | None) -> bool:
    given = () if node.value is None else walk(node.value)
    for part in given:
        match part:
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="result")):
                if name == task:
                    return True
    match before:
        case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=None)):
            return name == task
    return False
