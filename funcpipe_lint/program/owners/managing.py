"""What the managers of a program hold when they are entered: nothing, a lock, a cancel scope."""

from __future__ import annotations

from collections.abc import Iterator

from funcpipe_lint.model.vocabulary import HARMLESS_MANAGERS, LOCK, SCOPES
from funcpipe_lint.program.classes import Classes
from funcpipe_lint.program.entities import (
    GIVEN,
    UNKNOWN_ENTITY,
    Entity,
    External,
    Instance,
    Key,
    Manager,
    Owner,
    Scope,
)
from funcpipe_lint.program.facts.body.entering import ENTERING, LEAVING
from funcpipe_lint.program.facts.expressions import Expression, last_word
from funcpipe_lint.program.typing.types import Types

_DEPTH = 40


class Managers:
    """Says what is held by what a function under `contextmanager`, or a class, gives to enter."""

    def __init__(self, types: Types) -> None:
        self._types = types
        self._classes: Classes = types.classes

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
        if isinstance(manager, Instance):
            exits = [self._classes.method(manager.key, word) for word in LEAVING]
            known = [each for each in exits if each is not None]
            return bool(known) and all(self._classes.function(e).is_stub for e in known)
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
            case Instance(key, is_exact):
                exits = self._methods(key, "__aexit__", is_exact=is_exact)
                functions = [self._classes.function(each) for each in exits]
                return bool(exits) and all(each.is_idle or each.is_stub for each in functions)
        return False

    def _methods(self, key: Key, word: str, *, is_exact: bool) -> list[Key]:
        """The methods that may run for one of an object; none where it is not known."""
        method = self._classes.method(key, word)
        if method is None or is_exact:
            return [] if method is None else [method]
        if self._classes.is_stub(method):
            return self._classes.implementing(key, word) or [method]
        return [method, *self._classes.overriding(key, word)]

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
        if isinstance(manager, Instance):
            return self._lock_of_object(manager)
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

    def _lock_of_object(self, manager: Instance) -> Owner | None:
        """The lock that an object takes when it is entered, and gives back when it is left."""
        leaving = self._classes.method(manager.key, "__aexit__")
        for method, around in self._entered_by(manager):
            given_back = () if leaving is None else self._classes.function(leaving).around
            if is_lock_name(around) and any(around == each for each, _ in given_back):
                return self._by_class(manager, method, "lock", last_word(around))
        return None

    def _entered_by(self, manager: Instance) -> Iterator[tuple[Key, Expression]]:
        """What an object enters by hand when it is entered, and the method that does."""
        for word in ENTERING:
            method = self._classes.method(manager.key, word)
            if method is not None:
                for around, _ in self._classes.function(method).around:
                    yield method, around

    def _by_class(self, manager: Instance, method: Key, kind: str, text: str) -> Owner:
        function = self._classes.function(method)
        name = self._classes.get(manager.key).name
        place = method[0], function.line, function.column, name
        return Owner(*place, kind, text, is_lock=kind == "lock")

    def _scopes(self, manager: Entity, depth: int) -> Iterator[tuple[str, Owner]]:
        if isinstance(manager, External) and manager.name.removesuffix("()") in SCOPES:
            name = manager.name.removesuffix("()")
            yield name, Owner("", 0, 0, "", "scope", name)
        if isinstance(manager, Instance) and depth <= _DEPTH:
            for method, around in self._entered_by(manager):
                inside = Scope(*method, manager.key)
                for each in self._types.of(around, inside):
                    for name, found in self._scopes(each, depth + 1):
                        own = self._by_class(manager, method, "scope", name)
                        yield name, found if found.path else own
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
