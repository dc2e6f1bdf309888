"""The facts of a module as data that JSON keeps: what was read of it, and of what was never asked
nothing. Who asks for more of a module that was kept has it read anew from its text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from funcpipe_lint.program.facts.collected import (
    Attributes,
    Collected,
    Functions,
    OnDemand,
    Replaced,
    Sites,
)
from funcpipe_lint.program.facts.reading import NOT_READ, facts_of
from funcpipe_lint.program.facts.records import Bindings, Class, Facts, Function, Holder, Site

Row = list[Any]
"""What JSON makes of it."""


def to_json(facts: Facts, digest: str) -> bytes | None:
    """What was read of a module, with the digest of its bytes; None where there is nothing to keep:
    all of it was kept before, it is no Python, or a function is half read. O(what was read)."""
    import json  # not for runs without a cache

    functions = facts.functions
    module = functions.module if isinstance(functions, Functions) else None
    if isinstance(module, Kept):
        module = module.anew
    if not isinstance(module, Collected) or not module.asked.is_whole:
        return None
    asked = module.asked
    row: Row = [
        digest,
        asked.functions,
        list(asked.attributes),
        {name: module.is_replaced(name) for name in asked.replaced},
        facts.bindings,
        [None if each is NOT_READ else _row(each) for each in module.functions],
        module.classes,
        module.stars,
        facts.exported,
    ]
    try:
        return json.dumps(row, separators=(",", ":")).encode("ascii")
    except (ValueError, RecursionError):
        return None  # it holds a number of more digits than are converted


def from_json(body: bytes, digest: str, text: Callable[[], str]) -> Facts | None:
    """The facts of a module of that digest, whose text is asked for if it is needed; None where
    they are of other bytes, or no facts."""
    import json

    try:
        of, order, attributes, replaced, bindings, functions, classes, *rest = json.loads(body)
        stars, exported = rest
        if of != digest:
            return None
        asked = {(owner, name) for owner, name in attributes}
        module = Kept(text, order, asked, replaced, functions)
        return Facts(
            _bindings(bindings),
            Functions(module),
            [_class(module, number, *each) for number, each in enumerate(classes)],
            [_tuple(each) for each in stars],
            exported,
            Replaced(module),
            Sites(module),
        )
    except (ValueError, TypeError, AttributeError, RecursionError):
        return None


class Kept(OnDemand):
    """A module of which something was read in another run. The functions of the two that it may be
    asked for, then and now, have the same numbers."""

    def __init__(
        self,
        text: Callable[[], str],
        order: list[int],
        attributes: set[tuple[int, str]],
        replaced: dict[str, bool],
        functions: list[Any],
    ) -> None:
        self._text = text
        self._order = order
        self._attributes = attributes
        self._replaced = replaced
        self._functions = functions
        """Functions, or what was kept of them; None for one that was not read."""
        self.held: list[Attributes] = []
        """What was kept of the attributes of each class."""
        self.anew: Collected | None = None
        """The module as it was read from its text, once more was asked for than was kept."""

    def count(self) -> int:
        return len(self._functions) if self.anew is None else self.anew.count()

    def at(self, index: int) -> Function:
        if self.anew is None and index < len(self._functions):
            found = self._functions[index]
            if found.__class__ is list:
                found = self._functions[index] = _function(found)
            if found is not None:
                return found  # type: ignore[no-any-return]
        return self._read().at(index)

    def read_attributes(self, owner: int, name: str = "") -> None:
        asked = (owner, name), (owner, "")
        if self.anew is None and not self._attributes.isdisjoint(asked):
            return
        module = self._read()
        module.read_attributes(owner, name)
        found = module.classes[owner].attributes
        self.held[owner].update(found.items())

    def is_replaced(self, name: str) -> bool:
        known = self._replaced.get(name) if self.anew is None else None
        return self._read().is_replaced(name) if known is None else known

    def read_sites(self) -> list[Site]:
        return self._read().read_sites()

    def _read(self) -> Collected:
        """The module, of which as much has been read as was kept."""
        if self.anew is None:
            facts = facts_of(self._text())
            functions = None if facts is None else facts.functions
            assert isinstance(functions, Functions)
            module = functions.module
            assert isinstance(module, Collected)
            for index in self._order:
                module.at(index)
            for owner, name in self._attributes:
                module.read_attributes(owner, name)
            for name in self._replaced:
                module.is_replaced(name)
            self.anew = module
        return self.anew


# -- records as JSON has them, and back


_BINDINGS, _HOLDERS, _NEEDS = map(Function._fields.index, ("bindings", "holders", "needs"))


def _row(function: Function) -> Row:
    row: Row = [*function]
    row[_HOLDERS] = [[*each[:-1], sorted(each.needs)] for each in function.holders]
    row[_NEEDS] = [sorted(each) for each in function.needs]
    return row


def _function(row: Row) -> Function:
    fields = [*_tuple(row)]
    fields[_BINDINGS] = _bindings(row[_BINDINGS])
    fields[_HOLDERS] = tuple(_holder(*each) for each in fields[_HOLDERS])
    fields[_NEEDS] = tuple(frozenset(each) for each in fields[_NEEDS])
    return Function._make(fields)


def _holder(*fields: Any) -> Holder:
    return Holder._make((*fields[:-1], frozenset(fields[-1])))


def _class(module: Kept, number: int, *fields: Any) -> Class:
    *others, members, attributes = fields
    held = Attributes(module, number)
    held.update(_bindings(attributes))
    module.held.append(held)
    return Class._make((*_tuple(others), _bindings(members), held))


def _bindings(found: Mapping[str, Iterable[Any]]) -> Bindings:
    return {name: [_tuple(each) for each in bound] for name, bound in found.items()}


def _tuple(of: Iterable[Any]) -> tuple[Any, ...]:
    """Tuples all the way down."""
    return tuple([_tuple(each) if each.__class__ is list else each for each in of])
