"""Result narrowing: which side of a Result a name is known to be at a place."""

from __future__ import annotations

from typing import Literal

import libcst as cst

from funcpipe_lint.rule.annotations import Annotations
from funcpipe_lint.rule.flow import Flow, called
from funcpipe_lint.rule.names import Names
from funcpipe_lint.rule.tree import Tree

Side = Literal["ok", "err"]


class Results:
    """Answers, for one module, what tests and patterns around a node prove of a name."""

    def __init__(self, tree: Tree, names: Names, flow: Flow, annotations: Annotations) -> None:
        self._tree = tree
        self._names = names
        self._flow = flow
        self._annotations = annotations

    def side(self, name: cst.Name) -> Side | None:
        """The side that the name's value certainly is on where it stands."""
        return self.side_at(name.value, name)

    def side_at(self, name: str, at: cst.CSTNode) -> Side | None:
        """The side that a name's value certainly is on at a node.

        Evidence: the branch of an `isinstance`, `is_ok()`/`is_err()` test or `case` around it; a
        test before it whose branch leaves the block; with no rebinding of the name since the test.
        """
        for above, child in self._tree.path(at):
            if isinstance(above, cst.BaseSuite | cst.Module):
                proven = self._side_after(above, child, name)
                if proven is not None:
                    return proven
            proven = self._side_in(above, child, name)
            if proven is not None:
                return None if self._is_rebound(name, above) else proven
        return None

    def _side_in(self, above: cst.CSTNode, child: cst.CSTNode, name: str) -> Side | None:
        """What being in a branch, an operand or a `case` proves of a name."""
        if isinstance(above, cst.If | cst.IfExp | cst.While):
            if child is above.body:
                return self.test_side(above.test, name)
            if not isinstance(above, cst.While) and child is above.orelse:
                return self._false_side(above.test, name)
        if isinstance(above, cst.BooleanOperation) and child is above.right:
            is_and = isinstance(above.operator, cst.And)
            return (self.test_side if is_and else self._false_side)(above.left, name)
        if isinstance(above, cst.MatchCase) and child is not above.pattern:
            return self._case_side(above, name)
        return None

    def _side_after(self, block: cst.CSTNode, child: cst.CSTNode, name: str) -> Side | None:
        """What an `if` that leaves the block, before a statement of it, proves of a name."""
        proven: Side | None = None
        for statement in getattr(block, "body", ()):
            if proven is not None and self._is_rebound(name, statement):
                proven = None
            if statement is child:
                break
            if not isinstance(statement, cst.If) or statement.orelse is not None:
                continue
            if self._flow.always_leaves(statement.body):
                proven = self._false_side(statement.test, name) or proven
        return proven

    def _false_side(self, test: cst.BaseExpression, name: str) -> Side | None:
        """What a false test proves of a name."""
        if isinstance(test, cst.BooleanOperation):
            if isinstance(test.operator, cst.Or):
                return self._false_side(test.left, name) or self._false_side(test.right, name)
            return None
        side = self.test_side(test, name)
        return None if side is None else other(side)

    def test_side(self, test: cst.BaseExpression, name: str) -> Side | None:
        """What a true test proves of a name: "ok" for `isinstance(name, Ok)`, `name.is_ok()`."""
        if isinstance(test, cst.UnaryOperation) and isinstance(test.operator, cst.Not):
            return self._false_side(test.expression, name)
        if isinstance(test, cst.BooleanOperation):
            if isinstance(test.operator, cst.And):
                return self.test_side(test.left, name) or self.test_side(test.right, name)
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
