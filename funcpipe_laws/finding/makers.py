"""What can be read off a function's source about what it returns: a stream that others make."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterator, Mapping
from types import FunctionType
from typing import Any

DEPTH = 3


def is_stream_class(thing: object) -> bool:
    """Whether its instances can be iterated over by `async for`."""
    return inspect.isclass(thing) and callable(getattr(thing, "__aiter__", None))


def made_here(cls: type[Any]) -> bool:
    """Whether it says itself, or by a base of its own, how an instance is made."""
    return any("__init__" in vars(base) for base in cls.__mro__ if base is not object)


def makes_a_stream(function: Any, *, certain: bool, depth: int = DEPTH) -> bool:
    """Whether a plain function makes a stream by another function or a class of its package.

    `certain`: that is what it returns, alone or several in a tuple or a list. Otherwise it is
    enough that its code names one.
    """
    function = getattr(function, "__func__", function)
    if not isinstance(function, FunctionType) or depth == 0:
        return False
    if not certain:
        names = function.__code__.co_names
        return any(_is_maker(function, function.__globals__.get(name), depth) for name in names)
    tree = _tree_of(function)
    if tree is None:
        return False
    given = {
        node.targets[0].id: node.value
        for node in _own_nodes(tree)
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    return any(
        isinstance(value, ast.Call) and _calls_a_maker(function, value, given, depth)
        for value in _returned(tree, given)
    )


def _tree_of(function: FunctionType) -> ast.FunctionDef | None:
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    except (OSError, TypeError, SyntaxError, IndexError):
        return None
    return tree if isinstance(tree, ast.FunctionDef) else None


def _returned(tree: ast.FunctionDef, given: Mapping[str, ast.expr]) -> Iterator[ast.expr]:
    """The expressions that a function returns, those of a tuple, a list and a choice in turn."""
    for node in _own_nodes(tree):
        if isinstance(node, ast.Return) and node.value is not None:
            for value in _alternatives(node.value):
                yield given.get(value.id, value) if isinstance(value, ast.Name) else value


_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)


def _own_nodes(tree: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(tree):
        if not isinstance(child, _SCOPES):
            yield child
            yield from _own_nodes(child)


def _alternatives(value: ast.expr) -> Iterator[ast.expr]:
    if isinstance(value, ast.Tuple | ast.List):
        for each in value.elts:
            yield from _alternatives(each)
    elif isinstance(value, ast.IfExp):
        yield from _alternatives(value.body)
        yield from _alternatives(value.orelse)
    elif isinstance(value, ast.ListComp | ast.GeneratorExp):
        yield from _alternatives(value.elt)
    elif (
        isinstance(value, ast.Call)
        and isinstance(value.func, ast.Name)
        and value.func.id in ("tuple", "list", "aiter")
        and value.args
    ):
        yield from _alternatives(value.args[0])
    else:
        yield value


def _calls_a_maker(
    function: FunctionType, call: ast.Call, given: Mapping[str, ast.expr], depth: int
) -> bool:
    if isinstance(call.func, ast.Name):
        return _is_maker(function, function.__globals__.get(call.func.id), depth)
    if not isinstance(call.func, ast.Attribute) or not isinstance(call.func.value, ast.Name):
        return False
    owner: ast.expr | None = given.get(call.func.value.id, call.func.value)
    made = owner.func if isinstance(owner, ast.Call) else owner
    cls = function.__globals__.get(made.id) if isinstance(made, ast.Name) else None
    return inspect.isclass(cls) and _is_maker(function, getattr(cls, call.func.attr, None), depth)


def _is_maker(function: FunctionType, thing: Any, depth: int) -> bool:
    """Whether it is a class of streams or a function that makes one, of the same package."""
    home = str(getattr(thing, "__module__", "")).partition(".")[0]
    if home != function.__module__.partition(".")[0]:
        return False
    if inspect.isclass(thing):
        return is_stream_class(thing) or any(map(inspect.isasyncgenfunction, vars(thing).values()))
    return inspect.isasyncgenfunction(thing) or (
        inspect.isfunction(thing)
        and not inspect.iscoroutinefunction(thing)
        and makes_a_stream(thing, certain=True, depth=depth - 1)
    )
