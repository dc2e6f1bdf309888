"""What an expression stands for: classes, instances, functions, and the streams that calls give.

Nothing is computed that a reader of the code could not say for certain, but that an annotation
holds, and that a method which no class of the file overrides is the one that is called.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence

from funcpipe_lint.model.vocabulary import STREAM_TYPES, TRANSPARENT
from funcpipe_lint.program.asked import Asked
from funcpipe_lint.program.classes import Classes
from funcpipe_lint.program.entities import (
    GIVEN,
    NOTHING_ENTITY,
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
    ModuleOf,
    Scope,
    Stream,
    Super,
)
from funcpipe_lint.program.facts.expressions import UNKNOWN, Expression, last_word, plain
from funcpipe_lint.program.facts.records import NOWHERE, Binding
from funcpipe_lint.program.names import Bound, Names

_TYPING = ("typing", "typing_extensions", "collections", "contextlib", "builtins")
_FIRST_ARGUMENT = frozenset(("Optional", "Annotated", "Final", "ClassVar", "Required", "Type"))
_AWAITABLE = frozenset(("Awaitable", "Coroutine"))
_CONTAINERS = frozenset(
    (
        *("list", "List", "set", "Set", "frozenset", "tuple", "Tuple", "deque", "Sequence"),
        *("dict", "Dict", "Mapping", "MutableMapping", "defaultdict", "Iterable", "Collection"),
    )
)
_PROPERTIES = frozenset(("property", "cached_property"))
_MANAGERS = frozenset(("contextmanager", "asynccontextmanager"))
_ITEMS = frozenset(("get", "pop", "popleft", "setdefault"))
# What one file asks for takes no more steps than this; beyond, all is unknown.
_STEPS = 60_000
_DEPTH = 60


class Types:
    """Evaluates the expressions of a program for one file. Each is evaluated once."""

    def __init__(self, asked: Asked) -> None:
        self._asked = asked
        self.names = Names(asked)
        self.classes = Classes(asked, self.of)
        self._known: dict[tuple[int, Scope, bool], Entities] = {}
        self._texts: dict[str, Expression] = {}
        self._steps = 0
        self._depth = 0

    def of(self, expression: Expression, scope: Scope) -> Entities:
        """What an expression may stand for; empty where it only leads back to itself."""
        return self._evaluated(expression, scope, is_annotation=False)

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
        return _distinct(found)

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
        evaluate = self._annotation if is_annotation else self._expression
        found = self._known[key] = _distinct(evaluate(expression, scope))
        self._depth -= 1
        return found

    # -- expressions

    def _expression(self, expression: Expression, scope: Scope) -> Iterable[Entity]:
        match expression:
            case ("name", word):
                return self.named(word, scope)
            case ("attribute", of, word):
                found = self.of(of, scope)
                return [each for one in found for each in self.attribute(one, word, scope)]
            case ("call", of, arguments):
                return self._call(of, arguments, scope)
            case ("await", of):
                return [each for one in self.of(of, scope) for each in self._awaited(one)]
            case ("item", of, _):
                found = self.of(of, scope)
                return [each for one in found for each in self._item(one)]
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
            found += given if inner else _unshared(given)
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
                return [e for one in self.of(binding[1], scope) for e in self._entered(one)]
            case "element":
                return self._element(binding[1], scope)
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
                return [each for b in found for each in _unshared(self.bound(b))]
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
        if not bindings or word in self._asked.facts(owner[0]).replaced:
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
            found += _unshared(self.bound(bound, None if inside is None else receiver))
        return found

    def _attributes(self, owner: Key, word: str) -> Sequence[Binding]:
        return self.classes.get(owner).attributes.get(word, ())

    def _method(self, method: FunctionOf) -> Sequence[Entity]:
        function = self.classes.function(method.key)
        if any(last_word(each) in _PROPERTIES for each in function.decorators):
            return self.results(method, (), Scope(method.key[0], NOWHERE))
        return [method]

    # -- calls

    def _call(
        self, of: Expression, arguments: Sequence[Sequence[object]], scope: Scope
    ) -> Sequence[Entity]:
        if of[0] == "name" and of[1] == "super":
            return self._super(scope)
        if of[0] == "attribute" and of[2] in (*_ITEMS, "values"):
            held = [each for each in self.of(of[1], scope) if isinstance(each, Container)]
            if held:
                items = [each for one in held for each in self._item(one)]
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
        facts = self._asked.facts(scope.path)
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
        return _distinct(found)

    def _awaited(self, of: Entity) -> Sequence[Entity]:
        match of:
            case Coroutine(results):
                return results  # type: ignore[return-value]
            case Stream(function) if self.classes.is_stub(function.key):
                return [of]
            case External(name):
                return [External(f"{name}()")]
        return UNKNOWN_ENTITIES

    # -- what is held, entered or gone through

    def _item(self, of: Entity) -> Sequence[Entity]:
        match of:
            case Container(arguments, scope) if arguments:
                return self.annotated(arguments[-1], scope)
            case ClassOf():
                return [of]  # `Client[int]`
        return UNKNOWN_ENTITIES

    def _element(self, of: Expression, scope: Scope) -> Sequence[Entity]:
        is_values = of[0] == "call" and last_word(of) == "values"
        found: list[Entity] = []
        for each in self.of(of, scope):
            is_mapping = isinstance(each, Container) and len(each.arguments) > 1
            found += UNKNOWN_ENTITIES if is_mapping and not is_values else self._item(each)
        return found

    def _entered(self, of: Entity) -> Sequence[Entity]:
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

    # -- annotations

    def _annotation(self, note: Expression, scope: Scope) -> Sequence[Entity]:
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
                return [_instance(each) for each in found]
        return UNKNOWN_ENTITIES

    def _noted(self, bound: Bound) -> Sequence[Entity]:
        """What is annotated with a name that is bound so: an alias stands for its value."""
        binding = bound.binding
        scope = Scope(bound.path, bound.function)
        if binding[0] == "assigned":
            return self.annotated(binding[1], scope)
        if binding[0] == "annotated":
            return self.annotated(binding[2], scope)
        return [_instance(each) for each in self.bound(bound)]

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
        facts = self._asked.facts(scope.path)
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


def _distinct(found: Iterable[Entity]) -> Entities:
    """Each once; not all of them have a hash."""
    kept: list[Entity] = []
    for each in found:
        if each not in kept:
            kept.append(each)
    return tuple(kept)


def _instance(of: Entity) -> Entity:
    return Instance(of.key) if isinstance(of, ClassOf) else of


def _unshared(found: Iterable[Entity]) -> list[Entity]:
    """A stream that is kept for others to use is not known to be left by whoever leaves it."""
    return [UNKNOWN_ENTITY if isinstance(each, Stream) else each for each in found]
