"""What one pass over an `ast` tree sees of a file, or of its async functions: who yields where.

Every answer is an over-approximation by last words: `self.rows()` and `rows()` both call "rows".
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import Any

from funcpipe_lint.model.vocabulary import STACK_ENTERS, is_transforming
from funcpipe_lint.read.nodes import closes, fields_of, last_word
from funcpipe_lint.screen.declaration import Shape
from funcpipe_lint.screen.parsed.enclosing import Around, Attempt, Frame, Loop
from funcpipe_lint.screen.text.words import FileWords


class Facts:
    """What one pass over a tree, without recursion, has seen. O(nodes)."""

    def __init__(self, tree: ast.Module, words: FileWords) -> None:
        self.shapes = 0
        self.async_functions = 0
        self.frames: list[Frame] = []
        self.loops: list[Loop] = []
        self.pulls = False
        """Whether an `anext` pulls from a call."""
        self.async_fors: list[tuple[Frame, ast.AsyncFor]] = []
        self.async_iterables: list[ast.expr] = []
        """What `async for` goes through, in comprehensions too."""
        self.fors: list[tuple[Frame, ast.For]] = []
        """Those over a name or a call."""
        self.plainly_entered: set[ast.expr] = set()
        """What is entered by `with`, and not by `async with`."""
        self.attempts: list[ast.Try | ast.TryStar] = []
        self.aliases: dict[str, set[str]] = {}
        self._words = words
        self._stack: list[tuple[Any, Around]] = [(tree, Around(Frame("")))]
        self._read()

    def _read(self) -> None:
        stack = self._stack
        while stack:
            node, around = stack.pop()
            kind = node.__class__
            visit = _VISITS.get(kind)
            if visit is not None:
                visit(self, node, around)
            else:
                self._below(node, around)

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
        is_async = node.__class__ is ast.AsyncFunctionDef
        if is_async:
            self.async_functions += 1
        is_transformed = any(is_transforming(last_word(d)) for d in node.decorator_list)
        frame = Frame(node.name, around.frame, is_async, is_transformed, node)
        self.frames.append(frame)
        # Decorators and defaults run outside.
        self._push((*node.decorator_list, node.args), around)
        self._push(node.body, Around(frame))

    def _lambda(self, node: ast.Lambda, around: Around) -> None:
        self._push((node.args,), around)
        self._push((node.body,), Around(Frame("<lambda>")))

    def _class(self, node: ast.ClassDef, around: Around) -> None:
        self._push((*node.decorator_list, *node.bases, *node.keywords), around)
        # A class inside a function is inside it.
        self._push(node.body, Around(Frame(around.frame.name)))

    def _yield(self, node: ast.Yield | ast.YieldFrom, around: Around) -> None:
        frame = around.frame
        frame.has_yield = True
        self.shapes |= _ASYNC_GENERATOR if frame.is_async else _GENERATOR
        frame.heads += around.heads
        frame.closes += around.closing
        for loop in around.loops:
            loop.yields = True
        for block, is_body in around.tries:
            block.yields = True
            block.body_yields |= is_body
        self._below(node, around)

    def _leave(self, node: ast.Break | ast.Raise, around: Around) -> None:
        for loop in around.loops:
            loop.is_left = True
        self._below(node, around)

    def _return(self, node: ast.Return, around: Around) -> None:
        around.frame.returns_value |= node.value is not None
        for loop in around.loops:
            loop.is_left = True
        self._below(node, around)

    # -- loops

    def _async_for(self, node: ast.AsyncFor, around: Around) -> None:
        self.shapes |= _ASYNC_FOR
        self.async_fors.append((around.frame, node))
        self.async_iterables.append(node.iter)
        inside = around
        if isinstance(node.iter, ast.Call):
            loop = Loop(around.is_closed)
            self.loops.append(loop)
            inside = around._replace(loops=(*around.loops, loop))
        self._push((node.target, node.iter, *node.orelse), around)
        self._push(node.body, inside)

    def _for(self, node: ast.For, around: Around) -> None:
        made = node.iter
        if isinstance(made, ast.ListComp) and made.generators[0].is_async:
            self.shapes |= _REPLAY
        elif isinstance(made, ast.Name | ast.Call):
            self.fors.append((around.frame, node))
        self._below(node, around)

    def _comprehension(self, node: ast.comprehension, around: Around) -> None:
        if node.is_async:
            self.shapes |= _ASYNC_COMPREHENSION
            self.async_iterables.append(node.iter)
        self._below(node, around)

    # -- what is held open

    def _with(self, node: ast.With | ast.AsyncWith, around: Around) -> None:
        self._push(node.items, around)
        heads = tuple(item.context_expr for item in node.items)
        if node.__class__ is ast.With:
            self.plainly_entered.update(heads)
        self._push(node.body, around._replace(heads=(*around.heads, *heads)))

    def _try(self, node: ast.Try | ast.TryStar, around: Around) -> None:
        block = Attempt()
        self.attempts.append(node)
        is_closed = around.is_closed or closes(node.finalbody)
        body = around._replace(is_closed=is_closed, tries=(*around.tries, (block, True)))
        other = body._replace(tries=(*around.tries, (block, False)))
        self._push(node.body, body)
        self._push(node.orelse, other)
        for handler in node.handlers:
            inside = other
            if self._words.may_meet_closing(handler.type):
                inside = other._replace(closing=(*around.closing, (block, True)))
            self._push(handler.body, inside)
            self._push((handler.type,), around)
        self._push(node.finalbody, around._replace(closing=(*around.closing, (block, False))))

    # -- calls and names

    def _await(self, node: ast.Await, around: Around) -> None:
        call = node.value
        if isinstance(call, ast.Call):
            if isinstance(call.func, ast.Name):
                pulled = call.args[0] if call.args and self._words.is_anext(call.func.id) else None
            else:
                is_pull = isinstance(call.func, ast.Attribute) and call.func.attr == "__anext__"
                pulled = getattr(call.func, "value", None) if is_pull else None
            if isinstance(pulled, ast.Call) and not around.is_closed:
                self.pulls = True
        self._below(node, around)

    def _call(self, node: ast.Call, around: Around) -> None:
        if self._words.may_spawn(node.func):
            around.frame.spawns.append(node)
        elif node.args and last_word(node) in STACK_ENTERS:
            around.frame.heads.append(node.args[0])
            if last_word(node) == "enter_context":
                self.plainly_entered.add(node.args[0])
        self._below(node, around)

    def _assign(self, node: ast.Assign, around: Around) -> None:
        if isinstance(node.value, ast.Name):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    self.aliases.setdefault(target.id, set()).add(node.value.id)
        self._below(node, around)

    def streams(self) -> set[bytes]:
        """The names of the async generators that no decorator makes something else of."""
        return {
            frame.name.encode()
            for frame in self.frames
            if frame.is_async and frame.has_yield and not frame.is_transformed
        }

    def _leaf(self, node: ast.AST, around: Around) -> None:
        pass


_ASYNC_FOR = Shape.ASYNC_FOR.value
_ASYNC_COMPREHENSION = Shape.ASYNC_COMPREHENSION.value
_ASYNC_GENERATOR = Shape.ASYNC_GENERATOR.value
_GENERATOR = Shape.GENERATOR.value
_REPLAY = Shape.REPLAY.value

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
    ast.Break: Facts._leave,
    ast.Raise: Facts._leave,
    ast.Return: Facts._return,
    ast.AsyncFor: Facts._async_for,
    ast.For: Facts._for,
    ast.comprehension: Facts._comprehension,
    ast.With: Facts._with,
    ast.AsyncWith: Facts._with,
    ast.Try: Facts._try,
    ast.TryStar: Facts._try,
    ast.Await: Facts._await,
    ast.Call: Facts._call,
    ast.Assign: Facts._assign,
    **dict.fromkeys((*_LEAVES, ast.Import, ast.ImportFrom), Facts._leaf),
}
