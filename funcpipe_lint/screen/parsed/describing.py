"""What the builders in one function do, from its `ast`: each rule on builders has conditions of its
own, and most functions that may build a description meet none.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

from funcpipe_lint.model.effects import ACTING, EFFECTS, FILLING, FILLING_CONTAINERS, STARTING
from funcpipe_lint.model.vocabulary import TRANSPARENT, last_words
from funcpipe_lint.read.nodes import children, last_word, own, walk
from funcpipe_lint.screen.declaration import Shape
from funcpipe_lint.screen.parsed.calls import may_make_queue
from funcpipe_lint.screen.text.words import FileWords

_Defined = ast.FunctionDef | ast.AsyncFunctionDef
_Described = _Defined | ast.Lambda
_YIELDS = (ast.Yield, ast.YieldFrom)
_LOOPS = (ast.For, ast.AsyncFor, ast.ListComp, ast.SetComp, ast.DictComp)
_EFFECTS = frozenset(last_words(EFFECTS))
_STEPS = frozenset(("next", "anext"))


class Describing:
    """Asks the tree of one outermost function. Every answer is an over-approximation."""

    def __init__(
        self,
        tree: ast.Module,
        words: FileWords,
        *,
        may_make: Callable[[str], bool],
        is_thunk: Callable[[str], bool],
        is_in_loop: bool,
    ) -> None:
        """`may_make` tells whether a call of a name may make a stream, `is_thunk` whether an
        annotation may be a description's; `is_in_loop` is whether a loop may stand around it."""
        self._tree = tree
        self._words = words
        self._may_make = may_make
        self._is_thunk = is_thunk
        self._is_in_loop = is_in_loop

    def shapes(self) -> Shape:
        """Those of the shapes of builders that the function shows."""
        found = Shape.NONE
        for node in walk(self._tree):
            if isinstance(node, ast.AsyncFunctionDef) and self._is_annotated(node):
                found |= Shape.BUILDER_ACTS  # it has to be awaited
            elif isinstance(node, ast.FunctionDef) and self._is_builder(node):
                found |= self._shapes_of(node)
        return found | (Shape.LATE_BINDING if self._binds_late() else Shape.NONE)

    # -- what a builder is

    def _is_builder(self, function: ast.FunctionDef) -> bool:
        if _is_generator(function):
            return False
        if self._is_annotated(function):
            return True
        values = _returned(function)
        if any(isinstance(value, ast.Lambda) and self._describes(value) for value in values):
            return True
        inner = {each.name for each in _generators(function) if self._is_plain(each)}
        names = {value.id for value in values if isinstance(value, ast.Name)}
        return bool(inner and names) and not names.isdisjoint(_aliases(function, inner, names))

    def _is_annotated(self, function: _Defined) -> bool:
        return function.returns is not None and self._is_thunk(ast.unparse(function.returns))

    def _is_plain(self, function: _Defined) -> bool:
        """Whether its name may stand for the generator itself, called without an argument."""
        return not function.args.args and all(
            self._words.may_be(decorator, TRANSPARENT) for decorator in function.decorator_list
        )

    def _describes(self, thunk: ast.Lambda) -> bool:
        is_called = isinstance(thunk.body, ast.Call)
        return is_called and _takes_nothing(thunk.args) and self._may_make(last_word(thunk.body))

    # -- what one does

    def _shapes_of(self, builder: ast.FunctionDef) -> Shape:
        found = Shape.BUILDER_ACTS if any(map(self._acts, own(builder.body))) else Shape.NONE
        if may_make_queue(builder, self._words):
            found |= Shape.QUEUE
        described: list[_Described] = [*_generators(builder)]
        described += [value for value in _returned(builder) if isinstance(value, ast.Lambda)]
        bound = _bound_in(builder)
        for function in described:
            if not bound.isdisjoint(self._gone_through(function)):
                found |= Shape.BUILDER_ONE_SHOT
            if not bound.isdisjoint(_changed(function)):
                found |= Shape.BUILDER_SHARES
        return found

    def _acts(self, node: ast.AST) -> bool:
        match node:
            case ast.With() | ast.AsyncWith() | ast.Global() | ast.Nonlocal():
                return True
            case ast.Call(func=ast.Attribute(attr=word)):
                return word in ACTING or word in STARTING or word in _EFFECTS
            case ast.Call():
                return self._words.may_be(node, _EFFECTS)
        return False

    def _gone_through(self, function: _Described) -> Iterator[str]:
        for node in own(_body_of(function)):
            match node:
                case (
                    ast.For(iter=ast.Name(id=name))
                    | ast.AsyncFor(iter=ast.Name(id=name))
                    | ast.comprehension(iter=ast.Name(id=name))
                    | ast.YieldFrom(value=ast.Name(id=name))
                    | ast.Return(value=ast.Name(id=name))
                ):
                    yield name
                case ast.Call(args=[ast.Name(id=name), *_]) if self._words.may_be(node, _STEPS):
                    yield name

    # -- descriptions in loops

    def _binds_late(self) -> bool:
        """Whether a description uses the variable of a loop around it, in the same function."""
        # None: of any name, for the loop is out of sight.
        around = None if self._is_in_loop else frozenset[str]()
        stack: list[tuple[ast.AST, frozenset[str] | None]] = [(self._tree, around)]
        while stack:
            node, names = stack.pop()
            if isinstance(node, _LOOPS) and names is not None:
                names |= set(_targets(node))
            if names != frozenset() and self._may_be_kept(node):
                used = {each.id for each in walk(node) if isinstance(each, ast.Name)}
                if names is None or not used.isdisjoint(names):
                    return True
            body = _body_of(node) if isinstance(node, _Described) else []
            below = children(node)
            stack += [(child, frozenset() if child in body else names) for child in below]
        return False

    def _may_be_kept(self, node: ast.AST) -> bool:
        match node:
            case ast.Lambda():
                return self._describes(node)
            case ast.AsyncFunctionDef(decorator_list=[]):
                return _takes_nothing(node.args, is_starred=True) and _is_generator(node)
        return False


def _is_generator(function: _Defined) -> bool:
    return any(isinstance(node, _YIELDS) for node in own(function.body))


def _generators(function: _Defined) -> Iterator[_Defined]:
    for node in own(function.body):
        if isinstance(node, _Defined) and _is_generator(node):
            yield node


def _returned(function: _Defined) -> list[ast.expr]:
    nodes = (node for node in own(function.body) if isinstance(node, ast.Return))
    return [node.value for node in nodes if node.value is not None]


def _takes_nothing(arguments: ast.arguments, *, is_starred: bool = False) -> bool:
    if arguments.vararg is not None and not is_starred:
        return False
    return not (arguments.posonlyargs or arguments.args or arguments.kwonlyargs or arguments.kwarg)


def _body_of(function: _Described) -> list[ast.AST]:
    body = [function.body] if isinstance(function, ast.Lambda) else function.body
    return [*body]


def _aliases(function: _Defined, names: set[str], all_: set[str]) -> set[str]:
    """The names, and those that the function gives to one; all, where it may bind a name of the
    module that is bound again there."""
    found = set(names)
    bound: list[tuple[str, set[str]]] = []
    for node in walk(function):
        match node:
            case ast.Global() | ast.Nonlocal():
                return all_
            case ast.Assign(targets=targets, value=ast.Name(id=name)):
                bound.append((name, {each.id for each in targets if isinstance(each, ast.Name)}))
    before = -1
    while before != len(found):
        before = len(found)
        found.update(*(targets for name, targets in bound if name in found))
    return found


def _bound_in(builder: ast.FunctionDef) -> set[str]:
    """The names that a builder binds, or a function within it on its behalf."""
    found = {node.arg for node in walk(builder.args) if isinstance(node, ast.arg)}
    for node in walk(builder):
        if isinstance(node, ast.Nonlocal):
            found.update(node.names)
    for node in own(builder.body):
        match node:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                found.add(name)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                found.add(name)
            case ast.ClassDef(name=name):
                found.add(name)
            case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
                found.update(each.asname or each.name.partition(".")[0] for each in aliases)
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)):
                found.add(name)
            case ast.MatchStar(name=str(name)) | ast.MatchMapping(rest=str(name)):
                found.add(name)
    return found


def _changed(function: _Described) -> Iterator[str]:
    """The names whose values, or what they hold, a function may change."""
    for node in own(_body_of(function)):
        match node:
            case ast.Nonlocal(names=names):
                yield from names
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=word)):
                if word in FILLING or word in FILLING_CONTAINERS:
                    yield name
            case ast.Attribute(value=ast.Name(id=name), ctx=ast.Store() | ast.Del()):
                yield name
            case ast.Subscript(value=ast.Name(id=name), ctx=ast.Store() | ast.Del()):
                yield name


def _targets(loop: ast.AST) -> Iterator[str]:
    clauses = getattr(loop, "generators", [loop])
    for clause in clauses:
        for node in walk(clause.target):
            if isinstance(node, ast.Name):
                yield node.id
