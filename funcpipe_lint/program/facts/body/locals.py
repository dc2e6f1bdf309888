"""What the names of a body are bound to, and which of them are there for one use alone."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from funcpipe_lint.program.facts.expressions import Expression, plain
from funcpipe_lint.program.facts.records import Binding, Bindings
from funcpipe_lint.program.facts.shapes import uses


class Locals:
    """The names of a body that is being read."""

    def __init__(self, *, is_local: bool) -> None:
        self.is_local = is_local
        """Nobody outside of the body can use them."""
        self.bindings: Bindings = {}
        self.values: dict[str, ast.expr] = {}
        """What calls names are assigned."""
        self.made_in: dict[str, list[int]] = {}
        """The loops around those assignments."""
        self._uses: dict[str, tuple[int, int]] | None = None

    def bind(self, name: str, binding: Binding) -> None:
        """Notes what gives a name a meaning."""
        self.bindings.setdefault(name, []).append(binding)

    def used(self, name: str, statements: Sequence[ast.stmt]) -> tuple[int, int]:
        """How often a name is read, and how often to go through it or to pull from it."""
        if self._uses is None:
            self._uses = uses(statements)
        return self._uses.get(name, (0, 0))

    def hand(self, statements: Sequence[ast.stmt]) -> None:
        """Puts what names are bound to in their places, in calls that names are bound to."""
        for name in self.values:
            (binding, *others) = self.bindings[name]
            if not others and binding[0] == "assigned":
                filled = self.filled(binding[1], self.made_in[name], statements)
                self.bindings[name] = [("assigned", filled)]

    def filled(
        self,
        of: Expression,
        inside: Sequence[int],
        statements: Sequence[ast.stmt],
        depth: int = 5,
    ) -> Expression:
        """A call that is given what a name is bound to, once and for nothing else, is given that:
        as often as it is made."""
        if of[0] != "call" or not self.is_local:
            return of
        given = []
        for keyword, value in of[2]:
            made = self.values.get(value[1]) if value[0] == "name" and depth else None
            if made is not None and self._is_made_for(value[1], inside, statements):
                value = self.filled(plain(made), inside, statements, depth - 1)
            given.append((keyword, value))
        return ("call", of[1], tuple(given))

    def _is_made_for(
        self, name: str, inside: Sequence[int], statements: Sequence[ast.stmt]
    ) -> bool:
        is_local = len(self.bindings[name]) == 1 and self.made_in[name] == inside
        return is_local and self.used(name, statements) == (1, 0)
