"""The statements of a body, in order, to what it binds, yields and asks for."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import Any

from funcpipe_lint.model.vocabulary import CLOSING_WORDS
from funcpipe_lint.program.facts.body.asking import BodyFacts, Loop
from funcpipe_lint.program.facts.expressions import UNKNOWN, plain
from funcpipe_lint.program.facts.records import NOWHERE
from funcpipe_lint.program.facts.shapes import (
    AnyFunction,
    Around,
    is_never,
    is_starred,
    loops_of,
    names_types,
)
from funcpipe_lint.read.nodes import last_word, walk

_LEAVES = (ast.Return, ast.Raise, ast.Break, ast.Continue)
_MOST_RETURNS = 12


class BodyReader(BodyFacts):
    """Collects what the body of a function, class or module holds."""

    def read(self, statements: Iterable[ast.stmt], around: Around = ()) -> None:
        """Reads the statements of a block up to the first that leaves it."""
        outer = self.tests
        for statement in statements:
            _STATEMENTS.get(statement.__class__, BodyReader._other)(self, statement, around)
            if isinstance(statement, _LEAVES):
                break
            if isinstance(statement, ast.If) and isinstance(statement.body[-1], _LEAVES):
                self.tests = (*self.tests, (statement.test, False))
        self.tests = outer

    # -- statements that bind

    def _function(self, node: AnyFunction, around: Around) -> None:
        owner = self.owner if self.is_class else NOWHERE
        self.bind(node.name, ("function", self.module.function(node, owner, self.index)))

    def _class(self, node: ast.ClassDef, around: Around) -> None:
        self.bind(node.name, ("class", self.module.klass(node, self.index)))

    def _import(self, node: ast.Import, around: Around) -> None:
        for alias in node.names:
            name = alias.asname or alias.name.partition(".")[0]
            self.bind(name, ("module", alias.name if alias.asname else name))

    def _from(self, node: ast.ImportFrom, around: Around) -> None:
        module = node.module or ""
        for alias in node.names:
            if alias.name == "*":
                self.module.stars.append((node.level, module))
            else:
                name = alias.asname or alias.name
                self.bind(name, ("from", node.level, module, alias.name))

    def _assign(self, node: ast.Assign, around: Around) -> None:
        value = plain(node.value)
        for target in node.targets:
            self.target(target, ("assigned", value))
            self._note_value(target, node.value, around)
        self.look_through(node, around)

    def _annotated(self, node: ast.AnnAssign, around: Around) -> None:
        value = UNKNOWN if node.value is None else plain(node.value)
        self.target(node.target, ("annotated", plain(node.annotation), value))
        if node.value is not None:
            self._note_value(node.target, node.value, around)
        self.look_through(node, around)

    def _note_value(self, target: ast.expr, value: ast.expr, around: Around) -> None:
        if isinstance(target, ast.Name) and isinstance(value, ast.Call):
            self.values[target.id] = value
            self.made_in[target.id] = loops_of(around)

    def _augmented(self, node: ast.AugAssign, around: Around) -> None:
        self.target(node.target, ("unknown",))
        self.look_through(node, around)

    def _alias(self, node: Any, around: Around) -> None:
        self.target(node.name, ("assigned", plain(node.value)))

    def _deletion(self, node: ast.Delete, around: Around) -> None:
        for target in node.targets:
            self.target(target, ("unknown",))

    def _outer(self, node: ast.Global | ast.Nonlocal, around: Around) -> None:
        is_global = isinstance(node, ast.Global)
        for name in node.names:  # what it is bound to here is bound elsewhere
            self.bind(name, ("unknown",))
            self.module.rebound.append((name, NOWHERE if is_global else self.index))

    # -- blocks

    def _if(self, node: ast.If, around: Around) -> None:
        outer = self.tests
        while True:
            before = self.tests
            self.tests = (*before, (node.test, True))
            self.look_through(node.test, around)
            if not is_never(node.test):
                self.read(node.body, around)
            elif names_types(node.test):
                for statement in node.body:  # what type checkers see
                    if isinstance(statement, ast.Import | ast.ImportFrom):
                        self.read([statement], around)
            self.tests = (*before, (node.test, False))
            if len(node.orelse) != 1 or not isinstance(node.orelse[0], ast.If):
                break
            node = node.orelse[0]  # thousands of `elif` are no recursion
        self.read(node.orelse, around)
        self.tests = outer

    def _while(self, node: ast.While, around: Around) -> None:
        self.look_through(node.test, around)
        if not is_never(node.test):
            self.read(node.body, ((node, "body"), *around))
        self.read(node.orelse, around)

    def _for(self, node: ast.For | ast.AsyncFor, around: Around) -> None:
        of = plain(node.iter)
        self.look_through(node.iter, around)
        if isinstance(node, ast.AsyncFor):
            self.target(node.target, ("unknown",))
        elif isinstance(node.target, ast.Tuple) and not is_starred(node.target):
            for place, part in enumerate(node.target.elts):
                self.target(part, ("part", of, place))
        else:
            self.target(node.target, ("element", of))
        mark: Any = node
        if isinstance(node, ast.AsyncFor):
            self.note_await(around)
            mark = Loop(node, around)
            mark.is_closed = self.is_closed(around)
            self.loops.append(mark)
        self.read(node.body, ((mark, "body"), *around))
        self.read(node.orelse, around)

    def _with(self, node: ast.With | ast.AsyncWith, around: Around) -> None:
        if isinstance(node, ast.AsyncWith):
            self.note_await(around)
            if self._closes_only_asked(node):
                self.held[id(node), "body"] = None
        for item in node.items:
            self.look_through(item.context_expr, around)
            if item.optional_vars is not None:
                self.target(item.optional_vars, ("entered", plain(item.context_expr)))
        self.read(node.body, ((node, "body"), *around))

    def _closes_only_asked(self, node: ast.AsyncWith) -> bool:
        """Whether all that a block closes are names that the tests around it ask about, as in
        `if hasattr(source, "aclose")`: what is passed may be something else."""
        tested = [
            each for test, _ in self.tests for each in walk(test) if isinstance(each, ast.Name)
        ]
        return bool(tested) and all(
            isinstance(call := item.context_expr, ast.Call)
            and isinstance(call.func, ast.Name | ast.Attribute)
            and last_word(call.func).lower() in CLOSING_WORDS
            and bool(call.args)
            and isinstance(call.args[0], ast.Name)
            and any(call.args[0].id == each.id for each in tested)
            for item in node.items
        )

    def _try(self, node: ast.Try | ast.TryStar, around: Around) -> None:
        self.read(node.body, ((node, "body"), *around))
        for handler in node.handlers:
            if handler.name:
                self.bind(handler.name, ("unknown",))
            self.read(handler.body, ((node, "handler"), *around))
        self.read(node.orelse, ((node, "orelse"), *around))
        self.read(node.finalbody, ((node, "finally"), *around))

    def _match(self, node: ast.Match, around: Around) -> None:
        self.look_through(node.subject, around)
        for case in node.cases:
            for part in walk(case.pattern):
                name = getattr(part, "name", None) or getattr(part, "rest", None)
                if isinstance(name, str):
                    self.bind(name, ("unknown",))
            self.read(case.body, around)

    # -- statements that leave

    def _return(self, node: ast.Return, around: Around) -> None:
        if node.value is not None and len(self.returned) <= _MOST_RETURNS:
            self.returned.append(plain(node.value))
        self.look_through(node, around)
        self._leave(around, is_break=False)

    def _break(self, node: ast.Break, around: Around) -> None:
        self._leave(around, is_break=True)

    def _raise(self, node: ast.Raise, around: Around) -> None:
        self.look_through(node, around)
        self._leave(around, is_break=False)

    def _leave(self, around: Around, *, is_break: bool) -> None:
        for mark, _ in around:
            if isinstance(mark, Loop):
                mark.is_left = True
            if is_break and isinstance(mark, Loop | ast.For | ast.While):
                break

    def _other(self, node: ast.stmt, around: Around) -> None:
        self.look_through(node, around)


_STATEMENTS: dict[Any, Any] = {
    ast.FunctionDef: BodyReader._function,
    ast.AsyncFunctionDef: BodyReader._function,
    ast.ClassDef: BodyReader._class,
    ast.Import: BodyReader._import,
    ast.ImportFrom: BodyReader._from,
    ast.Assign: BodyReader._assign,
    ast.AnnAssign: BodyReader._annotated,
    ast.AugAssign: BodyReader._augmented,
    ast.Delete: BodyReader._deletion,
    ast.Global: BodyReader._outer,
    ast.Nonlocal: BodyReader._outer,
    ast.If: BodyReader._if,
    ast.While: BodyReader._while,
    ast.For: BodyReader._for,
    ast.AsyncFor: BodyReader._for,
    ast.With: BodyReader._with,
    ast.AsyncWith: BodyReader._with,
    ast.Try: BodyReader._try,
    ast.TryStar: BodyReader._try,
    ast.Match: BodyReader._match,
    ast.Return: BodyReader._return,
    ast.Break: BodyReader._break,
    ast.Raise: BodyReader._raise,
}
if hasattr(ast, "TypeAlias"):
    _STATEMENTS[ast.TypeAlias] = BodyReader._alias
