"""Result narrowing: which side of a Result a name is known to be at a place."""

from __future__ import annotations

from typing import Literal

import libcst as cst

from funcpipe_lint.annotations import Annotations
from funcpipe_lint.flow import called
from funcpipe_lint.names import Names
from funcpipe_lint.tree import Tree

Side = Literal["ok", "err"]


class Results:
    """Answers, for one module, what tests and patterns around a node prove of a name."""

    def __init__(self, tree: Tree, names: Names, annotations: Annotations) -> None:
        self._tree = tree
        self._names = names
        self._annotations = annotations

    def side(self, name: cst.Name) -> Side | None:
        """The side that the name's value certainly is on where it stands.

        Evidence: the branch of an `isinstance`, `is_ok()`/`is_err()` test or `case` around it, with
        no rebinding of the name below the test.
        """
        for above, child in self._tree.path(name):
            proven: Side | None = None
            if isinstance(above, cst.If | cst.IfExp):
                side = self.test_side(above.test, name.value)
                if side is not None and child is above.body:
                    proven = side
                elif side is not None and child is above.orelse:
                    proven = other(side)
            elif isinstance(above, cst.MatchCase) and child is not above.pattern:
                proven = self._case_side(above, name.value)
            if proven is not None:
                return None if self._is_rebound(name.value, above) else proven
        return None

    def test_side(self, test: cst.BaseExpression, name: str) -> Side | None:
        """What a true test proves of a name: "ok" for `isinstance(name, Ok)`, `name.is_ok()`."""
        if isinstance(test, cst.UnaryOperation) and isinstance(test.operator, cst.Not):
            side = self.test_side(test.expression, name)
            return None if side is None else other(side)
        if isinstance(test, cst.BooleanOperation) and isinstance(test.operator, cst.And):
            # The negation of a conjunction proves nothing, so the else branch must not use this.
            return None
        if not isinstance(test, cst.Call):
            return None
        if self._names.is_a(test.func, ("builtins.isinstance",)) and len(test.args) == 2:
            subject = test.args[0].value
            if isinstance(subject, cst.Name) and subject.value == name:
                return self.constructor_side(test.args[1].value)
        if isinstance(test.func, cst.Attribute) and not test.args:
            subject = test.func.value
            if isinstance(subject, cst.Name) and subject.value == name:
                return _METHODS.get(called(test))
        if isinstance(test.func, cst.Name) and len(test.args) == 1:
            subject = test.args[0].value
            if isinstance(subject, cst.Name) and subject.value == name:
                return _METHODS.get(called(test))
        return None

    def constructor_side(self, node: cst.BaseExpression) -> Side | None:
        """The side of the Result that an expression names the constructor of."""
        if self._annotations.is_ok(node):
            return "ok"
        return "err" if self._annotations.is_err(node) else None

    def pattern_side(self, pattern: cst.MatchPattern) -> Side | None:
        """The side that a `case` pattern matches; None for other patterns."""
        if isinstance(pattern, cst.MatchAs) and pattern.pattern is not None:
            return self.pattern_side(pattern.pattern)
        if isinstance(pattern, cst.MatchClass):
            return self.constructor_side(pattern.cls)
        return None

    def _case_side(self, case: cst.MatchCase, name: str) -> Side | None:
        side = self.pattern_side(case.pattern)
        match = self._tree.parent(case)
        if side is None or not isinstance(match, cst.Match):
            return None
        is_subject = isinstance(match.subject, cst.Name) and match.subject.value == name
        caught = case.pattern.name if isinstance(case.pattern, cst.MatchAs) else None
        return side if is_subject or (caught is not None and caught.value == name) else None

    def _is_rebound(self, name: str, below: cst.CSTNode) -> bool:
        """Whether anything below a test gives the name another value (a `case ... as name` is the
        evidence itself)."""
        return any(
            b.kind != "match" and self._tree.is_inside(b.node, below)
            for b in self._names.bindings(name, below)
        )


_METHODS: dict[str, Side] = {"is_ok": "ok", "is_err": "err"}


def other(side: Side) -> Side:
    """The other side of a Result."""
    return "err" if side == "ok" else "ok"
