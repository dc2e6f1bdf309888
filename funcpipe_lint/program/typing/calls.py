"""What calls give, and what is awaited, entered or gone through."""

from __future__ import annotations

from collections.abc import Sequence

from funcpipe_lint.model.vocabulary import TRANSPARENT
from funcpipe_lint.program.entities import (
    GIVEN,
    UNKNOWN_ENTITIES,
    UNKNOWN_ENTITY,
    ClassOf,
    Container,
    Coroutine,
    Entities,
    Entity,
    External,
    FunctionOf,
    Instance,
    Key,
    Manager,
    Scope,
    Stream,
    Super,
)
from funcpipe_lint.program.facts.expressions import UNKNOWN, Expression, last_word
from funcpipe_lint.program.facts.records import NOWHERE
from funcpipe_lint.program.typing.annotations import Annotations, is_stream_type
from funcpipe_lint.program.typing.evaluation import distinct

_MANAGERS = frozenset(("contextmanager", "asynccontextmanager"))
# Builtins whose result a plain `for` goes through as through what they are given.
_SAME = frozenset(("list", "tuple", "set", "reversed", "sorted", "iter"))
_THROUGH = _SAME | {"enumerate", "zip"}
_ITEMS = frozenset(("get", "pop", "popleft", "setdefault"))


class Calls(Annotations):
    """Evaluates calls, and what is done with what they give."""

    def iterated(self, expression: Expression, scope: Scope) -> Entities:
        """What `async for` goes through: of an object, what its `__aiter__` gives."""
        found: list[Entity] = []
        for each in self.of(expression, scope):
            method = None
            if isinstance(each, Instance):
                method = self.classes.method(each.key, "__aiter__")
            if method is None:
                found.append(each)
            elif isinstance(each, Instance):
                called = FunctionOf(method, each.key, each.is_exact)
                found += self._called(called, (), Scope(method[0], NOWHERE))
        return distinct(found)

    def call(
        self, of: Expression, arguments: Sequence[Sequence[object]], scope: Scope
    ) -> Sequence[Entity]:
        """What a call may give."""
        if of[0] == "name" and of[1] == "super":
            return self._super(scope)
        if of[0] == "attribute" and of[2] in (*_ITEMS, "values"):
            held = [each for each in self.of(of[1], scope) if isinstance(each, Container)]
            if held:
                items = [each for one in held for each in self.item(one)]
                return items if of[2] in _ITEMS else held
        found: list[Entity] = []
        for called in self.of(of, scope):
            match called:
                case FunctionOf():
                    found += self._called(called, arguments, scope)
                case ClassOf(key):
                    found.append(Instance(key, True))
                case Instance(key):
                    method = self.classes.method(key, "__call__")
                    inner = UNKNOWN_ENTITIES
                    if method is not None:
                        inner = tuple(self._called(FunctionOf(method, key), arguments, scope))
                    found += inner
                case External(name):
                    found += self._called_outside(name, arguments, scope)
                case _:
                    found.append(UNKNOWN_ENTITY)
        return found

    def _called_outside(
        self, name: str, arguments: Sequence[Sequence[object]], scope: Scope
    ) -> Sequence[Entity]:
        first: Expression = arguments[0][1] if arguments else UNKNOWN  # type: ignore[assignment]
        if name == "builtins.aiter":
            return self.iterated(first, scope)
        if name in ("typing.cast", "typing_extensions.cast"):
            return self.annotated(first, scope)
        return [External(f"{name}()")]

    def _super(self, scope: Scope) -> Sequence[Entity]:
        """What `super()` is, in a method or in a function inside of one."""
        facts = self.asked.facts(scope.path)
        function = scope.function
        while function != NOWHERE and facts.functions[function].owner == NOWHERE:
            function = facts.functions[function].outer
        if function == NOWHERE:
            return UNKNOWN_ENTITIES
        key = scope.path, facts.functions[function].owner
        receiver = key
        if scope.receiver is not None and key in self.classes.order(scope.receiver):
            receiver = scope.receiver
        return [Super(key, receiver)]

    def _called(
        self, called: FunctionOf, arguments: Sequence[Sequence[object]], scope: Scope
    ) -> Sequence[Entity]:
        function = self.classes.function(called.key)
        words = [last_word(each) for each in function.decorators]
        managers = [word for word in words if word in _MANAGERS]
        if managers:
            return [Manager(called, managers[0] == "asynccontextmanager")]
        is_plain = all(word in TRANSPARENT for word in words)
        if function.is_generator:
            is_stream = function.is_async and is_plain
            return [Stream(called, arguments, scope)] if is_stream else UNKNOWN_ENTITIES
        may_stream = function.returns == UNKNOWN or is_stream_type(function.returns)
        if is_plain and may_stream and self.classes.is_stub(called.key):
            return [Stream(called, arguments, scope)]
        results = self.results(called, arguments, scope)
        if not is_plain:  # what a decorator makes of it is told by its annotation alone
            results = tuple(each for each in results if isinstance(each, Instance))
            results = results or UNKNOWN_ENTITIES
        return [Coroutine(tuple(results))] if function.is_async else results

    def results(
        self, called: FunctionOf, arguments: Sequence[Sequence[object]], scope: Scope
    ) -> Entities:
        """What a function may return: what it is annotated with where that is a class, or else what
        it does return."""
        function = self.classes.function(called.key)
        inside = Scope(called.key[0], called.key[1], called.receiver)
        noted: Entities = ()
        if function.returns != UNKNOWN:
            noted = self.annotated(function.returns, inside)
        if any(isinstance(each, Instance | ClassOf | Container) for each in noted):
            return noted
        if not function.returned:
            return noted or UNKNOWN_ENTITIES
        found = [each for one in function.returned for each in self.of(one, inside)]
        # An argument that is handed back is known to whoever calls.
        found = [UNKNOWN_ENTITY if each == GIVEN else each for each in found]
        if function.returns != UNKNOWN:
            noted_so = function.returns, inside
            found = [e._replace(noted=noted_so) if isinstance(e, Stream) else e for e in found]
        return distinct(found)

    def awaited(self, of: Entity) -> Sequence[Entity]:
        """What `await` gives of something."""
        match of:
            case Coroutine(results):
                return results  # type: ignore[return-value]
            case Stream(function) if self.classes.is_stub(function.key):
                return [of]
            case External(name):
                return [External(f"{name}()")]
        return UNKNOWN_ENTITIES

    # -- what is held, entered or gone through

    def item(self, of: Entity) -> Sequence[Entity]:
        """What an index gives of something."""
        match of:
            case Container(arguments, scope) if arguments:
                return self.annotated(arguments[-1], scope)
            case ClassOf():
                return [of]  # `Client[int]`
        return UNKNOWN_ENTITIES

    def element(self, of: Expression, scope: Scope) -> Sequence[Entity]:
        """What a plain `for` goes through, one by one."""
        given = self._builtin(of, scope)
        if given is not None:
            return self.element(given[1][0], scope) if given[0] in _SAME else UNKNOWN_ENTITIES
        is_values = of[0] == "call" and last_word(of) == "values"
        found: list[Entity] = []
        for each in self.of(of, scope):
            is_mapping = isinstance(each, Container) and len(each.arguments) > 1
            found += UNKNOWN_ENTITIES if is_mapping and not is_values else self.item(each)
        return found

    def part(self, of: Expression, place: int, scope: Scope) -> Sequence[Entity]:
        """What a plain `for` gives the name at a place of what it unpacks."""
        match self._builtin(of, scope):
            case ("enumerate", (inner, *_)):
                return self.element(inner, scope) if place == 1 else UNKNOWN_ENTITIES
            case ("zip", given) if place < len(given):
                return self.element(given[place], scope)
            case (word, (inner, *_)) if word in _SAME:
                return self.part(inner, place, scope)
        found: list[Entity] = []
        match of:
            case ("call", ("attribute", mapping, "items"), _) if place == 1:
                for each in self.of(mapping, scope):
                    is_mapping = isinstance(each, Container) and len(each.arguments) > 1
                    found += self.item(each) if is_mapping else UNKNOWN_ENTITIES
        return found or UNKNOWN_ENTITIES

    def _builtin(self, of: Expression, scope: Scope) -> tuple[str, list[Expression]] | None:
        """The name and arguments of a call that goes through what it is given, one by one."""
        match of:
            case ("call", ("name", word) as called, [_, *_] as arguments) if word in _THROUGH:
                given = [value for keyword, value in arguments if keyword == ""]
                is_plain = given and all(keyword != "*" for keyword, _ in arguments)
                if is_plain and self.of(called, scope) == (External(f"builtins.{word}"),):
                    return word, given
        return None

    def entered(self, of: Entity) -> Sequence[Entity]:
        """What a `with` gives for what it enters."""
        match of:
            case Instance(key, _):
                for word in ("__aenter__", "__enter__"):
                    method = self.classes.method(key, word)
                    if method is not None:
                        return self._given_by(method, key, of)
            case Manager(called):
                return self._managed(called)
        return UNKNOWN_ENTITIES

    def _given_by(self, method: Key, receiver: Key, of: Instance) -> Sequence[Entity]:
        function = self.classes.function(method)
        if function.returned and all(each == ("name", "self") for each in function.returned):
            return [of]
        found = self.results(FunctionOf(method, receiver), (), Scope(method[0], NOWHERE))
        return [of if each == Instance(receiver) else each for each in found]

    def _managed(self, called: FunctionOf) -> Sequence[Entity]:
        """What the function of a manager yields."""
        function = self.classes.function(called.key)
        inside = Scope(called.key[0], called.key[1], called.receiver)
        match function.returns:
            case ("item", _, arguments) if arguments:
                noted = self.annotated(arguments[0], inside)
                if any(isinstance(each, Instance) for each in noted):
                    return noted
        found = [each for one in function.yielded for each in self.of(one, inside)]
        return found or UNKNOWN_ENTITIES
