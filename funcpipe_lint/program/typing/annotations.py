"""What something may be that is annotated: by the names of the file that it is annotated in."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from funcpipe_lint.model.vocabulary import STREAM_TYPES
from funcpipe_lint.program.asked import Asked
from funcpipe_lint.program.entities import (
    NOTHING_ENTITY,
    UNKNOWN_ENTITIES,
    ClassOf,
    Container,
    Coroutine,
    Entity,
    External,
    Instance,
    Scope,
)
from funcpipe_lint.program.facts.expressions import UNKNOWN, Expression, last_word, plain
from funcpipe_lint.program.facts.records import NOWHERE
from funcpipe_lint.program.names import Bound
from funcpipe_lint.program.typing.evaluation import Evaluation

_TYPING = ("typing", "typing_extensions", "collections", "contextlib", "builtins")
_FIRST_ARGUMENT = frozenset(("Optional", "Annotated", "Final", "ClassVar", "Required", "Type"))
_AWAITABLE = frozenset(("Awaitable", "Coroutine"))
_CONTAINERS = frozenset(
    (
        *("list", "List", "set", "Set", "frozenset", "tuple", "Tuple", "deque", "Sequence"),
        *("dict", "Dict", "Mapping", "MutableMapping", "defaultdict", "Iterable", "Collection"),
    )
)


class Annotations(Evaluation):
    """Evaluates annotations."""

    def __init__(self, asked: Asked) -> None:
        super().__init__(asked)
        self._texts: dict[str, Expression] = {}

    def annotation(self, note: Expression, scope: Scope) -> Sequence[Entity]:
        """What something may be that is annotated so, worked out."""
        match note:
            case ("text", text):
                return self.annotated(self._parsed(text), scope)
            case ("any", parts):
                found = [each for part in parts for each in self.annotated(part, scope)]
                return [each for each in found if each != NOTHING_ENTITY] or [NOTHING_ENTITY]
            case ("value", None):
                return [NOTHING_ENTITY]
            case ("item", of, arguments):
                return self._parameterised(of, arguments, scope)
            case ("name", "Self"):
                return self._self(scope)
            case ("attribute", _, "Self"):
                return self._self(scope)
            case ("name", word):
                bound = self.names.lookup(scope.path, scope.function, word)
                return [each for b in bound for each in self._noted(b)]
            case ("attribute", of, _):
                found = list(self.of(note, scope))
                return [instance(each) for each in found]
        return UNKNOWN_ENTITIES

    def _noted(self, bound: Bound) -> Sequence[Entity]:
        """What is annotated with a name that is bound so: an alias stands for its value."""
        binding = bound.binding
        scope = Scope(bound.path, bound.function)
        if binding[0] == "assigned":
            return self.annotated(binding[1], scope)
        if binding[0] == "annotated":
            return self.annotated(binding[2], scope)
        return [instance(each) for each in self.bound(bound)]

    def _parameterised(
        self, of: Expression, arguments: Sequence[Expression], scope: Scope
    ) -> Sequence[Entity]:
        heads = self.of(of, scope)
        names = [each.name for each in heads if isinstance(each, External)]
        if len(names) == len(heads) == 1 and names[0].partition(".")[0] in _TYPING:
            word = names[0].rpartition(".")[2]
            if word == "Union":
                return [each for one in arguments for each in self.annotated(one, scope)]
            if word in _AWAITABLE:
                return [Coroutine(tuple(self.annotated(arguments[-1], scope)))]
            if word in _CONTAINERS:
                return [Container(tuple(arguments), scope)]
            if word in ("type", "Type"):
                found = self.annotated(arguments[0], scope)
                return [ClassOf(e.key) if isinstance(e, Instance) else e for e in found]
            if word in _FIRST_ARGUMENT:
                return self.annotated(arguments[0], scope)
        return self.annotated(of, scope)

    def _self(self, scope: Scope) -> Sequence[Entity]:
        if scope.receiver is not None:
            return [Instance(scope.receiver)]
        facts = self.asked.facts(scope.path)
        function = scope.function
        while function != NOWHERE:
            if facts.functions[function].owner != NOWHERE:
                return [Instance((scope.path, facts.functions[function].owner))]
            function = facts.functions[function].outer
        return UNKNOWN_ENTITIES

    def _parsed(self, text: str) -> Expression:
        if text not in self._texts:
            try:
                self._texts[text] = plain(ast.parse(text.strip(), mode="eval").body)
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                self._texts[text] = UNKNOWN
        return self._texts[text]


def is_stream_type(annotation: Expression) -> bool:
    """Whether an annotation may name an async iterator, by its words."""
    match annotation:
        case ("text", text):
            return any(word in text for word in STREAM_TYPES)
        case ("any", parts):
            return any(is_stream_type(part) for part in parts)
    return last_word(annotation) in STREAM_TYPES


def instance(of: Entity) -> Entity:
    """What a name stands for in an annotation: of a class, its instance."""
    return Instance(of.key) if isinstance(of, ClassOf) else of
