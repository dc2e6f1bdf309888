"""Who owns clean-up that has to be awaited, and through whom."""

from __future__ import annotations

from collections.abc import Sequence

from funcpipe_lint.model.vocabulary import TRANSPARENT
from funcpipe_lint.program.classes import Classes
from funcpipe_lint.program.entities import FunctionOf, Key, Owner, Scope, Stream
from funcpipe_lint.program.facts.expressions import UNKNOWN, Expression, last_word
from funcpipe_lint.program.facts.records import NOWHERE, Function, Needs
from funcpipe_lint.program.owners.managing import Managers, is_lock_name
from funcpipe_lint.program.typing.types import Types

_DEPTH = 40


class Owners:
    """Says of streams who owns their clean-up. A stream that leads back to itself owns nothing."""

    def __init__(self, types: Types) -> None:
        self._types = types
        self._classes: Classes = types.classes
        self.managers = Managers(types)
        self._owners: dict[tuple[Key, Key | None, Needs], Owner | None] = {}
        self._waiting: list[tuple[Key, Key | None, Needs]] = []
        self._is_cut = False

    def of_stream(self, stream: Stream) -> Owner | None:
        """Who owns the clean-up of a stream; None where nobody certainly does."""
        called = stream.function
        if self._returns_first(stream):
            return None
        targets = self._targets(called, stream)
        found = [
            self._of_function(each, called.receiver, self._denied(each, stream)) for each in targets
        ]
        if self._classes.is_stub(called.key):
            owner = next((each for each in found if each is not None), None)
        else:
            owner = found[0] if found and all(found) else None
        return owner or self._of_arguments(stream, targets) or self._of_overriding(stream)

    def _targets(self, called: FunctionOf, stream: Stream) -> list[Key]:
        """The functions that may run when a method is called."""
        function = self._classes.function(called.key)
        if function.owner == NOWHERE or called.receiver is None:
            return [called.key]
        if self._classes.is_stub(called.key):
            return [] if called.is_direct else self._reached(called, stream)
        if called.is_direct:
            return [called.key]
        return [called.key, *self._classes.overriding(called.receiver, function.name)]

    def _of_overriding(self, stream: Stream) -> Owner | None:
        """Who owns the clean-up of a method that a class below has put in the place of one which
        owns none: whoever calls it does not know which of them it is."""
        called = stream.function
        is_final = called.receiver is None or called.is_direct
        if is_final or self._classes.is_stub(called.key):
            return None
        for key in self._reached(called, stream):
            owner = self._of_function(key, called.receiver, self._denied(key, stream))
            if owner is not None:
                return owner
        return None

    def _reached(self, called: FunctionOf, stream: Stream) -> list[Key]:
        """The methods of the classes below that stand for one, and take what it is given. What a
        method calls of its own object is that of no class which replaces the method."""
        assert called.receiver is not None
        scope = stream.scope
        name = self._classes.function(called.key).name
        found = [
            each
            for each in self._classes.implementing(called.receiver, name)
            if _takes(self._classes.function(each), stream.arguments)
        ]
        function = scope.function
        while function != NOWHERE and self._classes.function((scope.path, function)).owner < 0:
            function = self._classes.function((scope.path, function)).outer
        if function == NOWHERE:
            return found
        caller = scope.path, function
        own = scope.path, self._classes.function(caller).owner
        if called.receiver not in (own, scope.receiver):
            return found
        return [each for each in found if self._keeps(each, caller)]

    def _keeps(self, method: Key, caller: Key) -> bool:
        """Whether the class of a method has the caller too, or calls it in its own."""
        own = method[0], self._classes.function(method).owner
        if own[1] == NOWHERE:
            return True
        found = self._classes.method(own, self._classes.function(caller).name)
        return found is None or found == caller or _calls_super(self._classes.function(found))

    def _of_function(self, key: Key, receiver: Key | None, denied: Needs) -> Owner | None:
        function = self._classes.function(key)
        if function.is_generator and not function.is_async:
            return None
        # Of a method that another class has, that class is `self`.
        if receiver is not None and function.owner != NOWHERE:
            own = key[0], function.owner
            receiver = receiver if own in self._classes.order(receiver) else own
        about = key, receiver, denied
        if about in self._owners:
            return self._owners[about]
        if about in self._waiting or len(self._waiting) > _DEPTH:
            self._is_cut = True
            return None
        if not self._waiting:
            self._is_cut = False
        self._waiting.append(about)
        scope = Scope(*key, receiver)
        if function.is_generator:
            found = self._holding(function, scope, denied) or self._passing(function, scope, denied)
        else:
            found = self._returning(key, receiver)
        self._waiting.pop()
        # That nothing owns anything is certain once the whole circle has been seen.
        if found is not None or not self._is_cut or not self._waiting:
            self._owners[about] = found
        return found

    def _holding(self, function: Function, scope: Scope, denied: Needs) -> Owner | None:
        """What a function holds itself: a lock sooner than anything else."""
        found: Owner | None = None
        for holder in function.holders:
            if holder.needs & denied:
                continue
            if holder.kind == "with" and all(
                self.managers.is_harmless(each, scope) for each in holder.managers
            ):
                continue
            is_lock = any(is_lock_name(each) for each in holder.managers)
            place = scope.path, holder.line, holder.column
            if found is None or is_lock:
                found = Owner(*place, function.name, holder.kind, holder.text, is_lock)
            if is_lock:
                break
        return found

    def _returning(self, key: Key, receiver: Key | None) -> Owner | None:
        """Who owns what a function returns that is no generator itself, where all of that does: it
        stands for a method that is called as a stream."""
        decorators = self._classes.function(key).decorators
        if any(last_word(each) not in TRANSPARENT for each in decorators):
            return None
        returned = self._types.results(FunctionOf(key, receiver), (), Scope(key[0], NOWHERE))
        streams = [each for each in returned if isinstance(each, Stream)]
        if not streams or len(streams) != len(returned):
            return None
        found = [self.of_stream(each) for each in streams]
        return found[0] if all(found) else None

    def _passing(self, function: Function, scope: Scope, denied: Needs) -> Owner | None:
        for passed, needs in zip(function.passed, function.needs, strict=True):
            if needs & denied:
                continue
            for each in self._types.iterated(passed, scope):
                if isinstance(each, Stream):
                    owner = self.of_stream(each)
                    if owner is not None:
                        return owner
        return None

    # -- streams that are handed to the function that is called

    def _of_arguments(self, stream: Stream, targets: Sequence[Key]) -> Owner | None:
        for key in targets:
            function = self._classes.function(key)
            for passed in function.passed:
                given = _argument(function, passed, stream)
                if given == UNKNOWN:
                    continue
                for each in self._types.of(given, stream.scope):
                    if isinstance(each, Stream) and given[0] == "call":
                        owner = self.of_stream(each)
                        if owner is not None:
                            return owner._replace(is_argument=True)
        return None

    def _denied(self, key: Key, stream: Stream) -> Needs:
        """What a function needs of its parameters for some of what it holds, and is not so, by a
        constant that is passed or a default: `stream=False`."""
        function = self._classes.function(key)
        needed = frozenset().union(*function.needs, *(each.needs for each in function.holders))
        given = ((each, _argument(function, ("name", each[0]), stream)) for each in needed)
        return frozenset(
            (name, is_true)
            for (name, is_true), value in given
            if value[0] == "value" and value[1] != "..." and bool(value[1]) != is_true
        )

    def _returns_first(self, stream: Stream) -> bool:
        """Whether what is called returns before it opens anything, for this is what it is given."""
        function = self._classes.function(stream.function.key)
        return any(
            _is_false(_argument(function, ("name", name), stream)) for name in function.guards
        )


def _argument(function: Function, passed: Expression, stream: Stream) -> Expression:
    """What a call gives a parameter, by its name; its default where it gives nothing; unknown where
    that is no parameter."""
    if passed[0] != "name":
        return UNKNOWN
    names = [each[0] for each in function.parameters]
    if passed[1] not in names or any(keyword == "*" for keyword, _ in stream.arguments):
        return UNKNOWN
    words = {last_word(each) for each in function.decorators}
    is_bound = function.owner != NOWHERE and "staticmethod" not in words
    for keyword, value in stream.arguments:
        if keyword == passed[1]:
            return value  # type: ignore[return-value]
    place = names.index(passed[1]) - int(is_bound)
    positional = [value for keyword, value in stream.arguments if not keyword]
    if 0 <= place < len(positional):
        return positional[place]  # type: ignore[return-value]
    default: Expression = function.parameters[names.index(passed[1])][2]
    return default


def _is_false(value: Expression) -> bool:
    return value[0] == "value" and not value[1]


def _takes(function: Function, arguments: Sequence[Sequence[object]]) -> bool:
    """Whether a function has the parameters that a call names."""
    names = [each[0] for each in function.parameters]
    is_open = any(name.startswith("**") for name in names)
    return is_open or all(keyword in ("", "*", *names) for keyword, _ in arguments)


def _calls_super(function: Function) -> bool:
    """Whether a method goes through, returns or binds what that of a base gives."""
    bound = [each for found in function.bindings.values() for each in found]
    return any(_names_super(each) for each in (*function.passed, *function.returned, *bound))


def _names_super(of: object) -> bool:
    if of == ("name", "super"):
        return True
    return isinstance(of, tuple) and any(_names_super(each) for each in of)
