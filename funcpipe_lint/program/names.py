"""What a name is bound to, followed through imports, re-exports and star imports."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from funcpipe_lint.program.asked import Asked
from funcpipe_lint.program.facts.records import NOWHERE, Binding
from funcpipe_lint.program.roots import is_package

# Re-exports of re-exports beyond this are a cycle.
_DEPTH = 20
# What is bound in so many places, nobody knows.
_MOST_BINDINGS = 40


class Bound(NamedTuple):
    """A binding, and the file and function whose scope it is evaluated in.

    Beyond those of facts there are ("file", path) for a module, ("external", dotted name) and
    ("unknown",).
    """

    path: str
    function: int
    binding: Binding


UNKNOWN_NAME = Bound("", NOWHERE, ("unknown",))


class Names:
    """Looks names up, across modules."""

    def __init__(self, asked: Asked) -> None:
        self._asked = asked

    def lookup(self, path: str, function: int, word: str) -> list[Bound]:
        """What a name is bound to, seen from a function of a file; NOWHERE: from its top."""
        facts = self._asked.facts(path)
        while function != NOWHERE:
            found = facts.functions[function].bindings.get(word)
            if found is not None and len(found) > _MOST_BINDINGS:
                return [UNKNOWN_NAME]
            if found is not None:
                return [each for b in found for each in self._followed(path, function, b, 0)]
            function = facts.functions[function].outer
        found_here = list(self._exported(path, word, 0))
        if found_here:
            return found_here
        return [Bound(path, NOWHERE, ("external", f"builtins.{word}"))]

    def exported(self, path: str, word: str) -> list[Bound]:
        """What a module gives under a name."""
        found = list(self._exported(path, word, 0))
        below = "" if found or not is_package(path) else self._asked.below(path, word)
        return [Bound(below, NOWHERE, ("file", below))] if below else found or [UNKNOWN_NAME]

    def _exported(self, path: str, word: str, depth: int) -> Iterator[Bound]:
        if depth > _DEPTH:
            yield UNKNOWN_NAME
            return
        facts = self._asked.facts(path)
        bindings = facts.bindings.get(word)
        if bindings is not None and len(bindings) > _MOST_BINDINGS:
            yield UNKNOWN_NAME
        elif bindings is not None:
            for binding in bindings:
                yield from self._followed(path, NOWHERE, binding, depth)
        elif "__getattr__" in facts.bindings:
            yield UNKNOWN_NAME
        elif facts.stars:
            yield from self._by_star(path, word, depth)

    def _by_star(self, path: str, word: str, depth: int) -> Iterator[Bound]:
        for level, module in self._asked.facts(path).stars:
            source = self._module(path, level, module)
            if not source:
                yield UNKNOWN_NAME  # of which nobody knows what it gives
                continue
            exported = self._asked.facts(source).exported
            if not word.startswith("_") if exported is None else word in exported:
                found = list(self._exported(source, word, depth + 1))
                yield from found
                if found:
                    return

    def _followed(self, path: str, function: int, binding: Binding, depth: int) -> Iterator[Bound]:
        match binding:
            case ("module", dotted):
                yield self._file(self._asked.imported(dotted, path), dotted)
            case ("from", level, module, word):
                yield from self._from(path, level, module, word, depth)
            case _:
                yield Bound(path, function, binding)

    def _from(self, path: str, level: int, module: str, word: str, depth: int) -> Iterator[Bound]:
        source = self._module(path, level, module)
        if not source:
            yield UNKNOWN_NAME if level else Bound("", NOWHERE, ("external", f"{module}.{word}"))
            return
        found = list(self._exported(source, word, depth + 1))
        below = "" if found or not is_package(source) else self._asked.below(source, word)
        if below:
            yield self._file(below, "")
        yield from found or ([] if below else [UNKNOWN_NAME])

    def _module(self, path: str, level: int, dotted: str) -> str:
        if level:
            return self._asked.beside(level, dotted, path)
        return self._asked.imported(dotted, path)

    def _file(self, path: str, dotted: str) -> Bound:
        return Bound(path, NOWHERE, ("file", path) if path else ("external", dotted))
