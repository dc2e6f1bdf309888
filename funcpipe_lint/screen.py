"""Cheap screens: from `ast`, which rules could possibly have something to say of a file.

A screen may say yes too often, never no wrongly: tests run every rule with and without it.
"""

from __future__ import annotations

import ast
from enum import Flag, auto


class Shape(Flag):
    """What `ast` sees in a file. A rule's screen names the shapes that it cannot do without."""

    NONE = 0
    ASYNC_FOR = auto()
    """An `async for` statement."""
    ASYNC_FOR_CALL = auto()
    """An `async for` over a call."""
    ASYNC_FOR_LEFT = auto()
    """An `async for` over a call whose body holds break, return or raise."""
    ASYNC_FOR_YIELD = auto()
    """An `async for` over a call whose body holds a yield."""
    ASYNC_COMPREHENSION = auto()
    ASYNC_FUNCTION = auto()
    ASYNC_GENERATOR = auto()
    """An `async def` that holds a yield."""
    GENERATOR = auto()
    """A plain `def` that holds a yield."""
    CLEANUP_YIELD = auto()
    """A yield in `async with`, or in a `try` with `finally`, of an async generator."""
    YIELD_IN_WITH = auto()
    """A yield in `with` or `async with`, of an async generator."""
    YIELD_IN_CLEANUP = auto()
    """A yield in a handler or `finally`, of an async generator."""
    REPLAY = auto()
    """A `for` over a list comprehension of a stream, or an `async for` that may only append."""
    MATCH = auto()
    CLOSE_CALL = auto()
    """The word `aclose`."""
    RESULT_WORDS = auto()
    """A word without which no module is a Result module."""
    ANEXT = auto()
    """The word `anext`."""
    DESCRIPTION = auto()
    """A lambda, a nested function, or a word that names a description type."""
    DISCARDED_CALL = auto()
    """A call as a statement of its own, of a name that the file may give a stream's meaning; or
    the word of a function of elsewhere that makes streams."""


# What no file shows of which `may_hold_streams` is False.
OF_STREAMS = (
    Shape.ASYNC_FOR
    | Shape.ASYNC_FOR_CALL
    | Shape.ASYNC_FOR_LEFT
    | Shape.ASYNC_FOR_YIELD
    | Shape.ASYNC_COMPREHENSION
    | Shape.ASYNC_GENERATOR
    | Shape.CLEANUP_YIELD
    | Shape.YIELD_IN_WITH
    | Shape.YIELD_IN_CLEANUP
    | Shape.REPLAY
)


def word_shapes(text: str, is_result: bool, makers: tuple[str, ...]) -> Shape:
    """The shapes that words alone show; `is_result` says that they allow a Result module, `makers`
    are the `maker_words`."""
    found = Shape.RESULT_WORDS | Shape.DESCRIPTION if is_result else Shape.NONE
    if any(word in text for word in makers):
        found |= Shape.DISCARDED_CALL
    for word, shape in (("anext", Shape.ANEXT), ("aclose", Shape.CLOSE_CALL)):
        if word in text:
            found |= shape
    return found


def shapes(tree: ast.Module, is_result: bool) -> Shape:
    """The shapes that `ast` sees in a file; `is_result` as for `word_shapes`.

    One pass without recursion, O(nodes).
    """
    found = Shape.NONE
    calls = _Calls()
    stack: list[tuple[ast.AST, Shape, bool]] = [(tree, Shape.NONE, False)]
    while stack:
        node, around, is_async = stack.pop()
        kind = type(node)
        if kind in _LEAVES:
            continue
        if kind in _NAMING:
            calls.see(node)
        if kind in (ast.Yield, ast.YieldFrom):
            found |= _yield_shapes(around) if is_async else Shape.GENERATOR
        elif kind in (ast.Break, ast.Return, ast.Raise):
            if around & Shape.ASYNC_FOR_CALL:
                found |= Shape.ASYNC_FOR_LEFT
        elif kind in _FUNCTIONS:
            found |= _function_shapes(kind, around)
        elif kind in _SHAPED:
            seen, carried = _other_shapes(node)
            found |= seen
            around |= carried
        for field in node._fields:
            value = getattr(node, field, None)
            below = value if isinstance(value, list) else [value]
            inside = (around, is_async)
            if field == "body" and kind in _FUNCTIONS:
                # Decorators, defaults and annotations run outside.
                inside = (_IN_FUNCTION, kind is ast.AsyncFunctionDef)
            elif field in ("handlers", "finalbody"):
                inside = (around | Shape.YIELD_IN_CLEANUP, is_async)
            stack += [(child, *inside) for child in below if isinstance(child, ast.AST)]
    if calls.may_discard_stream():
        found |= Shape.DISCARDED_CALL
    return found


class _Calls:
    """Which names are called in statements of their own, and what the file binds them to."""

    def __init__(self) -> None:
        self._names: set[str] = set()
        self._attributes: set[str] = set()
        self._functions: list[ast.FunctionDef | ast.AsyncFunctionDef] = []
        self._bound: set[str] = {""}  # `f()()`: the result of any call may be a description

    def see(self, node: ast.AST) -> None:
        """Take note of a statement call, a definition, a parameter or an assignment."""
        match node:
            case ast.Expr(value=ast.Call(func=ast.Attribute(attr=name, value=ast.Name()))):
                self._attributes.add(name)
            case ast.Expr(value=ast.Call(func=ast.Name(id=name))):
                self._names.add(name)
            case ast.Expr(value=ast.Call(func=ast.Call())):
                self._names.add("")
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self._functions.append(node)
            case ast.arg(arg=name, annotation=ast.AST() as note):
                if not _is_plain(note):
                    self._bound.add(name)
            case ast.Assign(targets=targets, value=ast.Name() | ast.Call() | ast.Lambda()):
                self._bound.update(t.id for t in targets if isinstance(t, ast.Name))
            case ast.AnnAssign(target=ast.Name(id=name), annotation=note):
                if not _is_plain(note):
                    self._bound.add(name)

    def may_discard_stream(self) -> bool:
        """Whether one of the calls may be of a stream function or builder."""
        if not self._names.isdisjoint(self._bound):
            return True
        called = self._names | self._attributes
        return any(f.name in called and _may_return_stream(f) for f in self._functions)


_PLAIN_WORDS = frozenset(
    (
        "None",
        "str",
        "int",
        "float",
        "bool",
        "bytes",
        "list",
        "dict",
        "set",
        "tuple",
        "object",
        "Any",
    )
)


def _is_plain(annotation: ast.AST) -> bool:
    """Whether an annotation is built of builtin types alone: no stream, no description."""
    return all(
        node.id in _PLAIN_WORDS
        if isinstance(node, ast.Name)
        else not isinstance(node, ast.Attribute | ast.Constant) or node.value is None
        for node in ast.walk(annotation)
    )


def _may_return_stream(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    note = function.returns if isinstance(function, ast.FunctionDef) else None
    if note is not None and not _is_plain(note):
        return True
    inner = (ast.Yield, ast.YieldFrom, *_FUNCTIONS)
    return any(isinstance(n, inner) for n in ast.walk(function) if n is not function)


def _yield_shapes(around: Shape) -> Shape:
    found = Shape.ASYNC_GENERATOR
    if around & Shape.ASYNC_FOR_CALL:
        found |= Shape.ASYNC_FOR_YIELD
    places = Shape.CLEANUP_YIELD | Shape.YIELD_IN_WITH | Shape.YIELD_IN_CLEANUP
    return found | (around & places)


def _function_shapes(kind: type, around: Shape) -> Shape:
    found = Shape.ASYNC_FUNCTION if kind is ast.AsyncFunctionDef else Shape.NONE
    if kind is ast.Lambda or around & _IN_FUNCTION:
        found |= Shape.DESCRIPTION
    return found


def _other_shapes(node: ast.AST) -> tuple[Shape, Shape]:
    """(what a node is, what it is to everything below it)."""
    match node:
        case ast.AsyncFor():
            replay = Shape.REPLAY if _may_only_append(node.body) else Shape.NONE
            if isinstance(node.iter, ast.Call):
                return Shape.ASYNC_FOR | Shape.ASYNC_FOR_CALL | replay, Shape.ASYNC_FOR_CALL
            return Shape.ASYNC_FOR | replay, Shape.NONE
        case ast.For(iter=ast.ListComp(generators=[ast.comprehension(is_async=1), *_])):
            return Shape.REPLAY, Shape.NONE
        case ast.AsyncWith():
            return Shape.NONE, Shape.YIELD_IN_WITH | Shape.CLEANUP_YIELD
        case ast.With():
            return Shape.NONE, Shape.YIELD_IN_WITH
        case ast.Try() | ast.TryStar():
            cleanup = Shape.CLEANUP_YIELD if node.finalbody else Shape.NONE
            return Shape.NONE, cleanup
        case ast.Match():
            return Shape.MATCH, Shape.NONE
        case ast.comprehension(is_async=1):
            return Shape.ASYNC_COMPREHENSION, Shape.NONE
    return Shape.NONE, Shape.NONE


def _may_only_append(body: list[ast.stmt]) -> bool:
    match body:
        case [ast.If()] | [ast.Expr(value=ast.Call(func=ast.Attribute(attr="append")))]:
            return True
    return False


# Marks, in what is carried downwards, that a function is around.
_IN_FUNCTION = Shape.ASYNC_FUNCTION
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_SHAPED = frozenset(
    (
        ast.AsyncFor,
        ast.For,
        ast.AsyncWith,
        ast.With,
        ast.Try,
        ast.TryStar,
        ast.Match,
        ast.comprehension,
    )
)
_LEAVES = frozenset(
    (ast.Name, ast.Load, ast.Store, ast.Pass, ast.Import, ast.ImportFrom, ast.alias)
)
_NAMING = frozenset(
    (ast.Expr, ast.AsyncFunctionDef, ast.FunctionDef, ast.arg, ast.Assign, ast.AnnAssign)
)
