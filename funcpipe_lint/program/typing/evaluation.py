"""Each expression and each annotation of a program is evaluated once, within limits."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence

from funcpipe_lint.program.asked import Asked
from funcpipe_lint.program.classes import Classes
from funcpipe_lint.program.entities import (
    UNKNOWN_ENTITIES,
    UNKNOWN_ENTITY,
    Entities,
    Entity,
    Key,
    Scope,
    Stream,
)
from funcpipe_lint.program.facts.expressions import Expression
from funcpipe_lint.program.names import Bound, Names

# What one file asks for takes no more steps than this; beyond, all is unknown.
_STEPS = 60_000
_DEPTH = 60


class Evaluation(ABC):
    """Keeps what expressions and annotations stand for; what is built on it works that out."""

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self.names = Names(asked)
        self.classes = Classes(asked, self.of)
        self._known: dict[tuple[int, Scope, bool], Entities] = {}
        self._steps = 0
        self._depth = 0

    def of(self, expression: Expression, scope: Scope) -> Entities:
        """What an expression may stand for; empty where it only leads back to itself."""
        return self._evaluated(expression, scope, is_annotation=False)

    def annotated(self, annotation: Expression, scope: Scope) -> Entities:
        """What something may be that is annotated so."""
        return self._evaluated(annotation, scope, is_annotation=True)

    def _evaluated(self, expression: Expression, scope: Scope, *, is_annotation: bool) -> Entities:
        key = id(expression), scope, is_annotation
        found = self._known.get(key)
        if found is not None:
            return found
        self._steps += 1
        if self._steps > _STEPS or self._depth > _DEPTH:
            return UNKNOWN_ENTITIES
        self._known[key] = ()
        self._depth += 1
        evaluate = self.annotation if is_annotation else self.expression
        found = self._known[key] = distinct(evaluate(expression, scope))
        self._depth -= 1
        return found

    @abstractmethod
    def expression(self, expression: Expression, scope: Scope) -> Iterable[Entity]:
        """What an expression may stand for, worked out."""

    @abstractmethod
    def annotation(self, note: Expression, scope: Scope) -> Sequence[Entity]:
        """What something may be that is annotated so, worked out."""

    @abstractmethod
    def bound(self, bound: Bound, receiver: Key | None = None) -> Sequence[Entity]:
        """What a binding may bind."""


def distinct(found: Iterable[Entity]) -> Entities:
    """Each once; not all of them have a hash."""
    kept: list[Entity] = []
    for each in found:
        if each not in kept:
            kept.append(each)
    return tuple(kept)


def unshared(found: Iterable[Entity]) -> list[Entity]:
    """A stream that is kept for others to use is not known to be left by whoever leaves it."""
    return [UNKNOWN_ENTITY if isinstance(each, Stream) else each for each in found]
