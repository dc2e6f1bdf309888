"""What can run: live statements, early exits from a loop, clean-up around a node."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from funcpipe_lint.rule.names import Names
from funcpipe_lint.rule.tree import Function, Loop, Tree

Try = cst.Try | cst.TryStar
Exit = cst.Break | cst.Return | cst.Raise
_LEAVES = (cst.Return, cst.Raise, cst.Break, cst.Continue)


class Flow:
    """Control-flow questions about one module, answered by looking up from a node."""

    def __init__(self, tree: Tree, names: Names) -> None:
        self._tree = tree
        self._names = names
        self._live: dict[cst.CSTNode, bool] = {}

    def is_live(self, node: cst.CSTNode) -> bool:
        """Whether a node can run: no return, raise, break or continue before it in a block around
        it, and not under `if False` or `if TYPE_CHECKING`."""
        for above, child in self._tree.path(node):
            known = self._live.get(child)
            if known is None:
                known = self._live[child] = self._is_reached(above, child)
            if not known:
                return False
        return True

    def _is_reached(self, above: cst.CSTNode, child: cst.CSTNode) -> bool:
        if isinstance(above, cst.If | cst.While) and child is above.body:
            return not self._is_never(above.test)
        body = getattr(above, "body", None)
        if not isinstance(body, tuple | list):
            return True
        for statement in body:
            if statement is child:
                return True
            last = statement
            if isinstance(statement, cst.SimpleStatementLine) and statement.body:
                last = statement.body[-1]
            if isinstance(last, _LEAVES):
                return False
        return True

    def _is_never(self, test: cst.BaseExpression) -> bool:
        if isinstance(test, cst.Name):
            return test.value == "False" or self._names.is_a(test, ("typing.TYPE_CHECKING",))
        return isinstance(test, cst.Integer) and test.evaluated_value == 0

    def live_yields(self, function: Function) -> list[cst.Yield]:
        """The yields of a function's own body that can run, in source order."""
        return [y for y in self._tree.own(function, cst.Yield) if self.is_live(y)]

    def live_yields_in(self, part: cst.CSTNode) -> list[cst.Yield]:
        """The live yields of the same function below a node of its body."""
        owner = self._tree.owner(part)
        return [
            y
            for y in self._tree.own(owner, cst.Yield)
            if self._tree.is_inside(y, part) and self.is_live(y)
        ]

    def live_yields_after(self, node: cst.CSTNode) -> list[cst.Yield]:
        """The live yields that can be reached from a node of the same function: those below it in
        its block and the blocks around it, up to where one is left, and all of a loop around it
        that the block does not break out of."""
        found: list[cst.Yield] = []
        is_broken = False
        for above, child in self._tree.path(node):
            parts: list[cst.CSTNode] = []
            if is_broken:
                is_broken = not isinstance(above, cst.For | cst.While)
            elif isinstance(above, cst.For | cst.While):
                parts = [above]
            elif isinstance(above, Try):
                others = (*above.handlers, above.orelse, above.finalbody)
                parts = [part for part in others if part is not None and part is not child]
            elif isinstance(above, cst.If | cst.MatchCase | cst.Else):
                # From a branch no other branch is reached; from a test or guard, all of them.
                is_branch = child in (above.body, getattr(above, "orelse", None))
                parts = [] if is_branch else [above]
            elif isinstance(above, cst.SimpleStatementLine | cst.BaseSuite):
                body = list(above.body)
                parts = [*body[body.index(child) + 1 :]] if child in body else []
            else:
                parts = [above]
            for part in parts:
                found += [y for y in self.live_yields_in(part) if y not in found]
            if any(isinstance(last_statement(part), cst.Return) for part in parts):
                break
            is_broken = is_broken or any(isinstance(last_statement(p), cst.Break) for p in parts)
        return found

    def always_leaves(self, block: cst.CSTNode) -> bool:
        """Whether the end of a block is never reached: it ends in return, raise, break or continue,
        or in an `if` of which both branches do."""
        body = getattr(block, "body", None)
        if isinstance(block, cst.Else):
            return self.always_leaves(block.body)
        if not isinstance(body, tuple | list) or not body:
            return False
        last = last_statement(body[-1])
        if isinstance(last, cst.If):
            return (
                last.orelse is not None
                and self.always_leaves(last.body)
                and self._else_leaves(last.orelse)
            )
        return isinstance(last, _LEAVES)

    def _else_leaves(self, orelse: cst.If | cst.Else) -> bool:
        if isinstance(orelse, cst.Else):
            return self.always_leaves(orelse.body)
        return (
            orelse.orelse is not None
            and self.always_leaves(orelse.body)
            and self._else_leaves(orelse.orelse)
        )

    def early_exits(self, loop: Loop) -> list[Exit]:
        """The live statements of a loop's own body that leave it before its end: its own `break`,
        `return`, and a `raise` that nothing inside the loop may catch. In source order."""
        return [
            node
            for node in self._tree.own_below(loop.body)
            if isinstance(node, Exit) and self._leaves(node, loop) and self.is_live(node)
        ]

    def _leaves(self, node: Exit, loop: Loop) -> bool:
        for above, child in self._tree.path(node):
            if above is loop:
                return True
            is_loop = isinstance(above, cst.For | cst.While)
            if is_loop and isinstance(node, cst.Break) and child is getattr(above, "body", None):
                return False
            if isinstance(node, cst.Raise):
                # A manager may swallow the exception as well as a handler can.
                if isinstance(above, cst.With):
                    return False
                if isinstance(above, Try) and child is above.body and above.handlers:
                    return False
            final = finally_after(above, child)
            if final is not None and self.leaves_in(final):
                return False
        return False

    def leaves_in(self, final: cst.Finally) -> bool:
        """Whether a `finally` may itself return, break or continue: what was on its way is lost."""
        return any(
            isinstance(n, cst.Return | cst.Break | cst.Continue)
            for n in self._tree.own_below(final)
        )

    def awaits_in(self, part: cst.CSTNode) -> bool:
        """Whether the owner's own code below a node suspends: await, async for, async with."""
        return any(
            isinstance(node, cst.Await) or getattr(node, "asynchronous", None) is not None
            for node in self._tree.own_below(part)
            if not isinstance(node, cst.FunctionDef)
        )

    def closed_by_hand(self, node: cst.CSTNode) -> bool:
        """Whether a node sits in a `try` whose `finally` awaits a call named `*close*`."""
        for above, child in self._tree.path(node):
            final = finally_after(above, child)
            if final is not None and any(
                isinstance(n, cst.Call) and "close" in called(n) and self._is_awaited(n)
                for n in self._tree.own_below(final)
            ):
                return True
        return False

    def _is_awaited(self, call: cst.CSTNode) -> bool:
        """Whether a call is part of what an `await` waits for (`await shield(it.aclose())`)."""
        for above in self._tree.ancestors(call):
            if isinstance(above, cst.Await):
                return True
            if isinstance(above, cst.BaseSmallStatement | cst.BaseCompoundStatement):
                break
        return False

    def managers(self, node: cst.CSTNode) -> Iterator[tuple[cst.With, cst.WithItem]]:
        """The with items of the same function that are open at a node, innermost first."""
        for above, child in self._tree.path(node):
            if isinstance(above, cst.With) and child is above.body:
                for item in reversed(above.items):
                    yield above, item


def finally_after(above: cst.CSTNode, child: cst.CSTNode) -> cst.Finally | None:
    """The `finally` that runs when `child`, a part of `above`, is left."""
    return above.finalbody if isinstance(above, Try) and child is not above.finalbody else None


def called(node: cst.CSTNode) -> str:
    """The last word of what a call calls (`x.aclose()` gives "aclose"), or of a name."""
    if isinstance(node, cst.Call):
        return called(node.func)
    if isinstance(node, cst.Attribute):
        return node.attr.value
    return node.value if isinstance(node, cst.Name) else ""


def last_statement(line: cst.CSTNode) -> cst.CSTNode:
    """The last statement of a line; a compound statement is its own."""
    if isinstance(line, cst.SimpleStatementLine) and line.body:
        return line.body[-1]
    return line
