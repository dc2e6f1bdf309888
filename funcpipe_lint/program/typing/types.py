"""What an expression stands for: classes, instances, functions, and the streams that calls give.

Nothing is computed that a reader of the code could not say for certain, but that an annotation
holds, and that a method which no class of the file overrides is the one that is called.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from funcpipe_lint.program.entities import (
    GIVEN,
    NOTHING_ENTITY,
    UNKNOWN_ENTITIES,
    ClassOf,
    Entities,
    Entity,
    External,
    FunctionOf,
    Instance,
    Key,
    ModuleOf,
    Scope,
    Super,
)
from funcpipe_lint.program.facts.expressions import UNKNOWN, Expression, last_word
from funcpipe_lint.program.facts.records import NOWHERE, Binding
from funcpipe_lint.program.names import Bound
from funcpipe_lint.program.typing.calls import Calls
from funcpipe_lint.program.typing.evaluation import unshared

_PROPERTIES = frozenset(("property", "cached_property"))


class Types(Calls):
    """Evaluates the expressions of a program for one file. Each is evaluated once."""

    def expression(self, expression: Expression, scope: Scope) -> Iterable[Entity]:
        """What an expression may stand for, worked out."""
        match expression:
            case ("name", word):
                return self.named(word, scope)
            case ("attribute", of, word):
                found = self.of(of, scope)
                return [each for one in found for each in self.attribute(one, word, scope)]
            case ("call", of, arguments):
                return self.call(of, arguments, scope)
            case ("await", of):
                return [each for one in self.of(of, scope) for each in self.awaited(one)]
            case ("item", of, _):
                found = self.of(of, scope)
                return [each for one in found for each in self.item(one)]
            case ("any", parts):
                return self._any([self.of(part, scope) for part in parts])
            case ("value", None):
                return [NOTHING_ENTITY]
            case ("over", of):
                return self.of(of, scope)
        return UNKNOWN_ENTITIES

    def _any(self, parts: list[Entities]) -> list[Entity]:
        """`given or Default()`: what a parameter without annotation is, its default tells."""
        found = [each for part in parts for each in part]
        is_told = any(isinstance(each, Instance | FunctionOf | ClassOf) for each in found)
        return [each for each in found if not (is_told and each == GIVEN)]

    def named(self, word: str, scope: Scope) -> list[Entity]:
        """What a name may stand for."""
        bound = self.names.lookup(scope.path, scope.function, word)
        found: list[Entity] = []
        for each in bound:
            inner = each.function == scope.function and each.path == scope.path
            given = self.bound(each, scope.receiver if inner else None)
            # What is bound once, and used here, may be used there.
            found += given if inner else unshared(given)
        return found

    def bound(self, bound: Bound, receiver: Key | None = None) -> Sequence[Entity]:
        """What a binding may bind."""
        scope = Scope(bound.path, bound.function, receiver)
        match bound.binding:
            case ("function", index):
                key = bound.path, index
                return [] if self.classes.is_overload(key) else [FunctionOf(key)]
            case ("class", index):
                return [ClassOf((bound.path, index))]
            case ("file", path):
                return [ModuleOf(path)]
            case ("external", dotted):
                return [External(dotted)]
            case ("parameter", annotation, place, _):
                return self._parameter(annotation, place, scope)
        return self._value(bound.binding, scope)

    def _value(self, binding: Binding, scope: Scope) -> Sequence[Entity]:
        match binding[0]:
            case "assigned":
                return self.of(binding[1], scope)
            case "annotated":
                noted = self.annotated(binding[1], scope)
                is_told = any(not isinstance(each, External) for each in noted)
                value = binding[2]
                return noted if is_told or value == UNKNOWN else self.of(value, scope)
            case "entered":
                return [e for one in self.of(binding[1], scope) for e in self.entered(one)]
            case "element":
                return self.element(binding[1], scope)
            case "part":
                return self.part(binding[1], binding[2], scope)
        return UNKNOWN_ENTITIES

    def _parameter(self, annotation: Expression, place: int, scope: Scope) -> Sequence[Entity]:
        function = self.classes.function((scope.path, scope.function))
        if place == 0 and function.owner != NOWHERE:
            own = scope.path, function.owner
            receiver = own
            if scope.receiver is not None and own in self.classes.order(scope.receiver):
                receiver = scope.receiver
            words = {last_word(each) for each in function.decorators}
            if "classmethod" in words or function.name in ("__new__", "__init_subclass__"):
                return [ClassOf(receiver)]
            if "staticmethod" not in words:
                return [Instance(receiver)]
        return [GIVEN] if annotation == UNKNOWN else self.annotated(annotation, scope)

    # -- attributes

    def attribute(self, of: Entity, word: str, scope: Scope) -> Sequence[Entity]:
        """What an attribute of something may be."""
        match of:
            case ModuleOf(path):
                found = self.names.exported(path, word)
                return [each for b in found for each in unshared(self.bound(b))]
            case External(name):
                return [External(f"{name}.{word}")]
            case Instance(key, is_exact):
                return self._member(key, word, None, key, is_direct=is_exact)
            case ClassOf(key):
                return self._member(key, word, None, key, is_direct=False)
            case Super(key, receiver):
                return self._member(receiver, word, key, receiver, is_direct=True)
        return UNKNOWN_ENTITIES

    def _member(
        self, key: Key, word: str, after: Key | None, receiver: Key, *, is_direct: bool
    ) -> Sequence[Entity]:
        owner, bindings = self.classes.member(key, word, after)
        if not bindings or word in self.asked.facts(owner[0]).replaced:
            return UNKNOWN_ENTITIES
        noted = [each for each in bindings if each[0] == "annotated"]
        found: list[Entity] = []
        for binding in noted or bindings:
            if binding[0] == "function":
                method = owner[0], binding[1]
                if not self.classes.is_overload(method):
                    found += self._method(FunctionOf(method, receiver, is_direct))
                continue
            # The method that assigns an attribute stands behind what it assigns.
            inside = binding[-1] if binding in self._attributes(owner, word) else None
            place = self.classes.get(owner).outer if inside is None else inside
            bound = Bound(owner[0], place, binding)
            found += unshared(self.bound(bound, None if inside is None else receiver))
        return found

    def _attributes(self, owner: Key, word: str) -> Sequence[Binding]:
        return self.classes.get(owner).attributes.get(word, ())

    def _method(self, method: FunctionOf) -> Sequence[Entity]:
        function = self.classes.function(method.key)
        if any(last_word(each) in _PROPERTIES for each in function.decorators):
            return self.results(method, (), Scope(method.key[0], NOWHERE))
        return [method]
