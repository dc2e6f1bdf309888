"""A file without the functions that no rule asks about: libcst takes its time for what is left.

What is left out is overwritten by as many characters, so that every offset stays what it was.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from funcpipe_lint.nodes import children, last_word, walk, words_in
from funcpipe_lint.offsets import Cut, Cuts, Offsets
from funcpipe_lint.vocabulary import SCOPES, SPAWNERS, last_words

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
# Whatever holds one of these may be, describe, drive or pass on a stream.
_TELLING = (ast.Yield, ast.YieldFrom, ast.AsyncFor, ast.ClassDef)
_TELLING_WORDS = frozenset(("anext", "__anext__", "aclose"))
# A body that is shorter is cheaper to parse than to leave out.
_LEAST = 120


class LeftOut(NamedTuple):
    """The functions whose bodies are left out, and where these are, in order."""

    functions: frozenset[ast.AST] = frozenset()
    cuts: Cuts = ()


def left_out(
    tree: ast.Module,
    text: str,
    types: Iterable[str] | None,
    called: Iterable[str],
) -> LeftOut:
    """What tells no rule anything.

    Kept are functions that may be, describe, drive or pass on a stream: what is annotated with one
    of `types` counts as one. With `types=None` only generators are. A function that calls one of
    `called` is kept too. O(text).
    """
    bearers = _Generators(called) if types is None else _Bearers(tree, types, called)
    offsets = Offsets(text)
    functions = sorted(_outermost(tree), key=lambda f: f.lineno)
    kept = [function for function in functions if bearers.are_in(function)]
    used = {name for f in kept for name in bearers.names_asked_for(f)}
    # Where a name of the module is used up, or its list filled, every use of it counts.
    shared: set[str] = set()
    if types is not None:
        shared.update(name for f in kept for name in _globals(f))
        shared.update(_bound(tree) & {name for f in kept for name in _filled(f)})
    left: list[ast.AST] = []
    cuts: list[Cut] = []
    for function in set(functions) - set(kept):
        begin, end = offsets.start(function.body[0]), offsets.end(function.body[-1])
        if end - begin < _LEAST or _uses(function, shared) or used & set(_globals(function)):
            continue
        left.append(function)
        cuts.append(Cut(begin, end))
    return LeftOut(frozenset(left), tuple(sorted(cuts)))


def _globals(function: ast.AST) -> Iterator[str]:
    """The names of the module that a function binds."""
    for node in walk(function):
        if isinstance(node, ast.Global):
            yield from node.names


def _filled(function: ast.AST) -> Iterator[str]:
    """The names of what a function appends to."""
    for node in walk(function):
        match node:
            case ast.Call(func=ast.Attribute(attr="append", value=ast.Name(id=name))):
                yield name


def _bound(tree: ast.Module) -> set[str]:
    """The names that statements of the module give to a single value."""
    bound: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.Assign):
            bound.update(last_word(target) for target in node.targets)
        elif isinstance(node, ast.AnnAssign):
            bound.add(last_word(node.target))
    return bound


def _uses(function: ast.AST, names: set[str]) -> bool:
    return bool(names) and any(
        isinstance(node, ast.Name) and node.id in names for node in walk(function)
    )


def _outermost(tree: ast.Module) -> Iterator[Any]:
    """The functions that are in no other one; those of classes included."""
    stack: list[ast.AST] = [tree]
    while stack:
        node = stack.pop()
        for child in children(node):
            if isinstance(child, _FUNCTIONS):
                yield child
            elif isinstance(child, ast.stmt | ast.excepthandler | ast.match_case):
                stack.append(child)


class _Generators:
    """What is asked where nothing but the body of a generator matters."""

    def __init__(self, called: Iterable[str]) -> None:
        self._called = frozenset((*called, *last_words((*SPAWNERS, *SCOPES))))

    def names_asked_for(self, function: ast.AST) -> Iterator[str]:
        """Names of the module whose meaning matters: of what is called, entered and caught."""
        for node in walk(function):
            match node:
                case (
                    ast.Call(func=ast.Name(id=name)) | ast.withitem(context_expr=ast.Name(id=name))
                ):
                    yield name
                case ast.Call(func=ast.Attribute(attr=word) as called) if word in self._called:
                    yield from words_in(called)
                case ast.ExceptHandler(type=ast.expr() as kind):
                    yield from words_in(kind)

    def are_in(self, function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
        """Whether a function must be kept."""
        return any(
            isinstance(node, ast.Yield | ast.YieldFrom)
            or (isinstance(node, ast.comprehension) and bool(node.is_async))
            for node in walk(function)
        )


class _Bearers:
    """The names of a file that may stand for a stream, what makes one, or what is asked of one."""

    def __init__(self, tree: ast.Module, types: Iterable[str], called: Iterable[str]) -> None:
        self._types = tuple(types)
        self._called = set(called)
        self.makers: set[str] = set()
        self._annotated: set[ast.AST] = set()
        self._edges: dict[str, set[str]] = {}
        """Which names mean what another one does: its aliases, the functions that return it."""
        self._aliases: dict[str, set[str]] = {}
        """The same of types, in whose definition a name may stand anywhere."""
        self._annotations: list[tuple[ast.AST, ast.expr]] = []
        for node in walk(tree):
            self._see(node)
        self._settle()

    def _see(self, node: ast.AST) -> None:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                for own in _own(node):
                    if isinstance(own, ast.Yield | ast.YieldFrom):
                        self.makers.add(node.name)
                    elif isinstance(own, ast.Return) and isinstance(own.value, ast.Call):
                        self._edges.setdefault(last_word(own.value), set()).add(node.name)
                if node.returns is not None:
                    self._annotations.append((node, node.returns))
            case ast.arg(annotation=ast.expr() as annotation):
                self._annotations.append((node, annotation))
            case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation, value=value):
                self._annotations.append((node, annotation))
                if value is not None:
                    self._bind([name], value)
            case ast.Import(names=imported) | ast.ImportFrom(names=imported):
                for each in imported:
                    if each.asname is not None:
                        self._edges.setdefault(each.name.rpartition(".")[2], set()).add(each.asname)
            case ast.Assign(targets=targets, value=value):
                self._bind((each.id for each in targets if isinstance(each, ast.Name)), value)
            case _ if type(node).__name__ == "TypeAlias":  # since Python 3.12
                self._bind([last_word(getattr(node, "name"))], getattr(node, "value"))  # noqa: B009

    def _bind(self, names: Iterable[str], value: ast.expr) -> None:
        bound = set(names)
        made = value.body if isinstance(value, ast.Lambda) else value
        word = last_word(made)  # of an alias, a description that is built, a lambda over a stream
        if word:
            self._edges.setdefault(word, set()).update(bound)
        if isinstance(value, ast.Subscript | ast.BinOp | ast.Constant):
            for word in words_in(value):
                self._aliases.setdefault(word, set()).update(bound)

    def _settle(self) -> None:
        """Follows aliases, of types too, and functions that hand on what others make."""
        aliases = dict(self._aliases)
        for word, names in self._edges.items():
            aliases[word] = aliases.get(word, set()) | names
        types = _reached({name for name in aliases if self._is_type(name)}, aliases)
        for noted, annotation in self._annotations:
            if any(self._is_type(word) or word in types for word in words_in(annotation)):
                self._annotated.add(noted)
                if isinstance(noted, ast.AnnAssign):
                    self.makers.add(last_word(noted.target))
                elif not isinstance(noted, ast.arg):
                    self.makers.add(getattr(noted, "name", ""))
        self.makers = _reached(self.makers, self._edges)
        self._words = _reached(set(_TELLING_WORDS), self._edges)
        self._called = _reached(self._called, self._edges)

    def _is_type(self, word: str) -> bool:
        return any(name in word for name in self._types)

    def names_asked_for(self, function: ast.AST) -> Iterator[str]:
        """Names of the module whose meaning matters to a function that is kept."""
        yield from self.makers
        yield from (node.id for node in walk(function) if isinstance(node, ast.Name))

    def are_in(self, function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
        """Whether a function must be kept."""
        return function.name in self.makers or any(map(self._tells, walk(function)))

    def _tells(self, node: ast.AST) -> bool:
        if node in self._annotated:
            return True
        match node:
            case ast.Name(id=name):
                return name in self._words
            case ast.Attribute(attr=name, ctx=ast.Load()):
                return name in self._words
            case ast.Attribute(attr=name):
                return name in self.makers  # it may replace a method
            case ast.FunctionDef(name=name):
                return name in self.makers
            case ast.Return(value=ast.expr() as made) | ast.Expr(value=ast.expr() as made):
                return isinstance(made, ast.Call) and last_word(made) in self.makers
            case ast.Lambda(body=ast.Call() as made):
                return last_word(made) in self.makers
            case ast.Call():
                return last_word(node) in self._called
            case ast.comprehension(is_async=is_async):
                return bool(is_async)
        return isinstance(node, _TELLING)


def _reached(names: set[str], edges: Mapping[str, set[str]]) -> set[str]:
    """The names, and all that edges lead to."""
    waiting = list(names)
    reached = set(names)
    while waiting:
        new = edges.get(waiting.pop(), set()) - reached
        waiting += new
        reached |= new
    return reached


def _own(function: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a function that are in no other function within it."""
    stack = children(function)
    while stack:
        node = stack.pop()
        yield node
        if not isinstance(node, (*_FUNCTIONS, ast.Lambda, ast.ClassDef)):
            stack += children(node)
