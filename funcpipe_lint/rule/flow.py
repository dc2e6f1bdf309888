"""What can run: live statements, early exits from a loop, clean-up around a node."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import TypeGuard

import libcst as cst

from funcpipe_lint.model.vocabulary import CLOSES
from funcpipe_lint.rule.names import Names
from funcpipe_lint.rule.tree import Function, Loop, Owner, Tree

Try = cst.Try | cst.TryStar
Exit = cst.Break | cst.Return | cst.Raise
_LEAVES = (cst.Return, cst.Raise, cst.Break, cst.Continue)


class Flow:
    """Control-flow questions about one module, answered by looking up from a node."""

    def __init__(self, tree: Tree, names: Names) -> None:
        self._tree = tree
        self._names = names
        self._live: dict[cst.CSTNode, bool] = {}
        # By the id of a block, a body or a `finally`. Worked out once: asked at each of the nodes
        # of a function it would be quadratic.
        self._unreached: dict[int, frozenset[int]] = {}
        self._yields: dict[int, tuple[list[int], list[cst.Yield]]] = {}
        self._last: dict[int, dict[type[cst.CSTNode], int]] = {}
        self._awaits: dict[int, bool] = {}
        self._closes: dict[int, bool] = {}

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
        if id(above) not in self._unreached:
            leaving = (
                n for n, each in enumerate(body) if isinstance(last_statement(each), _LEAVES)
            )
            behind = body[next(leaving, len(body)) + 1 :]
            self._unreached[id(above)] = frozenset(map(id, behind))
        return id(child) not in self._unreached[id(above)]

    def _is_never(self, test: cst.BaseExpression) -> bool:
        if isinstance(test, cst.Name):
            return test.value == "False" or self._names.is_a(test, ("typing.TYPE_CHECKING",))
        return isinstance(test, cst.Integer) and test.evaluated_value == 0

    def live_yields(self, function: Function) -> Sequence[cst.Yield]:
        """The yields of a function's own body that can run, in source order."""
        return self._live_yields(function)[1]

    def _live_yields(self, owner: Owner) -> tuple[list[int], list[cst.Yield]]:
        """The yields of a body that can run, and the number of each in source order."""
        if id(owner) not in self._yields:
            live = [y for y in self._tree.own(owner, cst.Yield) if self.is_live(y)]
            self._yields[id(owner)] = [self._tree.place_in_order(y) for y in live], live
        return self._yields[id(owner)]

    def live_yields_in(self, part: cst.CSTNode) -> list[cst.Yield]:
        """The live yields of the same function below a node of its body. O(those)."""
        owner = self._tree.owner(part)
        inside = self._live_yields_between(owner, *self._tree.extent(part))
        return self._live_yields(owner)[1][inside.start : inside.stop]

    def live_yields_after(self, node: cst.CSTNode) -> list[range]:
        """The live yields that can be reached from a node of the same function: those below it in
        its block and the blocks around it, up to where one is left, and all of a loop around it
        that the block does not break out of.

        Given as ranges of their numbers among `live_yields`, the nearest first: a list of all that
        follow each of the nodes of a function would be quadratic.
        """
        owner = self._tree.owner(node)
        found: list[range] = []
        is_broken = False
        for above, child in self._tree.path(node):
            leaving: set[type[cst.CSTNode]] = set()
            if is_broken:
                is_broken = not isinstance(above, cst.For | cst.While)
            elif isinstance(above, cst.SimpleStatementLine | cst.BaseSuite):
                behind = self._tree.extent(child)[1], self._tree.extent(above)[1]
                found.append(self._live_yields_between(owner, *behind))
                lasts = self._last_leaving(above).items()
                leaving = {kind for kind, place in lasts if place >= behind[0]}
            else:
                parts = _reached_from(above, child)
                found += [self._live_yields_between(owner, *self._tree.extent(p)) for p in parts]
                leaving = {part.__class__ for part in parts}
            if cst.Return in leaving:
                break
            is_broken = is_broken or cst.Break in leaving
        return _without_overlaps(found)

    def _live_yields_between(self, owner: Owner, first: int, last: int) -> range:
        """The numbers of the live yields of a body that stand between two places."""
        places, _ = self._live_yields(owner)
        return range(bisect_left(places, first), bisect_left(places, last))

    def _last_leaving(self, block: cst.CSTNode) -> dict[type[cst.CSTNode], int]:
        """Where the last return and the last break of a block's own statements stand."""
        if id(block) not in self._last:
            lasts = [(last_statement(each), each) for each in getattr(block, "body")]  # noqa: B009
            self._last[id(block)] = {
                last.__class__: self._tree.place_in_order(each)
                for last, each in lasts
                if isinstance(last, cst.Return | cst.Break)
            }
        return self._last[id(block)]

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
        if id(part) not in self._awaits:
            self._awaits[id(part)] = any(
                isinstance(node, cst.Await) or getattr(node, "asynchronous", None) is not None
                for node in self._tree.own_below(part)
                if not isinstance(node, cst.FunctionDef)
            )
        return self._awaits[id(part)]

    def closed_by_hand(self, node: cst.CSTNode) -> bool:
        """Whether a node sits in a `try` whose `finally` awaits a call whose name closes."""
        finals = (finally_after(above, child) for above, child in self._tree.path(node))
        return any(final is not None and self._closes_in(final) for final in finals)

    def _closes_in(self, final: cst.Finally) -> bool:
        if id(final) not in self._closes:
            self._closes[id(final)] = any(
                isinstance(n, cst.Call) and CLOSES.match(called(n)) and self._is_awaited(n)
                for n in self._tree.own_below(final)
            )
        return self._closes[id(final)]

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


def is_method_of(node: cst.CSTNode | None, name: str) -> TypeGuard[cst.Call]:
    """Whether a node calls a method of a name: `name.close()`."""
    func = node.func if isinstance(node, cst.Call) else None
    owner = func.value if isinstance(func, cst.Attribute) else None
    return isinstance(owner, cst.Name) and owner.value == name


def last_statement(line: cst.CSTNode) -> cst.CSTNode:
    """The last statement of a line; a compound statement is its own."""
    if isinstance(line, cst.SimpleStatementLine) and line.body:
        return line.body[-1]
    return line


def _reached_from(above: cst.CSTNode, child: cst.CSTNode) -> list[cst.CSTNode]:
    """What of a node can run after one of its parts has."""
    if isinstance(above, Try):
        others = (*above.handlers, above.orelse, above.finalbody)
        return [part for part in others if part is not None and part is not child]
    if isinstance(above, cst.With) and child is above.body:
        return []
    if isinstance(above, cst.If | cst.MatchCase | cst.Else):
        # From a branch no other branch is reached; from a test or guard, all of them.
        is_branch = child in (above.body, getattr(above, "orelse", None))
        return [] if is_branch else [above]
    return [above]


def _without_overlaps(ranges: list[range]) -> list[range]:
    """The same numbers, each once, those of earlier ranges first."""
    kept: list[range] = []
    for each in ranges:
        parts = [each]
        for known in kept:
            cut = [
                piece
                for part in parts
                for piece in (
                    range(part.start, min(part.stop, known.start)),
                    range(max(part.start, known.stop), part.stop),
                )
            ]
            parts = [piece for piece in cut if piece]
        kept += [part for part in parts if part]
    return kept
