"""What a body binds, holds at its yields, and asks for: the streams that it goes through, and those
from which it pulls.
"""

from __future__ import annotations

import ast
from collections.abc import Container, Sequence
from typing import Any

from funcpipe_lint.program.facts.body import holding
from funcpipe_lint.program.facts.body.locals import Locals
from funcpipe_lint.program.facts.collected import Collected
from funcpipe_lint.program.facts.expressions import NONE, UNKNOWN, Expression, plain
from funcpipe_lint.program.facts.records import NOWHERE, Binding, Holder, Needs, Site
from funcpipe_lint.program.facts.shapes import (
    Around,
    borrowed_names,
    conditions,
    is_among,
    loops_of,
)
from funcpipe_lint.read.nodes import closes, last_word, own

Comprehension = ast.ListComp | ast.SetComp | ast.DictComp
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp)


class Loop:
    """An `async for` that is being read."""

    def __init__(self, node: ast.AsyncFor, around: Around) -> None:
        self.node = node
        self.borrowed = tuple(borrowed_names(around))
        self.inside = loops_of(around)
        self.is_left = self.yields = self.awaits = False
        self.is_closed = False
        self.needs: Needs | None = None

    def needs_of(self, parameters: Container[str]) -> Needs:
        """What holds of parameters at every yield in it."""
        return _of(parameters, self.needs or frozenset())


def _of(parameters: Container[str], needs: Needs) -> Needs:
    return frozenset(each for each in needs if each[0] in parameters)


class BodyFacts(Locals):
    """What is known so far of the body of a function, class or module that is being read."""

    def __init__(
        self,
        module: Collected,
        index: int,
        owner: int,
        receiver: str | None,
        *,
        is_class: bool = False,
    ) -> None:
        super().__init__(is_local=index != NOWHERE and not is_class)
        self.module = module
        self.index = index
        self.owner = owner
        self.receiver = receiver if owner != NOWHERE else None
        self.is_class = is_class
        self.ends_streams = False
        self.is_stream = False
        """It is an async generator that no decorator makes something else of."""
        self.passed: list[Expression] = []
        self.returned: list[Expression] = []
        self.yielded: list[Expression] = []
        self.around: list[tuple[Expression, bool]] = []
        self.loops: list[Loop] = []
        self._delegated: list[tuple[Expression, Needs]] = []
        """What `yield from` goes through: it closes that when it is closed (PEP 828)."""
        self._pulls: list[tuple[ast.expr, tuple[str, ...], bool]] = []
        self._comprehended: list[tuple[ast.expr, tuple[str, ...]]] = []
        """What comprehensions that await something for each item go through."""
        self._entered: dict[ast.expr, None] = {}
        self._closed: dict[str, None] = {}
        """The names whose `aclose` is awaited."""
        self.held: dict[tuple[int, str], Holder | None] = {}
        """The parts of blocks of which it is known what they hold."""
        self.tests: tuple[tuple[ast.expr, bool], ...] = ()
        """Those of the `if` statements around what is read, and how they came out."""
        self._closing: dict[int, bool] = {}
        """Whether the `finally` of a `try` closes something."""

    def target(self, target: ast.expr, binding: Binding) -> None:
        """Notes what an assignment gives its target: a name, an attribute, or several of them."""
        if isinstance(target, ast.Name):
            self.bind(target.id, binding)
        elif isinstance(target, ast.Attribute):
            of = target.value
            if isinstance(of, ast.Name) and of.id == self.receiver and not self.is_class:
                attributes = self.module.classes[self.owner].attributes
                attributes.setdefault(target.attr, []).append((*binding, self.index))
            self.module.assigned.add(target.attr)
        elif isinstance(target, ast.Tuple | ast.List):
            for each in target.elts:
                self.target(each, ("unknown",))
        elif isinstance(target, ast.Starred):
            self.target(target.value, ("unknown",))

    # -- expressions

    def look_through(self, node: ast.AST, around: Around) -> None:
        """Looks through the expressions of a statement, or of the head of a block."""
        if around and is_among(self.module.awaiting, node):
            self.note_await(around)
        if not is_among(self.module.telling, node):
            return
        for part in own([node]):
            kind = part.__class__
            if kind is ast.Await:
                self._pull(part, around)  # type: ignore[arg-type]
            elif kind is ast.Yield or kind is ast.YieldFrom:
                self._yield(part, around)  # type: ignore[arg-type]
            elif kind in _COMPREHENSIONS:
                self._comprehend(part, around)  # type: ignore[arg-type]
            elif kind is ast.NamedExpr:
                walrus: Any = part
                self.target(walrus.target, ("assigned", plain(walrus.value)))

    def _comprehend(self, node: Comprehension, around: Around) -> None:
        """A comprehension over streams: one that awaits something for each item may be cut off."""
        for clause in node.generators:
            if clause.is_async and _waits_meanwhile(node, clause) and not self.is_closed(around):
                self._comprehended.append((clause.iter, tuple(borrowed_names(around))))

    def note_await(self, around: Around) -> None:
        """Notes that the loops around await something else than their items."""
        for mark, _ in around:
            if isinstance(mark, Loop):
                mark.awaits = True

    def is_closed(self, around: Around) -> bool:
        """Whether a `finally` around awaits what is called close."""
        for mark, part in around:
            if isinstance(mark, ast.Try | ast.TryStar) and part != "finally":
                if id(mark) not in self._closing:
                    self._closing[id(mark)] = closes(mark.finalbody)
                if self._closing[id(mark)]:
                    return True
        return False

    def _pull(self, node: ast.Await, around: Around) -> None:
        """`await anext(x)`, `await x.__anext__()`: x is asked for one item."""
        call = node.value
        if not isinstance(call, ast.Call):
            return
        func = call.func
        if isinstance(func, ast.Attribute) and func.attr == "aclose":
            if isinstance(func.value, ast.Name):
                self._closed[func.value.id] = None
            return
        pulled: ast.expr | None = None
        if (
            isinstance(func, ast.Name | ast.Attribute)
            and call.args
            and last_word(func) in self.module.pulls
        ):
            pulled = call.args[0]
        elif isinstance(func, ast.Attribute) and func.attr == "__anext__":
            pulled = func.value
        if pulled is not None and not self.is_closed(around):
            is_repeated = any(isinstance(m, Loop | ast.For | ast.While) for m, _ in around)
            self._pulls.append((pulled, tuple(borrowed_names(around)), is_repeated))

    def _yield(self, node: ast.Yield | ast.YieldFrom, around: Around) -> None:
        here = conditions(self.tests)
        if isinstance(node, ast.YieldFrom):
            self.yielded.append(UNKNOWN)
            self._delegated.append((plain(node.value), here))
        else:
            self.yielded.append(NONE if node.value is None else plain(node.value))
        for mark, part in around:
            if isinstance(mark, Loop):
                mark.yields = True
                mark.needs = here if mark.needs is None else mark.needs & here
            elif isinstance(mark, ast.With | ast.AsyncWith):
                self._enter(mark)
            if (id(mark), part) not in self.held:
                found = holding.holder(mark, part)
                self.held[id(mark), part] = found and found._replace(needs=here)
            elif (held := self.held[id(mark), part]) is not None:
                self.held[id(mark), part] = held._replace(needs=held.needs & here)

    def holders(self, parameters: Container[str]) -> list[Holder]:
        """What is held at the yields, with what holds there of parameters."""
        found = [each for each in self.held.values() if each is not None]
        return [each._replace(needs=_of(parameters, each.needs)) for each in found]

    def passing(self) -> list[Loop]:
        """The loops that yield, over what nothing here closes."""
        return [loop for loop in self.loops if loop.yields and not loop.is_closed]

    def needs_of_passed(self, parameters: Container[str]) -> list[Needs]:
        """What holds of parameters at the yields of each of `passed`."""
        delegated = [_of(parameters, needs) for _, needs in self._delegated]
        return [*(loop.needs_of(parameters) for loop in self.passing()), *delegated]

    def _enter(self, block: ast.With | ast.AsyncWith) -> None:
        for item in reversed(block.items):
            if item.context_expr not in self._entered:
                self._entered[item.context_expr] = None
                is_async = isinstance(block, ast.AsyncWith)
                self.around.append((plain(item.context_expr), is_async))

    # -- sites

    def finish(self, statements: Sequence[ast.stmt]) -> None:
        """Notes where the function asks for items, once all of it has been read."""
        self.hand(statements)
        self.passed += [
            self.filled(plain(loop.node.iter), loop.inside, statements) for loop in self.passing()
        ]
        self.passed += [of for of, _ in self._delegated]
        for loop in self.loops:
            if not loop.is_closed and (loop.is_left or loop.yields or loop.awaits):
                self._site("loop", loop.node.iter, statements, loop)
        for of_items, lent in self._comprehended:
            self._site("loop", of_items, statements, None, lent)
        for pulled, borrowed, is_repeated in self._pulls:
            if not (is_repeated and isinstance(pulled, ast.Name)):
                self._site("pull", pulled, statements, None, borrowed)
        for name in self._closed:
            if name in self.values and len(self.bindings.get(name, ())) == 1:
                value = self.values[name]
                site = Site("closed", *self._span(value), self.index, plain(value))
                self.module.sites.append(site)
        for manager in self._entered if self.is_stream else ():
            of = plain(manager)
            if of != UNKNOWN:
                start, end = self._span(manager)
                self.module.sites.append(Site("enter", start, end, self.index, of))

    def _site(
        self,
        kind: str,
        node: ast.expr,
        statements: Sequence[ast.stmt],
        loop: Loop | None,
        borrowed: Sequence[str] = (),
    ) -> None:
        of = plain(node)
        if of == UNKNOWN:
            return
        if loop is not None:
            of = self.filled(of, loop.inside, statements)
        is_shared = isinstance(node, ast.Name) and self._is_shared(node.id, statements)
        self.module.sites.append(
            Site(
                kind,
                *self._span(node),
                self.index,
                of,
                is_left=loop is None or loop.is_left,
                yields=loop is not None and loop.yields,
                awaits=loop is not None and loop.awaits,
                borrowed=borrowed if loop is None else loop.borrowed,
                is_shared=is_shared,
                ends_streams=self.ends_streams,
            )
        )

    def _is_shared(self, name: str, statements: Sequence[ast.stmt]) -> bool:
        """Whether a name is used for anything but to go through it, or to pull from it."""
        used, asked = self.used(name, statements)
        return used != asked

    def _span(self, node: ast.expr) -> tuple[int, int]:
        place = self.module.offsets.offset
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return place(node.lineno, node.col_offset), place(node.end_lineno, node.end_col_offset)


def _waits_meanwhile(node: Comprehension, clause: ast.comprehension) -> bool:
    """Whether a comprehension awaits something else while it goes through a clause's stream."""
    inner = node.generators[node.generators.index(clause) + 1 :]
    parts = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
    parts += [*clause.ifs, *(each.iter for each in inner), *(i for each in inner for i in each.ifs)]
    return any(each.is_async for each in inner) or holding.awaits(parts)
