"""What a `.pyi` beside a module tells of the types in it: the `.py` has the bodies."""

from __future__ import annotations

from functools import cached_property

from funcpipe_lint.program.facts.collected import EachFunction
from funcpipe_lint.program.facts.expressions import UNKNOWN, Expression
from funcpipe_lint.program.facts.records import Binding, Bindings, Class, Facts, Function

# What of a stub the annotations in it may name, beside the functions and classes of the module.
_NAMED = frozenset(("module", "from", "assigned", "annotated"))


def typed(facts: Facts, stub: Facts, path: str) -> Facts:
    """The facts of a module, in which what has no annotation has that of the stub, a file."""
    return facts._replace(
        bindings=_named(facts.bindings, stub.bindings),
        classes=_classes(facts, stub),
        functions=_Typed(facts, stub, path),
    )


def _named(own: Bindings, stub: Bindings) -> Bindings:
    """The names of a module, with those that only its stub imports or aliases."""
    found = dict(own)
    for word, bindings in stub.items():
        if word not in own:
            if all(each[0] in _NAMED for each in bindings):
                found[word] = bindings
        elif len(bindings) == 1 and bindings[0][0] == "annotated":
            found[word] = [_noted(each, bindings[0][1]) for each in own[word]]
    return found


def _noted(binding: Binding, annotation: Expression) -> Binding:
    return ("annotated", annotation, binding[1]) if binding[0] == "assigned" else binding


def _classes(facts: Facts, stub: Facts) -> list[Class]:
    """The classes of a module, with the attributes that the stub annotates."""
    beside = _by_name(stub)
    return [
        each._replace(members=_annotated(each.members, beside[each.name].members))
        if each.name in beside and each.name in _by_name(facts)
        else each
        for each in facts.classes
    ]


def _by_name(facts: Facts) -> dict[str, Class]:
    """The classes of which there is but one of that name."""
    names = [each.name for each in facts.classes]
    return {each.name: each for each in facts.classes if names.count(each.name) == 1}


def _annotated(own: Bindings, stub: Bindings) -> Bindings:
    found = dict(own)
    for word, bindings in stub.items():
        noted = [each for each in bindings if each[0] == "annotated"]
        if noted and not any(each[0] == "annotated" for each in own.get(word, ())):
            found[word] = [*own.get(word, ()), *noted]
    return found


class _Typed(EachFunction):
    """The functions of a module, of which those without an annotation have that of the stub."""

    def __init__(self, facts: Facts, stub: Facts, path: str) -> None:
        self._facts = facts
        self._stub = stub
        self._path = path

    @cached_property
    def _beside(self) -> dict[tuple[str, str, int], Function]:
        """Those of the stub, but overloads: which of them is called is not known."""
        every = [(_place(each, self._stub), each) for each in self._stub.functions]
        places = [place for place, _ in every]
        return {place: each for place, each in every if places.count(place) == 1}

    def __len__(self) -> int:
        return len(self._facts.functions)

    def at(self, index: int) -> Function:
        function = self._facts.functions[index]
        beside = self._beside.get(_place(function, self._facts))
        if beside is None:
            return function
        if function.returns == UNKNOWN:
            hiding = (*beside.hiding[:3], self._path) if beside.hiding else ()
            function = function._replace(returns=beside.returns, hiding=hiding)
        noted = {name: annotation for name, annotation, _ in beside.parameters}
        bindings = dict(function.bindings)
        for name, annotation, _ in function.parameters:
            bound = bindings.get(name, ())
            if annotation == UNKNOWN and len(bound) == 1 and bound[0][0] == "parameter":
                told = noted.get(name, UNKNOWN)
                bindings[name] = [("parameter", told, *bound[0][2:])]
        return function._replace(bindings=bindings)


def _place(function: Function, facts: Facts) -> tuple[str, str, int]:
    owner = "" if function.owner < 0 else facts.classes[function.owner].name
    return owner, function.name, function.outer
