"""What an annotation says: async iterator, Result, description; aliases of the file followed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import libcst as cst

from funcpipe_lint.model import Settings
from funcpipe_lint.rule.names import Names, matches
from funcpipe_lint.rule.tree import Tree

Colour = Literal["async", "sync"]
_TYPING = ("typing", "typing_extensions", "collections.abc", "collections")


def _typed(*words: str) -> tuple[str, ...]:
    return tuple(f"{module}.{word}" for module in _TYPING for word in words)


ASYNC_ITERATORS = _typed("AsyncIterator", "AsyncGenerator", "AsyncIterable")
SYNC_ITERATORS = _typed("Iterator", "Generator", "Iterable")
CALLABLE = _typed("Callable")
_UNIONS = _typed("Union", "Optional", "Annotated", "Final", "ClassVar")


@dataclass(frozen=True, slots=True)
class StreamType:
    """The type of a stream, or of a description of one."""

    colour: Colour
    of_results: bool
    is_description: bool
    can_close: bool
    """Whether a type checker knows that it has `aclose` (`close`): a generator type."""


class Annotations:
    """Reads the annotations of one module."""

    def __init__(self, tree: Tree, names: Names, settings: Settings) -> None:
        self._tree = tree
        self._names = names
        self._settings = settings
        self._returned: dict[cst.FunctionDef, StreamType | None] = {}

    def stream_type(
        self, annotation: cst.BaseExpression | None, at: cst.CSTNode
    ) -> StreamType | None:
        """The stream type that an annotation certainly names; None for everything else."""
        return None if annotation is None else self._stream(annotation, at, 6)

    def returned(self, function: cst.FunctionDef) -> StreamType | None:
        """The stream type that a function is annotated to return."""
        if function.returns is None:
            return None
        if function not in self._returned:
            annotation = function.returns.annotation
            self._returned[function] = self.stream_type(annotation, function)
        return self._returned[function]

    def is_result(self, annotation: cst.BaseExpression | None, at: cst.CSTNode) -> bool:
        """Whether an annotation certainly names a Result."""
        return annotation is not None and self._is_result(annotation, at, 6)

    def _stream(self, node: cst.BaseExpression, at: cst.CSTNode, depth: int) -> StreamType | None:
        plain = self._names.unquoted(node)
        if plain is None or depth == 0:
            return None
        arms = [arm for arm in self._arms(plain, at) if not _is_none(arm)]
        if len(arms) != 1:
            return None
        plain = arms[0]
        head, arguments = _subscript(plain)
        of_results = bool(arguments) and self._is_result(arguments[0], at, depth - 1)
        for colour, iterators in _ITERATORS:
            if self._names.is_a(head, iterators, at):
                can_close = self._names.is_a(head, _typed("AsyncGenerator", "Generator"), at)
                return StreamType(colour, of_results, False, can_close)
        if self._names.is_a(head, CALLABLE, at):
            return self._thunk(arguments, at, depth)
        if self._is_alias(head, at, self._settings.descriptions, "AsyncGen", len(arguments)):
            return StreamType("async", True, True, False)
        if self._is_alias(head, at, self._settings.sync_descriptions, "IOGen", len(arguments)):
            return StreamType("sync", True, True, False)
        value = self._alias_value(head, at)
        return None if value is None else self._stream(value[0], value[1], depth - 1)

    def _thunk(
        self, arguments: list[cst.BaseExpression], at: cst.CSTNode, depth: int
    ) -> StreamType | None:
        """`Callable[[], AsyncIterator[...]]`: a zero-argument callable is a description."""
        if len(arguments) != 2 or not isinstance(arguments[0], cst.List):
            return None
        inner = self._stream(arguments[1], at, depth - 1)
        if arguments[0].elements or inner is None or inner.is_description:
            return None
        return StreamType(inner.colour, inner.of_results, True, inner.can_close)

    def _is_alias(
        self, head: cst.CSTNode, at: cst.CSTNode, known: tuple[str, ...], word: str, count: int
    ) -> bool:
        """A configured alias; or one of exactly that name, with one argument, from a module that
        also gives this file a Result type or its constructors."""
        found = self._names.candidates(head, at)
        if not found:
            return False
        if all(matches(name, known) for name in found):
            return True
        return count == 1 and all(
            name.rpartition(".")[2] == word and self._gives_results(name, at) for name in found
        )

    def _is_result(self, node: cst.BaseExpression, at: cst.CSTNode, depth: int) -> bool:
        plain = self._names.unquoted(node)
        if plain is None or depth == 0:
            return False
        arms = list(self._arms(plain, at))
        if len(arms) > 1:
            return all(self.is_ok(arm, at) or self.is_err(arm, at) for arm in arms)
        head, _ = _subscript(arms[0] if arms else plain)
        found = self._names.candidates(head, at)
        if found and all(
            matches(n, self._settings.results)
            or (n.rpartition(".")[2] == "Result" and self._gives_results(n, at))
            for n in found
        ):
            return True
        value = self._alias_value(head, at)
        return value is not None and self._is_result(value[0], value[1], depth - 1)

    def is_ok(self, node: cst.BaseExpression, at: cst.CSTNode | None = None) -> bool:
        """Whether an expression certainly names the constructor of the ok side."""
        return self._is_side(node, at or node, self._settings.oks, "Ok")

    def is_err(self, node: cst.BaseExpression, at: cst.CSTNode | None = None) -> bool:
        """Whether an expression certainly names the constructor of the error side."""
        return self._is_side(node, at or node, self._settings.errs, "Err")

    def _is_side(
        self, node: cst.BaseExpression, at: cst.CSTNode, known: tuple[str, ...], word: str
    ) -> bool:
        found = self._names.candidates(_subscript(node)[0], at)
        return bool(found) and all(
            matches(n, known) or (n.rpartition(".")[2] == word and self._gives_results(n, at))
            for n in found
        )

    def _gives_results(self, dotted: str, at: cst.CSTNode) -> bool:
        """Whether the package of a name also gives this module `Ok` or `Err`.

        `Result` alone is SQLAlchemy's, redis', trio's: it needs company to be evidence.
        """
        root, last = dotted.partition(".")[0], dotted.rpartition(".")[2]
        for word in {"Ok", "Err"} - {last}:
            for binding in self._names.bindings(word, at):
                origin = binding.dotted or self._names.local(binding.name)
                if origin.partition(".")[0] == root:
                    return True
        return False

    def _alias_value(
        self, head: cst.CSTNode, at: cst.CSTNode
    ) -> tuple[cst.BaseExpression, cst.CSTNode] | None:
        """What a name of the file that is bound once, as an alias, stands for."""
        if not isinstance(head, cst.Name):
            return None
        binding = self._names.only(head.value, at)
        if binding is None or binding.value is None:
            return None
        if binding.kind not in ("assign", "annotate", "type"):
            return None
        return binding.value, binding.node

    def _arms(self, node: cst.BaseExpression, at: cst.CSTNode) -> list[cst.BaseExpression]:
        """The members of a union; `Annotated[X, ...]` and `Final[X]` count as X."""
        if isinstance(node, cst.BinaryOperation) and isinstance(node.operator, cst.BitOr):
            return [*self._arms(node.left, at), *self._arms(node.right, at)]
        head, arguments = _subscript(node)
        if arguments and self._names.is_a(head, _UNIONS, at):
            if self._names.is_a(head, _typed("Union"), at):
                return [arm for a in arguments for arm in self._arms(a, at)]
            return self._arms(arguments[0], at)
        return [node]


_ITERATORS: tuple[tuple[Colour, tuple[str, ...]], ...] = (
    ("async", ASYNC_ITERATORS),
    ("sync", SYNC_ITERATORS),
)


def _subscript(node: cst.BaseExpression) -> tuple[cst.BaseExpression, list[cst.BaseExpression]]:
    """`X[A, B]` as (X, [A, B]); any other expression as (itself, [])."""
    if not isinstance(node, cst.Subscript):
        return node, []
    arguments = [e.slice.value for e in node.slice if isinstance(e.slice, cst.Index)]
    return node.value, arguments


def _is_none(node: cst.BaseExpression) -> bool:
    return isinstance(node, cst.Name) and node.value == "None"
