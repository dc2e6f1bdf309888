"""A module's `ast` to its facts, in one pass."""

from __future__ import annotations

import ast
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, overload

from funcpipe_lint.model.vocabulary import CLOSING_WORDS
from funcpipe_lint.program.facts import holding
from funcpipe_lint.program.facts.conditions import conditions
from funcpipe_lint.program.facts.expressions import NONE, UNKNOWN, Expression, plain
from funcpipe_lint.program.facts.records import (
    NOWHERE,
    Binding,
    Bindings,
    Class,
    Facts,
    Function,
    Holder,
    Needs,
    Site,
)
from funcpipe_lint.program.facts.skeleton import Body, Skeleton, skeleton_of, statements_of
from funcpipe_lint.read.nodes import last_word, own, walk
from funcpipe_lint.read.offsets import Offsets

_LOOP = re.compile(r"(?<=async)[ \t\r\n\\]+for\b")
_LEAVES = (ast.Return, ast.Raise, ast.Break, ast.Continue)
_ENDS_STREAMS = "shutdown_asyncgens"
_ALIASES = re.compile(r"anext\s+as\s+(\w+)|(?<=\n)(\w+)\s*=\s*anext\b")
_MOST_RETURNS = 12

AnyFunction = ast.FunctionDef | ast.AsyncFunctionDef


def facts_of(text: str) -> Facts | None:
    """The facts of a module, given by its text; None where that is no Python. What a function holds
    is read when somebody asks for it. O(text), without recursion into expressions that say nothing.
    """
    skeleton = skeleton_of(text)
    return None if skeleton is None else _Module(text, skeleton).read(skeleton.tree)


class _Module:
    """Collects what a module holds."""

    def __init__(self, text: str, skeleton: Skeleton) -> None:
        self.text = text
        self._bodies = skeleton.bodies
        self._waiting: dict[int, tuple[AnyFunction, Body, int]] = {}
        """The functions whose bodies nobody has asked for: (its header, its body, its class)."""
        self._are_read: set[str] = set()
        """The names of attributes of which all is read that may assign them."""
        self.offsets = Offsets(text)
        aliases = _ALIASES.findall(text) if "anext" in text else []
        self.pulls = ["anext", *("".join(each) for each in aliases)]
        """What `anext` may be called."""
        self.telling = self.offsets.lines_of("|".join(("yield", ":=", "aclose", *self.pulls)))
        """The lines of which an expression may matter that is neither assigned nor returned."""
        self.awaiting = self.offsets.lines_of("await")
        self.ending = self.offsets.lines_of(_ENDS_STREAMS)
        self.functions: list[Function] = []
        self.classes: list[Class] = []
        self.stars: list[tuple[int, str]] = []
        self.assigned: set[str] = set()
        self._ending = 0
        """How many of the functions around shut down all async generators."""
        self.rebound: list[tuple[str, int]] = []
        """Names that a function binds outside of itself: in the module, or in what is around it."""
        self.sites: list[Site] = []

    def read(self, tree: ast.Module) -> Facts:
        """The facts, those of functions on demand."""
        body = _Body(self, NOWHERE, NOWHERE, None)
        body.read(tree.body)
        body.finish(tree.body)
        for name, inside in self.rebound:
            self._rebind(name, inside, body.bindings)
        return Facts(
            body.bindings,
            _Functions(self),
            self.classes,
            self.stars,
            _exported(tree.body),
            _Replaced(self),
            _Sites(self),
        )

    # -- what is read on demand

    def at(self, index: int) -> Function:
        """A function, read now if it has not been."""
        waiting = self._waiting.pop(index, None)
        if waiting is not None:
            node, body, owner = waiting
            statements = statements_of(self.text, body)
            if statements is None:
                node.body = [ast.Expr(ast.Constant(0), lineno=node.lineno, end_lineno=node.lineno)]
            else:
                node.body = statements
                node.end_lineno = statements[-1].end_lineno
            self._read_function(index, node, owner, NOWHERE)
        return self.functions[index]

    def _read_where(self, is_asked: Callable[[Body, int], object]) -> None:
        """Reads the functions of which something is asked, by the body and the class of each."""
        for index, (_, body, owner) in list(self._waiting.items()):
            if is_asked(body, owner):
                self.at(index)

    def read_attributes(self, owner: int, name: str = "") -> None:
        """Reads the methods of a class that may assign to an attribute; without a name, to any."""
        self._read_where(lambda body, of: of == owner and self._mentions(name, body))

    def is_replaced(self, name: str) -> bool:
        """Whether some code assigns to an attribute that is named as a function is."""
        if name not in self._are_read:
            self._are_read.add(name)
            self._read_where(lambda body, _: self._mentions(name, body, behind=r"\b(?!\s*\()"))
        if name not in self.assigned:
            return False
        return re.search(rf"\bdef\s+{name}\b", self.text) is not None

    def _mentions(self, name: str, body: Body, behind: str = "") -> bool:
        """Whether an attribute of that name is in a body, or any where it is empty."""
        if self.text.find(name, body.start, body.end) < 0:
            return False
        return _attribute(name, behind).search(self.text, body.start, body.end) is not None

    def read_sites(self) -> list[Site]:
        """Where all functions ask for items, in order."""
        self._read_where(lambda body, _: self._may_ask(body))
        return sorted(self.sites, key=lambda site: site.start)

    def _may_ask(self, body: Body) -> bool:
        start, end = body.start, body.end
        find = self.text.find
        if any(find(word, start, end) >= 0 for word in (*self.pulls, "aclose")):
            return True
        if find("yield", start, end) >= 0 and find("with", start, end) >= 0:
            return True
        return find("async", start, end) >= 0 and _LOOP.search(self.text, start, end) is not None

    def _rebind(self, name: str, inside: int, bindings: Bindings) -> None:
        while inside != NOWHERE:
            inside = self.functions[inside].outer
            if inside != NOWHERE:
                bound = self.functions[inside].bindings.get(name)
                if bound is not None:
                    bound.append(("unknown",))
                    return
        bindings.setdefault(name, []).append(("unknown",))

    def function(self, node: AnyFunction, owner: int, outer: int) -> int:
        """Notes a function, and reads it if it may bind anything elsewhere; its number."""
        index = len(self.functions)
        self.functions.append(_NOT_READ)
        body = self._bodies.get(node.lineno) if outer == NOWHERE else None
        if body is None:
            self._read_function(index, node, owner, outer)
        else:
            self._waiting[index] = node, body, owner
            if body.is_outward:
                self.at(index)
        return index

    def _read_function(self, index: int, node: AnyFunction, owner: int, outer: int) -> None:
        parameters = list(_parameters(node.args))
        body = _Body(self, index, owner, parameters[0][0] if parameters else None)
        for place, (name, annotation, default) in enumerate(parameters):
            if name.startswith("*"):
                body.bind(name.lstrip("*"), ("unknown",))
            else:
                body.bind(name, ("parameter", annotation, place, default))
        is_telling = is_among(self.telling, node)
        is_ending = is_among(self.ending, node)
        self._ending += is_ending
        body.ends_streams = self._ending > 0
        is_generator = is_telling and any(
            isinstance(each, ast.Yield | ast.YieldFrom) for each in own(node.body)
        )
        body.read(node.body)
        body.finish(node.body)
        self._ending -= is_ending
        decorators = [plain(each) for each in node.decorator_list]
        is_manager = bool(decorators) and is_generator
        fixed = {name for name, _, _ in parameters if len(body.bindings.get(name, ())) == 1}
        self.functions[index] = Function(
            node.name,
            node.lineno,
            node.col_offset + 1,
            isinstance(node, ast.AsyncFunctionDef),
            is_generator,
            owner,
            outer,
            decorators,
            parameters,
            plain(node.returns),
            body.bindings,
            _is_stub(node.body),
            body.holders(fixed),
            body.passed,
            body.returned,
            body.yielded if is_manager else (),
            body.around if is_manager else (),
            is_manager and holding.is_idle(node.body),
            is_manager and len(body.yielded) == 1 and _yields(node.body[-1]),
            _guards(node.body),
            body.needs_of_passed(fixed),
        )

    def klass(self, node: ast.ClassDef, outer: int) -> int:
        """Reads a class; its number."""
        index = len(self.classes)
        attributes = _Attributes(self, index)
        bases = [plain(base) for base in node.bases]
        is_final = any(last_word(each) == "final" for each in node.decorator_list)
        self.classes.append(Class(node.name, node.lineno, outer, bases, is_final, {}, attributes))
        body = _Body(self, outer, index, None, is_class=True)
        body.read(node.body)
        self.classes[index] = self.classes[index]._replace(members=body.bindings)
        return index


class _Functions(Sequence[Function]):
    """The functions of a module, each read when it is asked for."""

    def __init__(self, module: _Module) -> None:
        self._module = module

    def __len__(self) -> int:
        return len(self._module.functions)

    @overload
    def __getitem__(self, index: int) -> Function: ...
    @overload
    def __getitem__(self, index: slice) -> list[Function]: ...
    def __getitem__(self, index: int | slice) -> Function | list[Function]:
        if isinstance(index, slice):
            return [self._module.at(each) for each in range(*index.indices(len(self)))]
        return self._module.at(index)


class _Attributes(dict[str, list[Binding]]):
    """What the methods of a class assign to attributes, read by the name that is asked for."""

    def __init__(self, module: _Module, owner: int) -> None:
        super().__init__()
        self._module = module
        self._owner = owner

    def get(self, name: str, default: Any = None) -> Any:
        self._module.read_attributes(self._owner, name)
        return super().get(name, default)

    def __iter__(self) -> Iterator[str]:
        self._module.read_attributes(self._owner)
        return super().__iter__()


class _Replaced(Container[str]):
    """The methods that some code replaces by an attribute of the same name."""

    def __init__(self, module: _Module) -> None:
        self._module = module

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self._module.is_replaced(name)


class _Sites(Iterable[Site]):
    def __init__(self, module: _Module) -> None:
        self._module = module

    def __iter__(self) -> Iterator[Site]:
        return iter(self._module.read_sites())


class _Loop:
    """An `async for` that is being read."""

    def __init__(self, node: ast.AsyncFor, borrowed: Sequence[str]) -> None:
        self.node = node
        self.borrowed = borrowed
        self.is_left = self.yields = self.awaits = False
        self.is_closed = False
        self.needs: Needs | None = None

    def needs_of(self, parameters: Container[str]) -> Needs:
        """What holds of parameters at every yield in it."""
        return _of(parameters, self.needs or frozenset())


def _of(parameters: Container[str], needs: Needs) -> Needs:
    return frozenset(each for each in needs if each[0] in parameters)


_Around = tuple[Any, ...]
"""What stands around a statement within its function: (node, part), innermost first."""


class _Body:
    """Collects what the body of a function, class or module holds."""

    def __init__(
        self,
        module: _Module,
        index: int,
        owner: int,
        receiver: str | None,
        *,
        is_class: bool = False,
    ) -> None:
        self._module = module
        self._index = index
        self._owner = owner
        self._receiver = receiver if owner != NOWHERE else None
        self._is_class = is_class
        self.ends_streams = False
        self.bindings: Bindings = {}
        self.passed: list[Expression] = []
        self.returned: list[Expression] = []
        self.yielded: list[Expression] = []
        self.around: list[tuple[Expression, bool]] = []
        self._uses: dict[str, tuple[int, int]] | None = None
        self._loops: list[_Loop] = []
        self._delegated: list[tuple[Expression, Needs]] = []
        """What `yield from` goes through: it closes that when it is closed (PEP 828)."""
        self._pulls: list[tuple[ast.expr, tuple[str, ...], bool]] = []
        self._entered: dict[ast.expr, None] = {}
        self._values: dict[str, ast.expr] = {}
        """What names are assigned."""
        self._closed: dict[str, None] = {}
        """The names whose `aclose` is awaited."""
        self._held: dict[tuple[int, str], Holder | None] = {}
        """The parts of blocks of which it is known what they hold."""
        self._tests: tuple[tuple[ast.expr, bool], ...] = ()
        """Those of the `if` statements around what is read, and how they came out."""
        self._closing: dict[int, bool] = {}
        """Whether the `finally` of a `try` closes something."""

    def bind(self, name: str, binding: Binding) -> None:
        """Notes what gives a name a meaning."""
        self.bindings.setdefault(name, []).append(binding)

    def read(self, statements: Iterable[ast.stmt], around: _Around = ()) -> None:
        """Reads the statements of a block up to the first that leaves it."""
        outer = self._tests
        for statement in statements:
            _STATEMENTS.get(statement.__class__, _Body._other)(self, statement, around)
            if isinstance(statement, _LEAVES):
                break
            if isinstance(statement, ast.If) and isinstance(statement.body[-1], _LEAVES):
                self._tests = (*self._tests, (statement.test, False))
        self._tests = outer

    # -- statements that bind

    def _function(self, node: AnyFunction, around: _Around) -> None:
        owner = self._owner if self._is_class else NOWHERE
        self.bind(node.name, ("function", self._module.function(node, owner, self._index)))

    def _class(self, node: ast.ClassDef, around: _Around) -> None:
        self.bind(node.name, ("class", self._module.klass(node, self._index)))

    def _import(self, node: ast.Import, around: _Around) -> None:
        for alias in node.names:
            name = alias.asname or alias.name.partition(".")[0]
            self.bind(name, ("module", alias.name if alias.asname else name))

    def _from(self, node: ast.ImportFrom, around: _Around) -> None:
        module = node.module or ""
        for alias in node.names:
            if alias.name == "*":
                self._module.stars.append((node.level, module))
            else:
                name = alias.asname or alias.name
                self.bind(name, ("from", node.level, module, alias.name))

    def _assign(self, node: ast.Assign, around: _Around) -> None:
        value = plain(node.value)
        for target in node.targets:
            self._target(target, ("assigned", value))
            self._note_value(target, node.value)
        self._expressions(node, around)

    def _annotated(self, node: ast.AnnAssign, around: _Around) -> None:
        value = UNKNOWN if node.value is None else plain(node.value)
        self._target(node.target, ("annotated", plain(node.annotation), value))
        if node.value is not None:
            self._note_value(node.target, node.value)
        self._expressions(node, around)

    def _note_value(self, target: ast.expr, value: ast.expr) -> None:
        if isinstance(target, ast.Name) and isinstance(value, ast.Call):
            self._values[target.id] = value

    def _augmented(self, node: ast.AugAssign, around: _Around) -> None:
        self._target(node.target, ("unknown",))
        self._expressions(node, around)

    def _alias(self, node: Any, around: _Around) -> None:
        self._target(node.name, ("assigned", plain(node.value)))

    def _deletion(self, node: ast.Delete, around: _Around) -> None:
        for target in node.targets:
            self._target(target, ("unknown",))

    def _outer(self, node: ast.Global | ast.Nonlocal, around: _Around) -> None:
        is_global = isinstance(node, ast.Global)
        for name in node.names:  # what it is bound to here is bound elsewhere
            self.bind(name, ("unknown",))
            self._module.rebound.append((name, NOWHERE if is_global else self._index))

    def _target(self, target: ast.expr, binding: Binding) -> None:
        if isinstance(target, ast.Name):
            self.bind(target.id, binding)
        elif isinstance(target, ast.Attribute):
            of = target.value
            if isinstance(of, ast.Name) and of.id == self._receiver and not self._is_class:
                attributes = self._module.classes[self._owner].attributes
                attributes.setdefault(target.attr, []).append((*binding, self._index))
            self._module.assigned.add(target.attr)
        elif isinstance(target, ast.Tuple | ast.List):
            for each in target.elts:
                self._target(each, ("unknown",))
        elif isinstance(target, ast.Starred):
            self._target(target.value, ("unknown",))

    # -- blocks

    def _if(self, node: ast.If, around: _Around) -> None:
        outer = self._tests
        while True:
            before = self._tests
            self._tests = (*before, (node.test, True))
            self._expressions(node.test, around)
            if not _is_never(node.test):
                self.read(node.body, around)
            elif _names_types(node.test):
                for statement in node.body:  # what type checkers see
                    if isinstance(statement, ast.Import | ast.ImportFrom):
                        self.read([statement], around)
            self._tests = (*before, (node.test, False))
            if len(node.orelse) != 1 or not isinstance(node.orelse[0], ast.If):
                break
            node = node.orelse[0]  # thousands of `elif` are no recursion
        self.read(node.orelse, around)
        self._tests = outer

    def _while(self, node: ast.While, around: _Around) -> None:
        self._expressions(node.test, around)
        if not _is_never(node.test):
            self.read(node.body, ((node, "body"), *around))
        self.read(node.orelse, around)

    def _for(self, node: ast.For | ast.AsyncFor, around: _Around) -> None:
        of = plain(node.iter)
        self._expressions(node.iter, around)
        self._target(node.target, ("element", of) if isinstance(node, ast.For) else ("unknown",))
        mark: Any = node
        if isinstance(node, ast.AsyncFor):
            self._await(around)
            mark = _Loop(node, tuple(_borrowed(around)))
            mark.is_closed = self._is_closed(around)
            self._loops.append(mark)
        self.read(node.body, ((mark, "body"), *around))
        self.read(node.orelse, around)

    def _with(self, node: ast.With | ast.AsyncWith, around: _Around) -> None:
        if isinstance(node, ast.AsyncWith):
            self._await(around)
            if self._closes_only_asked(node):
                self._held[id(node), "body"] = None
        for item in node.items:
            self._expressions(item.context_expr, around)
            if item.optional_vars is not None:
                self._target(item.optional_vars, ("entered", plain(item.context_expr)))
        self.read(node.body, ((node, "body"), *around))

    def _closes_only_asked(self, node: ast.AsyncWith) -> bool:
        """Whether all that a block closes are names that the tests around it ask about, as in
        `if hasattr(source, "aclose")`: what is passed may be something else."""
        tested = [
            each for test, _ in self._tests for each in walk(test) if isinstance(each, ast.Name)
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

    def _try(self, node: ast.Try | ast.TryStar, around: _Around) -> None:
        self.read(node.body, ((node, "body"), *around))
        for handler in node.handlers:
            if handler.name:
                self.bind(handler.name, ("unknown",))
            self.read(handler.body, ((node, "handler"), *around))
        self.read(node.orelse, ((node, "orelse"), *around))
        self.read(node.finalbody, ((node, "finally"), *around))

    def _match(self, node: ast.Match, around: _Around) -> None:
        self._expressions(node.subject, around)
        for case in node.cases:
            for part in walk(case.pattern):
                name = getattr(part, "name", None) or getattr(part, "rest", None)
                if isinstance(name, str):
                    self.bind(name, ("unknown",))
            self.read(case.body, around)

    # -- statements that leave

    def _return(self, node: ast.Return, around: _Around) -> None:
        if node.value is not None and len(self.returned) <= _MOST_RETURNS:
            self.returned.append(plain(node.value))
        self._expressions(node, around)
        self._leave(around, is_break=False)

    def _break(self, node: ast.Break, around: _Around) -> None:
        self._leave(around, is_break=True)

    def _raise(self, node: ast.Raise, around: _Around) -> None:
        self._expressions(node, around)
        self._leave(around, is_break=False)

    def _leave(self, around: _Around, *, is_break: bool) -> None:
        for mark, _ in around:
            if isinstance(mark, _Loop):
                mark.is_left = True
            if is_break and isinstance(mark, _Loop | ast.For | ast.While):
                break

    def _other(self, node: ast.stmt, around: _Around) -> None:
        self._expressions(node, around)

    # -- expressions

    def _expressions(self, node: ast.AST, around: _Around) -> None:
        """Looks through the expressions of a statement, or of the head of a block."""
        if around and is_among(self._module.awaiting, node):
            self._await(around)
        if not is_among(self._module.telling, node):
            return
        for part in own([node]):
            kind = part.__class__
            if kind is ast.Await:
                self._pull(part, around)  # type: ignore[arg-type]
            elif kind is ast.Yield or kind is ast.YieldFrom:
                self._yield(part, around)  # type: ignore[arg-type]
            elif kind is ast.NamedExpr:
                walrus: Any = part
                self._target(walrus.target, ("assigned", plain(walrus.value)))

    def _await(self, around: _Around) -> None:
        for mark, _ in around:
            if isinstance(mark, _Loop):
                mark.awaits = True

    def _is_closed(self, around: _Around) -> bool:
        """Whether a `finally` around awaits what is called close."""
        for mark, part in around:
            if isinstance(mark, ast.Try | ast.TryStar) and part != "finally":
                if id(mark) not in self._closing:
                    self._closing[id(mark)] = holding.closes(mark.finalbody)
                if self._closing[id(mark)]:
                    return True
        return False

    def _pull(self, node: ast.Await, around: _Around) -> None:
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
            and last_word(func) in self._module.pulls
        ):
            pulled = call.args[0]
        elif isinstance(func, ast.Attribute) and func.attr == "__anext__":
            pulled = func.value
        if pulled is not None and not self._is_closed(around):
            is_repeated = any(isinstance(m, _Loop | ast.For | ast.While) for m, _ in around)
            self._pulls.append((pulled, tuple(_borrowed(around)), is_repeated))

    def _yield(self, node: ast.Yield | ast.YieldFrom, around: _Around) -> None:
        here = conditions(self._tests)
        if isinstance(node, ast.YieldFrom):
            self.yielded.append(UNKNOWN)
            self._delegated.append((plain(node.value), here))
        else:
            self.yielded.append(NONE if node.value is None else plain(node.value))
        for mark, part in around:
            if isinstance(mark, _Loop):
                mark.yields = True
                mark.needs = here if mark.needs is None else mark.needs & here
            elif isinstance(mark, ast.With | ast.AsyncWith):
                self._enter(mark)
            if (id(mark), part) not in self._held:
                found = holding.holder(mark, part)
                self._held[id(mark), part] = found and found._replace(needs=here)
            elif (held := self._held[id(mark), part]) is not None:
                self._held[id(mark), part] = held._replace(needs=held.needs & here)

    def holders(self, parameters: Container[str]) -> list[Holder]:
        """What is held at the yields, with what holds there of parameters."""
        found = [each for each in self._held.values() if each is not None]
        return [each._replace(needs=_of(parameters, each.needs)) for each in found]

    def passing(self) -> list[_Loop]:
        """The loops that yield, over what nothing here closes."""
        return [loop for loop in self._loops if loop.yields and not loop.is_closed]

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
        self.passed += [plain(loop.node.iter) for loop in self.passing()]
        self.passed += [of for of, _ in self._delegated]
        for loop in self._loops:
            if not loop.is_closed and (loop.is_left or loop.yields or loop.awaits):
                self._site("loop", loop.node.iter, statements, loop)
        for pulled, borrowed, is_repeated in self._pulls:
            if not (is_repeated and isinstance(pulled, ast.Name)):
                self._site("pull", pulled, statements, None, borrowed)
        for name in self._closed:
            if name in self._values and len(self.bindings.get(name, ())) == 1:
                value = self._values[name]
                site = Site("closed", *self._span(value), self._index, plain(value))
                self._module.sites.append(site)
        for manager in self._entered:
            of = plain(manager)
            if of != UNKNOWN:
                start, end = self._span(manager)
                self._module.sites.append(Site("enter", start, end, self._index, of))

    def _site(
        self,
        kind: str,
        node: ast.expr,
        statements: Sequence[ast.stmt],
        loop: _Loop | None,
        borrowed: Sequence[str] = (),
    ) -> None:
        of = plain(node)
        if of == UNKNOWN:
            return
        is_shared = isinstance(node, ast.Name) and self._is_shared(node.id, statements)
        self._module.sites.append(
            Site(
                kind,
                *self._span(node),
                self._index,
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
        if self._uses is None:
            self._uses = _uses(statements)
        used, asked = self._uses.get(name, (0, 0))
        return used != asked

    def _span(self, node: ast.expr) -> tuple[int, int]:
        place = self._module.offsets.offset
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return place(node.lineno, node.col_offset), place(node.end_lineno, node.end_col_offset)


_STATEMENTS: dict[Any, Any] = {
    ast.FunctionDef: _Body._function,
    ast.AsyncFunctionDef: _Body._function,
    ast.ClassDef: _Body._class,
    ast.Import: _Body._import,
    ast.ImportFrom: _Body._from,
    ast.Assign: _Body._assign,
    ast.AnnAssign: _Body._annotated,
    ast.AugAssign: _Body._augmented,
    ast.Delete: _Body._deletion,
    ast.Global: _Body._outer,
    ast.Nonlocal: _Body._outer,
    ast.If: _Body._if,
    ast.While: _Body._while,
    ast.For: _Body._for,
    ast.AsyncFor: _Body._for,
    ast.With: _Body._with,
    ast.AsyncWith: _Body._with,
    ast.Try: _Body._try,
    ast.TryStar: _Body._try,
    ast.Match: _Body._match,
    ast.Return: _Body._return,
    ast.Break: _Body._break,
    ast.Raise: _Body._raise,
}
if hasattr(ast, "TypeAlias"):
    _STATEMENTS[ast.TypeAlias] = _Body._alias

_NOT_READ = Function(
    name="",
    line=0,
    column=0,
    is_async=False,
    is_generator=False,
    owner=NOWHERE,
    outer=NOWHERE,
    decorators=(),
    parameters=(),
    returns=UNKNOWN,
    bindings={},
    is_stub=True,
    holders=(),
    passed=(),
    returned=(),
    yielded=(),
    around=(),
    is_idle=False,
    ends_at_yield=False,
    guards=(),
)


def is_among(lines: Sequence[int], node: Any) -> bool:
    """Whether a node stands in one of some lines, or over one."""
    at = bisect_left(lines, node.lineno)
    return at < len(lines) and lines[at] <= node.end_lineno


@lru_cache(maxsize=1_000)
def _attribute(name: str, behind: str) -> re.Pattern[str]:
    """The attribute of a name: a backslash or a comment may stand behind the point."""
    return re.compile(rf"\.(?:[\s\\]|#[^\n]{{0,1000}}+\n)*+{name}{behind}")


def _parameters(args: ast.arguments) -> Iterator[tuple[str, Expression, Expression]]:
    plainly = [*args.posonlyargs, *args.args]
    missing = len(plainly) - len(args.defaults)
    for place, each in enumerate(plainly):
        default = UNKNOWN if place < missing else plain(args.defaults[place - missing])
        yield each.arg, plain(each.annotation), default
    if args.vararg is not None:
        yield f"*{args.vararg.arg}", UNKNOWN, UNKNOWN
    for each, value in zip(args.kwonlyargs, args.kw_defaults, strict=True):
        yield each.arg, plain(each.annotation), UNKNOWN if value is None else plain(value)
    if args.kwarg is not None:
        yield f"**{args.kwarg.arg}", UNKNOWN, UNKNOWN


def _borrowed(around: _Around) -> Iterator[str]:
    """The names that the blocks `async with` around bind."""
    for mark, _ in around:
        if isinstance(mark, ast.AsyncWith):
            for item in mark.items:
                if item.optional_vars is not None:
                    for part in walk(item.optional_vars):
                        if isinstance(part, ast.Name):
                            yield part.id


def _uses(statements: Iterable[ast.stmt]) -> dict[str, tuple[int, int]]:
    """How often each name is read, and how often to go through it or to pull from it."""
    used: Counter[str] = Counter()
    asked: Counter[str] = Counter()
    for statement in statements:
        for part in walk(statement):
            given: ast.expr | None = None
            if isinstance(part, ast.Name):
                used[part.id] += isinstance(part.ctx, ast.Load)
            elif isinstance(part, ast.AsyncFor):
                given = part.iter
            elif isinstance(part, ast.Call):
                func = part.func
                if isinstance(func, ast.Name) and func.id == "anext" and part.args:
                    given = part.args[0]
                elif isinstance(func, ast.Attribute) and func.attr == "__anext__":
                    given = func.value
            if isinstance(given, ast.Name):
                asked[given.id] += 1
    return {name: (count, asked[name]) for name, count in used.items()}


def _is_never(test: ast.expr) -> bool:
    return _names_types(test) or (isinstance(test, ast.Constant) and not test.value)


def _names_types(test: ast.expr) -> bool:
    word = getattr(test, "id", None) or getattr(test, "attr", None)
    return word == "TYPE_CHECKING"


def _is_stub(body: Sequence[ast.stmt]) -> bool:
    """Whether a body is left to others: nothing but a docstring, an ellipsis, `pass`, or what
    raises NotImplementedError before anything else."""
    for statement in body:
        if isinstance(statement, ast.Pass):
            continue
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
            continue
        if isinstance(statement, ast.Raise) and statement.exc is not None:
            raised = statement.exc
            named = raised.func if isinstance(raised, ast.Call) else raised
            return getattr(named, "id", "") == "NotImplementedError"
        return isinstance(statement, ast.If) and _is_never(statement.test)
    return True


def _yields(statement: ast.stmt) -> bool:
    """Whether a statement is a yield by itself."""
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Yield)


def _guards(body: Sequence[ast.stmt]) -> list[str]:
    """`if not p: return` and `if p is None: return` at the top of a body."""
    found = []
    for statement in body:
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
            continue
        if not isinstance(statement, ast.If) or not isinstance(statement.body[-1], ast.Return):
            break
        match statement.test:
            case ast.UnaryOp(op=ast.Not(), operand=ast.Name(id=name)):
                found.append(name)
            case ast.Compare(left=ast.Name(id=name), ops=[ast.Is()], comparators=[ast.Constant()]):
                found.append(name)
            case _:
                break
    return found


def _exported(body: Iterable[ast.stmt]) -> list[str] | None:
    """`__all__`, where one statement assigns it a plain list of strings."""
    found: list[list[str] | None] = []
    for statement in body:
        if isinstance(statement, ast.Assign):
            targets: list[ast.expr] = statement.targets
        elif isinstance(statement, ast.AnnAssign | ast.AugAssign):
            targets = [statement.target]
        else:
            continue
        if any(isinstance(each, ast.Name) and each.id == "__all__" for each in targets):
            found.append(None if isinstance(statement, ast.AugAssign) else _words(statement.value))
    return found[0] if len(found) == 1 else None


def _words(value: ast.expr | None) -> list[str] | None:
    if not isinstance(value, ast.List | ast.Tuple):
        return None
    words = [getattr(each, "value", None) for each in value.elts]
    return [word for word in words if isinstance(word, str)]
