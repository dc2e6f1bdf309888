"""Shapes that are asked for by rules of the strict profile alone, from the facts of a tree.

Each mirrors the cheap, certain conditions of one rule.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

from funcpipe_lint.model import Settings
from funcpipe_lint.model.vocabulary import (
    CLOSING_WORDS,
    KNOWN_SPANS,
    LOCK,
    OPENERS,
    OPENING_METHODS,
    SPAN_NAMES,
    SPANS,
    UNCLOSABLE,
    UNIONS,
    last_words,
)
from funcpipe_lint.read.nodes import children, last_word, own, words_in
from funcpipe_lint.screen.declaration import Shape
from funcpipe_lint.screen.parsed.calls import may_close_by_hand, may_fan_out, may_queue_stream
from funcpipe_lint.screen.parsed.enclosing import Frame
from funcpipe_lint.screen.parsed.facts import Facts
from funcpipe_lint.screen.text.aliases import STREAM_WORDS
from funcpipe_lint.screen.text.words import FileWords


class Strict:
    """Asks one tree, under fixed settings."""

    def __init__(
        self,
        tree: ast.Module,
        facts: Facts,
        words: FileWords,
        settings: Settings,
    ) -> None:
        self._tree = tree
        self._facts = facts
        self._words = words
        self._raw = words.raw
        self._aliases = words.aliases
        self._openers = frozenset(last_words((*OPENERS, *settings.openers)))
        self._settings = settings
        self._spans = frozenset((*SPAN_NAMES, *last_words((*KNOWN_SPANS, *settings.spans))))

    def shapes(self, wanted: Shape) -> Shape:
        """Those of the wanted shapes that the tree has."""
        found = Shape.NONE
        for shape, ask in _QUESTIONS:
            if shape & wanted and ask(self):
                found |= shape
        return found

    def _streams(self) -> Iterator[Frame]:
        for frame in self._facts.frames:
            if frame.is_async and frame.has_yield and not frame.is_transformed:
                yield frame

    # -- what a stream holds

    def _holds_resource(self) -> bool:
        return any(self._is_resource(head) for f in self._streams() for head in f.heads)

    def _is_resource(self, manager: ast.expr) -> bool:
        """Whether entering a manager may hold a resource open."""
        if manager in self._facts.plainly_entered:
            if not isinstance(manager, ast.Call):
                return False
            is_method = isinstance(manager.func, ast.Attribute)
            return self._words.may_be(manager, self._openers) or (
                is_method and last_word(manager) in OPENING_METHODS
            )
        if last_word(manager).lower() in CLOSING_WORDS:
            return False
        head = manager.func if isinstance(manager, ast.Call) else manager
        is_named = isinstance(head, ast.Name | ast.Attribute)
        return not (is_named and LOCK.search(last_word(head)))

    def _holds_span(self) -> bool:
        return any(self._is_span(head) for f in self._streams() for head in f.heads)

    def _is_span(self, manager: ast.expr) -> bool:
        if not isinstance(manager, ast.Call) or manager not in self._facts.plainly_entered:
            return False
        if SPANS.fullmatch(last_word(manager)) or last_word(manager) == "trace":
            return True
        return self._words.may_be(manager, self._spans)

    def _swallows_cancellation(self) -> bool:
        """Whether a handler for CancelledError around a yield never lets it go on."""
        return b"CancelledError" in self._raw and any(
            any(map(self._swallows, node.handlers))
            and any(isinstance(inner, ast.Yield | ast.YieldFrom) for inner in own(node.body))
            for node in self._facts.attempts
        )

    def _swallows(self, handler: ast.ExceptHandler) -> bool:
        caught = handler.type
        kinds = caught.elts if isinstance(caught, ast.Tuple) else [caught]
        if not any(kind and self._words.may_be(kind, _CANCELLED) for kind in kinds):
            return False
        leaves = (ast.Raise, ast.Return, ast.Break)
        return not any(isinstance(node, leaves) for node in own(handler.body))

    # -- what a stream is

    def _hides_aclose(self) -> bool:
        """Whether a public stream is annotated as what has no `aclose`."""
        for frame in self._streams():
            node = frame.node
            is_nested = frame.parent is not None and frame.parent.name
            if node is None or is_nested or node.name.startswith("_"):
                continue
            note = _unquoted(node.returns)
            head = note.value if isinstance(note, ast.Subscript) else note
            if head is not None and self._words.may_be(head, UNCLOSABLE):
                return True
        return False

    def _awaits_stream(self) -> bool:
        """Whether a coroutine function may be annotated as returning a stream, and returns."""
        for frame in self._facts.frames:
            node = frame.node
            if node is None or not frame.is_async or frame.has_yield or not frame.returns_value:
                continue
            if node.returns and self._may_be_stream(node.returns):
                return True
        return False

    def _may_be_stream(self, annotation: ast.expr) -> bool:
        """Whether an annotation may be that of a stream: what is in its brackets is not, nor is one
        of two types."""
        written = _unquoted(annotation)
        words = () if written is None else words_in(written)
        if not self._aliases.may_be(" ".join(words).encode(), STREAM_WORDS):
            return False
        if self._aliases.may_be(b"Union", STREAM_WORDS):
            return True
        arms = list(_arms(annotation))
        head = _without_subscript(arms[0]) if len(arms) == 1 else None
        return head is not None and (
            self._aliases.may_be(last_word(head).encode(), STREAM_WORDS)
            or self._words.may_be(head, UNIONS)
        )

    def _loops_over_twin(self) -> bool:
        """Whether a stream loops over a method of `self` that is named as a function of the file,
        without the `a` of async."""
        return any(
            frame.is_async
            and frame.has_yield
            and isinstance(loop.iter, ast.Call)
            and isinstance(loop.iter.func, ast.Attribute)
            and last_word(loop.iter.func.value) == "self"
            and f"a{loop.iter.func.attr.lstrip('_')}".encode() in self._raw
            for frame, loop in self._facts.fors
        )

    def _replays(self) -> bool:
        """Whether a list with a name is made of a stream, and a loop of the same function goes
        through it, and little else uses that."""
        return any(
            frame.is_async and frame.node is not None and _holds_replay(frame.node)
            for frame in self._facts.frames
        )

    # -- what is called in it

    def _fans_out(self) -> bool:
        return may_fan_out(self._tree, self._facts, self._words, self._settings.spawners)

    def _makes_queue(self) -> bool:
        return may_queue_stream(self._facts, self._words)

    def _closes_by_hand(self) -> bool:
        return may_close_by_hand(self._facts, self._words)


def _unquoted(annotation: ast.expr | None) -> ast.expr | None:
    """An annotation, read out of its string if it is one."""
    if not isinstance(annotation, ast.Constant) or not isinstance(annotation.value, str):
        return annotation
    try:
        return ast.parse(annotation.value.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return _ANY_ITERATOR  # libcst may read it


def _arms(annotation: ast.expr) -> Iterator[ast.expr]:
    """The types that an annotation certainly is a union of: of one, or of what a string holds."""
    match _unquoted(annotation):
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            yield from _arms(left)
            yield from _arms(right)
        case ast.Subscript(value=head, slice=ast.Tuple(elts=arms)) if last_word(head) == "Union":
            for arm in arms:
                yield from _arms(arm)
        case ast.Constant(value=None):
            pass
        case ast.expr() as other:
            yield other


def _without_subscript(arm: ast.expr) -> ast.expr:
    return arm.value if isinstance(arm, ast.Subscript) else arm


def _holds_replay(function: ast.AST) -> bool:
    nodes = list(own(getattr(function, "body", ())))
    read = {n.iter.id for n in nodes if isinstance(n, ast.For) and isinstance(n.iter, ast.Name)}
    if not read:
        return False
    made = {_filled(node.body) for node in nodes if isinstance(node, ast.AsyncFor)}
    made.update(_listed(node) for node in nodes)
    return any(_uses(function, name) <= 3 for name in read & made)  # bound, filled, gone through


def _listed(node: ast.AST) -> str:
    """The name to which a statement binds a list of a stream."""
    match node:
        case ast.Assign(targets=[ast.Name(id=name)], value=ast.ListComp(generators=[first, *_])):
            return name if first.is_async else ""
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.ListComp(generators=[first, *_])):
            return name if first.is_async else ""
    return ""


def _uses(function: ast.AST, name: str) -> int:
    """How often a function names something. In a comprehension the name may be its own."""
    stack: list[ast.AST] = list(getattr(function, "body", ()))
    uses = 0
    while stack:
        node = stack.pop()
        uses += isinstance(node, ast.Name) and node.id == name
        if not isinstance(node, _SCOPES):
            stack += children(node)
    return uses


def _filled(body: list[ast.stmt]) -> str:
    """The name of the list to which a loop's only work, maybe under tests, is to append."""
    while len(body) == 1:
        match body[0]:
            case ast.If(body=inner, orelse=[]):
                body = inner
            case ast.Expr(ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="append"))):
                return name
            case _:
                return ""
    return ""


_ANY_ITERATOR = ast.parse("AsyncIterator[x]", mode="eval").body
_SCOPES = (
    *(ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef),
    *(ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp),
)
_CANCELLED = frozenset(("CancelledError",))
_QUESTIONS: tuple[tuple[Shape, Callable[[Strict], bool]], ...] = (
    (Shape.RESOURCE_YIELD, Strict._holds_resource),
    (Shape.SPAN_YIELD, Strict._holds_span),
    (Shape.SWALLOWED, Strict._swallows_cancellation),
    (Shape.UNCLOSABLE, Strict._hides_aclose),
    (Shape.TWIN_LOOP, Strict._loops_over_twin),
    (Shape.REPLAY_LOOP, Strict._replays),
    (Shape.FAN_OUT, Strict._fans_out),
    (Shape.QUEUE, Strict._makes_queue),
    (Shape.AWAITED_STREAM, Strict._awaits_stream),
    (Shape.HAND_CLOSED, Strict._closes_by_hand),
)
