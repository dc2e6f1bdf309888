"""Who owns clean-up that has to be awaited, and through whom."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from funcpipe_lint.model.vocabulary import HARMLESS_MANAGERS, LOCK, SCOPES
from funcpipe_lint.program.classes import Classes
from funcpipe_lint.program.entities import (
    GIVEN,
    UNKNOWN_ENTITY,
    Entity,
    External,
    FunctionOf,
    Instance,
    Key,
    Manager,
    Scope,
    Stream,
)
from funcpipe_lint.program.facts.expressions import UNKNOWN, Expression, last_word
from funcpipe_lint.program.facts.records import NOWHERE, Function, Needs
from funcpipe_lint.program.typing.types import Types

_DEPTH = 40
_EXITS = ("__aexit__", "__exit__")


class Owner(NamedTuple):
    """The function in which the clean-up of a stream lives."""

    path: str
    line: int
    column: int
    name: str
    kind: str
    """What holds: with, finally, except."""
    text: str
    """What is entered, of a `with`."""
    is_lock: bool = False
    is_argument: bool = False
    """It owns the clean-up of a stream that was handed to what is called."""


class Owners:
    """Says of streams who owns their clean-up. A stream that leads back to itself owns nothing."""

    def __init__(self, types: Types) -> None:
        self._types = types
        self._classes: Classes = types.classes
        self._owners: dict[tuple[Key, Key | None, Needs], Owner | None] = {}
        self._waiting: list[tuple[Key, Key | None, Needs]] = []
        self._is_cut = False

    def of_stream(self, stream: Stream) -> Owner | None:
        """Who owns the clean-up of a stream; None where nobody certainly does."""
        called = stream.function
        if self._returns_first(stream):
            return None
        targets = self._targets(called)
        found = [
            self._of_function(each, called.receiver, self._denied(each, stream)) for each in targets
        ]
        if self._classes.is_stub(called.key):
            owner = next((each for each in found if each is not None), None)
        else:
            owner = found[0] if found and all(found) else None
        return owner or self._of_arguments(stream, targets)

    def _targets(self, called: FunctionOf) -> list[Key]:
        """The functions that may run when a method is called."""
        function = self._classes.function(called.key)
        if function.owner == NOWHERE or called.receiver is None:
            return [called.key]
        if self._classes.is_stub(called.key):
            if called.is_direct:
                return []
            return self._classes.implementing(called.receiver, function.name)
        if called.is_direct:
            return [called.key]
        return [called.key, *self._classes.overriding(called.receiver, function.name)]

    def _of_function(self, key: Key, receiver: Key | None, denied: Needs) -> Owner | None:
        function = self._classes.function(key)
        if not function.is_generator or not function.is_async:
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
        found = self._holding(function, scope, denied) or self._passing(function, scope, denied)
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
                self.is_harmless(each, scope) for each in holder.managers
            ):
                continue
            is_lock = any(is_lock_name(each) for each in holder.managers)
            place = scope.path, holder.line, holder.column
            if found is None or is_lock:
                found = Owner(*place, function.name, holder.kind, holder.text, is_lock)
            if is_lock:
                break
        return found

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

    # -- managers

    def is_harmless(self, manager: Expression, scope: Scope) -> bool:
        """Whether a manager certainly has nothing to do when it is left."""
        return all(self._is_idle(each, 0) for each in self._types.of(manager, scope)) and bool(
            self._types.of(manager, scope)
        )

    def holds_nothing(self, manager: Expression, scope: Scope) -> bool:
        """Whether a function under `contextmanager` certainly does nothing when it is left, or the
        manager is one that holds nothing."""
        found = self._types.of(manager, scope)
        return bool(found) and all(self._is_bare(each) for each in found)

    def _is_bare(self, manager: Entity) -> bool:
        if not isinstance(manager, Manager):
            return self._is_idle(manager, 0)
        function = self._classes.function(manager.function.key)
        return function.ends_at_yield and not function.around

    def _is_idle(self, manager: Entity, depth: int) -> bool:
        match manager:
            case External(name):
                return name.removesuffix("()") in HARMLESS_MANAGERS
            case Manager(called):
                function = self._classes.function(called.key)
                inside = Scope(*called.key, called.receiver)
                return (
                    depth < _DEPTH
                    and function.is_idle
                    and all(
                        self._is_idle(each, depth + 1)
                        for around, is_async in function.around
                        if is_async
                        for each in self._types.of(around, inside) or (GIVEN,)
                    )
                )
            case Instance(key):
                exits = [self._classes.method(key, word) for word in _EXITS]
                known = [each for each in exits if each is not None]
                return bool(known) and all(self._classes.function(e).is_stub for e in known)
        return False

    def cancel_scope(self, manager: Expression, scope: Scope) -> tuple[str, Owner] | None:
        """The cancel scope that entering a manager of the program enters, and where."""
        entered = self._types.of(manager, scope)
        if UNKNOWN_ENTITY in entered:
            return None
        scopes = (found for each in entered for found in self._scopes(each, 0))
        return next(scopes, None)

    def lock(self, manager: Expression, scope: Scope) -> Owner | None:
        """The lock that a function of the program, under `contextmanager`, holds while what it is
        entered for runs; None where it is not certain that it does."""
        entered = self._types.of(manager, scope)
        found = [self._lock(each, 0) for each in entered]
        return found[0] if found and all(found) else None

    def _lock(self, manager: Entity, depth: int) -> Owner | None:
        if not isinstance(manager, Manager) or depth > _DEPTH:
            return None
        called = manager.function
        function = self._classes.function(called.key)
        inside = Scope(*called.key, called.receiver)
        if len(function.yielded) != 1:  # the lock may be around another one
            return None
        for around, _ in function.around:
            if is_lock_name(around):
                place = inside.path, function.line, function.column, function.name
                return Owner(*place, "lock", last_word(around), is_lock=True)
            for each in self._types.of(around, inside):
                found = self._lock(each, depth + 1)
                if found is not None:
                    return found
        return None

    def _scopes(self, manager: Entity, depth: int) -> Iterator[tuple[str, Owner]]:
        if isinstance(manager, External) and manager.name.removesuffix("()") in SCOPES:
            name = manager.name.removesuffix("()")
            yield name, Owner("", 0, 0, "", "scope", name)
        if not isinstance(manager, Manager) or depth > _DEPTH:
            return
        called = manager.function
        function = self._classes.function(called.key)
        inside = Scope(*called.key, called.receiver)
        place = inside.path, function.line, function.column, function.name
        for around, _ in function.around:
            for each in self._types.of(around, inside):
                for name, found in self._scopes(each, depth + 1):
                    yield name, found if found.path else Owner(*place, "scope", name)


def is_lock_name(manager: Expression) -> bool:
    """Whether a manager is a name or attribute that is called a lock."""
    is_named = manager[0] in ("name", "attribute")
    return is_named and LOCK.search(last_word(manager)) is not None


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
