"""What one pass over an `ast` tree sees of a file, or of its async functions: who yields where.

Every answer is an over-approximation by last words: `self.rows()` and `rows()` both call "rows".
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import Any, NamedTuple

from funcpipe_lint.model.vocabulary import STACK_ENTERS, is_transforming
from funcpipe_lint.read.nodes import fields_of, last_word
from funcpipe_lint.screen.text.words import FileWords


class Frame:
    """A function, class or module whose body is read."""

    __slots__ = ("closes", "has_yield", "heads", "is_async", "is_transformed", "node", "spawns")

    def __init__(self, node: ast.FunctionDef | ast.AsyncFunctionDef | None = None) -> None:
        self.node = node
        self.is_async = isinstance(node, ast.AsyncFunctionDef)
        decorators = () if node is None else node.decorator_list
        self.is_transformed = any(is_transforming(last_word(d)) for d in decorators)
        self.has_yield = self.spawns = False
        self.heads: list[ast.expr] = []
        """What is entered by a `with` around one of its yields, or by an exit stack."""
        self.closes: list[tuple[Attempt, bool]] = []
        """The `try` in whose handler (True) or `finally` one of its yields stands."""


class Attempt:
    """A `try` statement."""

    __slots__ = ("body_yields", "yields")

    def __init__(self) -> None:
        self.body_yields = self.yields = False


class Around(NamedTuple):
    """What stands around a node, within its function."""

    frame: Frame
    heads: tuple[ast.expr, ...] = ()
    tries: tuple[tuple[Attempt, bool], ...] = ()
    closing: tuple[tuple[Attempt, bool], ...] = ()


class Facts:
    """What one pass over a tree, without recursion, has seen. O(nodes)."""

    def __init__(self, tree: ast.Module, words: FileWords) -> None:
        self.async_functions = 0
        self.frames: list[Frame] = []
        self.replays = False
        """Whether a `for` goes through a list comprehension of a stream."""
        self.async_iterables: list[ast.expr] = []
        """What `async for` goes through, in comprehensions too."""
        self.attempts: list[ast.Try | ast.TryStar] = []
        self._words = words
        self._stack: list[tuple[Any, Around]] = [(tree, Around(Frame()))]
        self._read()

    @property
    def streams(self) -> list[Frame]:
        """The async generators that no decorator makes something else of."""
        return [f for f in self.frames if f.is_async and f.has_yield and not f.is_transformed]

    def _read(self) -> None:
        stack = self._stack
        while stack:
            node, around = stack.pop()
            visit = _VISITS.get(node.__class__, Facts._below)
            visit(self, node, around)

    def _below(self, node: ast.AST, around: Around) -> None:
        push = self._stack.append
        kind = node.__class__
        fields = _FIELDS.get(kind)
        if fields is None:
            fields = _FIELDS[kind] = tuple(f for f in fields_of(kind) if f not in _TYPES)
        for field in fields:
            value = getattr(node, field)
            if value.__class__ is list:
                for child in value:
                    if child.__class__ not in _LEAVES:
                        push((child, around))
            elif value.__class__ not in _LEAVES:
                push((value, around))

    def _push(self, nodes: Iterable[ast.AST | None], around: Around) -> None:
        self._stack += [(node, around) for node in nodes]

    # -- functions

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef, around: Around) -> None:
        frame = Frame(node)
        self.async_functions += frame.is_async
        self.frames.append(frame)
        # Decorators and defaults run outside.
        self._push((*node.decorator_list, node.args), around)
        self._push(node.body, Around(frame))

    def _lambda(self, node: ast.Lambda, around: Around) -> None:
        self._push((node.args,), around)
        self._push((node.body,), Around(Frame()))

    def _class(self, node: ast.ClassDef, around: Around) -> None:
        self._push((*node.decorator_list, *node.bases, *node.keywords), around)
        self._push(node.body, Around(Frame()))

    def _yield(self, node: ast.Yield | ast.YieldFrom, around: Around) -> None:
        frame = around.frame
        frame.has_yield = True
        frame.heads += around.heads
        frame.closes += around.closing
        for block, is_body in around.tries:
            block.yields = True
            block.body_yields |= is_body
        self._below(node, around)

    # -- loops

    def _async_for(self, node: ast.AsyncFor, around: Around) -> None:
        self.async_iterables.append(node.iter)
        self._below(node, around)

    def _for(self, node: ast.For, around: Around) -> None:
        made = node.iter
        self.replays |= isinstance(made, ast.ListComp) and bool(made.generators[0].is_async)
        self._below(node, around)

    def _comprehension(self, node: ast.comprehension, around: Around) -> None:
        if node.is_async:
            self.async_iterables.append(node.iter)
        self._below(node, around)

    # -- what is held open

    def _with(self, node: ast.With | ast.AsyncWith, around: Around) -> None:
        self._push(node.items, around)
        heads = tuple(item.context_expr for item in node.items)
        self._push(node.body, around._replace(heads=(*around.heads, *heads)))

    def _try(self, node: ast.Try | ast.TryStar, around: Around) -> None:
        block = Attempt()
        self.attempts.append(node)
        body = around._replace(tries=(*around.tries, (block, True)))
        other = around._replace(tries=(*around.tries, (block, False)))
        self._push(node.body, body)
        self._push(node.orelse, other)
        for handler in node.handlers:
            inside = other
            if self._words.may_meet_closing(handler.type):
                inside = other._replace(closing=(*around.closing, (block, True)))
            self._push(handler.body, inside)
            self._push((handler.type,), around)
        self._push(node.finalbody, around._replace(closing=(*around.closing, (block, False))))

    def _call(self, node: ast.Call, around: Around) -> None:
        if self._words.may_spawn(node.func):
            around.frame.spawns = True
        elif node.args and last_word(node) in STACK_ENTERS:
            around.frame.heads.append(node.args[0])
        self._below(node, around)

    def _leaf(self, node: ast.AST, around: Around) -> None:
        pass


# None stands for what a node lacks, as the key of `**x` in a display.
_LEAVES = frozenset((ast.Name, ast.Constant, ast.Pass, type(None), str, int, bool, bytes))
_TYPES = ("annotation", "returns", "type_params")
_FIELDS: dict[type, tuple[str, ...]] = {}
_VISITS: dict[type, Any] = {
    ast.FunctionDef: Facts._function,
    ast.AsyncFunctionDef: Facts._function,
    ast.Lambda: Facts._lambda,
    ast.ClassDef: Facts._class,
    ast.Yield: Facts._yield,
    ast.YieldFrom: Facts._yield,
    ast.AsyncFor: Facts._async_for,
    ast.For: Facts._for,
    ast.comprehension: Facts._comprehension,
    ast.With: Facts._with,
    ast.AsyncWith: Facts._with,
    ast.Try: Facts._try,
    ast.TryStar: Facts._try,
    ast.Call: Facts._call,
    **dict.fromkeys((*_LEAVES, ast.Import, ast.ImportFrom), Facts._leaf),
}
