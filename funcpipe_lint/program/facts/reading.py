"""A module's `ast` to its facts, in one pass."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from functools import lru_cache

from funcpipe_lint.model.vocabulary import UNCLOSABLE, is_transforming
from funcpipe_lint.program.facts.body import holding
from funcpipe_lint.program.facts.body.bodies import BodyReader
from funcpipe_lint.program.facts.body.entering import by_hand
from funcpipe_lint.program.facts.collected import (
    Attributes,
    Collected,
    Functions,
    Replaced,
    Sites,
)
from funcpipe_lint.program.facts.expressions import UNKNOWN, plain
from funcpipe_lint.program.facts.records import NOWHERE, Bindings, Class, Facts, Function, Site
from funcpipe_lint.program.facts.shapes import (
    AnyFunction,
    exported,
    guards,
    is_among,
    is_stub,
    is_yield,
    parameters,
)
from funcpipe_lint.program.facts.skeleton import Body, Skeleton, function_of, skeleton_of
from funcpipe_lint.read.nodes import last_word, own

_LOOP = re.compile(r"async[ \t\r\n\\]+for\b")


def facts_of(text: str) -> Facts | None:
    """The facts of a module, given by its text; None where that is no Python. What a function holds
    is read when somebody asks for it. O(text), without recursion into expressions that say nothing.
    """
    skeleton = skeleton_of(text)
    return None if skeleton is None else _Module(text, skeleton).read(skeleton.tree)


class _Module(Collected):
    """Reads what a module holds."""

    def __init__(self, text: str, skeleton: Skeleton) -> None:
        super().__init__(text)
        self._bodies = skeleton.bodies
        self._waiting: dict[int, tuple[AnyFunction, Body, int]] = {}
        """The functions whose bodies nobody has asked for: (its header, its body, its class)."""
        self._ending = 0
        """How many of the functions around shut down all async generators."""

    def read(self, tree: ast.Module) -> Facts:
        """The facts, those of functions on demand."""
        body = BodyReader(self, NOWHERE, NOWHERE, None)
        body.read(tree.body)
        body.finish(tree.body)
        for name, inside in self.rebound:
            self._rebind(name, inside, body.bindings)
        return Facts(
            body.bindings,
            Functions(self),
            self.classes,
            self.stars,
            exported(tree.body),
            Replaced(self),
            Sites(self),
        )

    # -- what is read on demand

    def at(self, index: int) -> Function:
        """A function, read now if it has not been."""
        if index in self._waiting:
            self.asked.is_whole = False
            node, body, owner = self._waiting.pop(index)
            self.asked.functions.append(index)
            whole = function_of(self.text, body)
            if whole is None:
                node.body = [ast.Expr(ast.Constant(0), lineno=node.lineno, end_lineno=node.lineno)]
            else:
                whole.decorator_list, node = node.decorator_list, whole
            self._read_function(index, node, owner, NOWHERE)
            self.asked.is_whole = True
        return self.functions[index]

    def _read_where(self, is_asked: Callable[[Body, int], object]) -> None:
        """Reads the functions of which something is asked, by the body and the class of each."""
        for index, (_, body, owner) in list(self._waiting.items()):
            if is_asked(body, owner):
                self.at(index)

    def read_attributes(self, owner: int, name: str = "") -> None:
        """Reads the methods of a class that may assign to an attribute; without a name, to any."""
        if (owner, name) not in self.asked.attributes:
            self._read_where(lambda body, of: of == owner and self._mentions(name, body))
            self.asked.attributes[owner, name] = None

    def is_replaced(self, name: str) -> bool:
        """Whether some code assigns to an attribute that is named as a function is."""
        if name not in self.asked.replaced:
            self._read_where(lambda body, _: self._mentions(name, body, behind=r"\b(?!\s*\()"))
            self.asked.replaced[name] = None
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
        self.functions.append(NOT_READ)
        body = self._bodies.get(node.lineno) if outer == NOWHERE else None
        if body is None:
            self._read_function(index, node, owner, outer)
        else:
            self._waiting[index] = node, body, owner
            if body.is_outward:
                self.at(index)
        return index

    def _read_function(self, index: int, node: AnyFunction, owner: int, outer: int) -> None:
        given = list(parameters(node.args))
        body = BodyReader(self, index, owner, given[0][0] if given else None)
        for place, (name, annotation, default) in enumerate(given):
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
        is_stream = is_generator and isinstance(node, ast.AsyncFunctionDef)
        words = map(last_word, node.decorator_list)
        body.is_stream = is_stream and not any(map(is_transforming, words))
        body.read(node.body)
        body.finish(node.body)
        self._ending -= is_ending
        decorators = [plain(each) for each in node.decorator_list]
        is_manager = bool(decorators) and is_generator
        fixed = {name for name, _, _ in given if len(body.bindings.get(name, ())) == 1}
        self.functions[index] = Function(
            node.name,
            node.lineno,
            node.col_offset + 1,
            isinstance(node, ast.AsyncFunctionDef),
            is_generator,
            owner,
            outer,
            tuple(decorators),
            tuple(given),
            plain(node.returns),
            body.bindings,
            is_stub(node.body),
            tuple(body.holders(fixed)),
            tuple(body.passed),
            tuple(body.returned),
            tuple(body.yielded) if is_manager else (),
            tuple(body.around if is_manager else by_hand(node.name, node.body)),
            holding.is_idle(node.body) if is_manager else _is_idle_exit(node),
            is_manager and len(body.yielded) == 1 and is_yield(node.body[-1]),
            tuple(guards(node.body)),
            tuple(body.needs_of_passed(fixed)),
            self._hiding(node.returns),
        )

    def _hiding(self, note: ast.expr | None) -> tuple[int, int, str, str] | tuple[()]:
        """Where and how an annotation says that what is returned has no `aclose`."""
        if note is None or note.end_lineno != note.lineno or note.end_col_offset is None:
            return ()
        place = self.offsets.offset
        start = place(note.lineno, note.col_offset)
        text = self.text[start : place(note.lineno, note.end_col_offset)]
        if not any(word in text for word in UNCLOSABLE):
            return ()
        return note.lineno, note.col_offset + 1, text, ""

    def klass(self, node: ast.ClassDef, outer: int) -> int:
        """Reads a class; its number."""
        index = len(self.classes)
        attributes = Attributes(self, index)
        bases = tuple(plain(base) for base in node.bases)
        is_final = any(last_word(each) == "final" for each in node.decorator_list)
        self.classes.append(Class(node.name, node.lineno, outer, bases, is_final, {}, attributes))
        body = BodyReader(self, outer, index, None, is_class=True)
        body.read(node.body)
        self.classes[index] = self.classes[index]._replace(members=body.bindings)
        return index


def _is_idle_exit(node: AnyFunction) -> bool:
    is_exit = isinstance(node, ast.AsyncFunctionDef) and node.name == "__aexit__"
    return is_exit and not holding.awaits(node.body)


NOT_READ = Function(
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


@lru_cache(maxsize=1_000)
def _attribute(name: str, behind: str) -> re.Pattern[str]:
    """The attribute of a name: a backslash or a comment may stand behind the point."""
    return re.compile(rf"\.(?:[\s\\]|#[^\n]{{0,1000}}+\n)*+{name}{behind}")
