"""One walk over a parsed module: parents, owners, nodes by type, and, on demand, positions."""

from __future__ import annotations

import dataclasses
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import cache, cached_property
from typing import Any, TypeVar, cast

import libcst as cst

from funcpipe_lint.read.mentions import is_in_code
from funcpipe_lint.read.offsets import Cuts, Start, line_starts
from funcpipe_lint.rule.positions import Spans

N = TypeVar("N", bound=cst.CSTNode)
Function = cst.FunctionDef | cst.Lambda
Owner = cst.Module | cst.FunctionDef | cst.Lambda | cst.ClassDef
Loop = cst.For | cst.While

# Tokens and white space: nine tenths of the nodes, and no rule asks for them.
_SKIPPED = (
    "whitespace",
    "leading_lines",
    "lines_after",
    "header",
    "footer",
    "lpar",
    "rpar",
    "lbr",
    "rbr",
    "comma",
    "semicolon",
    "equal",
    "dot",
    "asynchronous",
    "colon",
    "indent",
    "trailing",
    "newline",
    "default_",
)
# Fields in source order where libcst's own order differs.
_ORDERED: dict[type, tuple[str, ...]] = {
    cst.FunctionDef: ("decorators", "name", "type_parameters", "params", "returns", "body"),
    cst.ClassDef: ("decorators", "name", "type_parameters", "bases", "keywords", "body"),
    cst.IfExp: ("body", "test", "orelse"),
    cst.DictComp: ("key", "value", "for_in"),
    cst.MatchCase: ("pattern", "guard", "body"),
    cst.ExceptHandler: ("type", "name", "body"),
    cst.ExceptStarHandler: ("type", "name", "body"),
    cst.Parameters: ("posonly_params", "params", "star_arg", "kwonly_params", "star_kwarg"),
}
_fields = _ORDERED.copy()


def _known(*names: str) -> tuple[type[Any], ...]:
    """The node types of these names that the installed libcst has."""
    return tuple(getattr(cst, name) for name in names if hasattr(cst, name))


# Since libcst 1.9 `lazy import x` and `{**a for a in b}` have node types of their own.
IMPORTS = _known("Import", "LazyImport")
FROM_IMPORTS = _known("ImportFrom", "LazyImportFrom")
COLLECTING = _known("ListComp", "SetComp", "DictComp", "StarredDictComp")
_ARE_NODES: set[type] = set()
_OPENING = frozenset((cst.FunctionDef, cst.Lambda, cst.ClassDef))


def _fields_of(kind: type) -> tuple[str, ...]:
    if kind not in _fields:
        named = dataclasses.fields(kind) if dataclasses.is_dataclass(kind) else ()
        _fields[kind] = tuple(
            f.name for f in named if "whitespace" not in f.name and not f.name.startswith(_SKIPPED)
        )
    return _fields[kind]


def _is_node(value: object) -> bool:
    """Whether the value of a field is a node: asked once for a type of nodes, for it takes as long
    as the rest of the walk."""
    if value is None or not isinstance(value, cst.CSTNode):
        return False
    _ARE_NODES.add(value.__class__)
    return True


def children(node: cst.CSTNode) -> list[cst.CSTNode]:
    """The child nodes that carry meaning, in source order."""
    found: list[cst.CSTNode] = []
    for name in _fields_of(node.__class__):
        value = getattr(node, name)
        kind = value.__class__
        if kind is tuple or kind is list:
            found += value
        elif kind in _ARE_NODES or _is_node(value):
            found.append(value)
    return found


def descendants(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """The node and everything below it, in source order, nested functions included."""
    stack = [node]
    while stack:
        current = stack.pop()
        yield current
        stack.extend(reversed(children(current)))


@cache
def _kinds_of(kinds: tuple[type, ...]) -> frozenset[type]:
    """Some types with all that are derived from them: asking `isinstance` of a node takes ten times
    as long, for libcst's types are abstract."""
    found = set(kinds)
    for kind in kinds:
        found |= _kinds_of(tuple(kind.__subclasses__()))
    return frozenset(found)


class Tree:
    """A parsed module with what every rule needs to look around from a node.

    Construction walks the module once and keeps no recursion: O(nodes) time and memory. Positions
    cost another pass, over the statements of the module in which one is asked for; over all of it
    where `starts` does not say where these begin. Where the module was parsed from a text with some
    cut out, `left_out` are the places of `text` that it lacks.
    """

    def __init__(
        self,
        module: cst.Module,
        text: str,
        left_out: Cuts = (),
        starts: Callable[[], Sequence[Start]] = tuple,
    ) -> None:
        self.module = module
        self.text = text
        self._left_out = left_out
        self._spans = Spans(module, text, left_out, starts)
        # By identity, which is what nodes are equal by: their hash is a function in Python.
        self._parents: dict[int, cst.CSTNode] = {}
        self._owners: dict[int, Owner] = {}
        self._kinds: defaultdict[type, list[cst.CSTNode]] = defaultdict(list)
        self._own: defaultdict[int, list[cst.CSTNode]] = defaultdict(list)
        self._own_of: dict[tuple[int, tuple[type, ...]], list[cst.CSTNode]] = {}
        self._nodes: list[cst.CSTNode] = []
        self._places: dict[object, list[int]] = {}
        self._numbers: dict[int, dict[int, int]] = {}
        self._walk()

    def _walk(self) -> None:
        stack: list[tuple[cst.CSTNode, Owner]] = [(self.module, self.module)]
        while stack:
            node, owner = stack.pop()
            kind = node.__class__
            self._owners[id(node)] = owner
            self._nodes.append(node)
            self._kinds[kind].append(node)
            self._own[id(owner)].append(node)
            # A body belongs to the function, its decorators, defaults and annotations do not.
            body = cast(Owner, node).body if kind in _OPENING else None
            for child in reversed(children(node)):
                self._parents[id(child)] = node
                stack.append((child, cast(Owner, node) if child is body else owner))

    def of(self, *kinds: type[N]) -> Iterator[N]:
        """Every node of the given types, in source order within a type."""
        for kind in kinds:
            yield from cast("list[N]", self._kinds.get(kind, ()))

    def named(self, name: str) -> Sequence[cst.Name]:
        """Every name of the code that is spelt so, in source order."""
        return self._named.get(name, ())

    def named_in(self, name: str, part: cst.CSTNode) -> Sequence[cst.Name]:
        """The names of a part that are spelt so, in source order. O(log names + those)."""
        return self._within(self.named(name), ("named", name), part)

    def own_in(self, part: cst.CSTNode, *kinds: type[N]) -> Sequence[N]:
        """The nodes of some types in a part, and in the own body of the function around it, in
        source order. O(log nodes + those)."""
        owner = self._owners[id(part)]
        self.own(owner, *kinds)
        return self._within(
            cast("list[N]", self._own_of[id(owner), kinds]), (id(owner), kinds), part
        )

    def _within(self, nodes: Sequence[N], key: object, part: cst.CSTNode) -> Sequence[N]:
        """Those of some nodes, given in source order, that are a part or below it."""
        places = self._places.get(key)
        if places is None:
            places = self._places[key] = [self._extents[id(node)][0] for node in nodes]
        first, last = self._extents[id(part)]
        return nodes[bisect_left(places, first) : bisect_left(places, last)]

    @cached_property
    def _named(self) -> defaultdict[str, list[cst.Name]]:
        named: defaultdict[str, list[cst.Name]] = defaultdict(list)
        for node in self.of(cst.Name):
            named[node.value].append(node)
        return named

    def own(self, owner: Owner, *kinds: type[N]) -> Iterator[N]:
        """The nodes of a function's (class's, module's) own body, in source order.

        Bodies of nested functions, lambdas and classes are left out; their decorators, defaults and
        annotations run in the owner's body and are in.
        """
        own = self._own.get(id(owner), ())
        if not kinds:
            return iter(cast("Sequence[N]", own))
        key = (id(owner), kinds)
        if key not in self._own_of:  # or what asks this at each of its nodes would be quadratic
            wanted = _kinds_of(kinds)
            self._own_of[key] = [node for node in own if node.__class__ in wanted]
        return iter(cast("list[N]", self._own_of[key]))

    def own_below(self, part: cst.CSTNode) -> Iterator[cst.CSTNode]:
        """The part and what is below it in the own body of the function around, in source order."""
        owner = self._owners[id(part)]
        first, last = self._extents[id(part)]
        for node in self._nodes[first:last]:
            if self._owners[id(node)] is owner:
                yield node

    @cached_property
    def _extents(self) -> dict[int, tuple[int, int]]:
        """The number of each node in source order, and that of the first behind all below it."""
        lasts = dict.fromkeys(map(id, self._nodes), 0)
        found: dict[int, tuple[int, int]] = {}
        for number in range(len(self._nodes) - 1, -1, -1):
            node = self._nodes[number]
            last = max(lasts[id(node)], number + 1)
            found[id(node)] = number, last
            above = self._parents.get(id(node))
            if above is not None:
                lasts[id(above)] = max(lasts[id(above)], last)
        return found

    def extent(self, node: cst.CSTNode) -> tuple[int, int]:
        """The number of a node in source order, and that of the first behind all below it."""
        return self._extents[id(node)]

    def place_in_order(self, node: cst.CSTNode) -> int:
        """The number of a node in source order, whatever stands around it first."""
        return self._extents[id(node)][0]

    def parent(self, node: cst.CSTNode) -> cst.CSTNode | None:
        """The node right above; None for the module."""
        return self._parents.get(id(node))

    def ancestors(self, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
        """The nodes above, innermost first."""
        above = self._parents.get(id(node))
        while above is not None:
            yield above
            above = self._parents.get(id(above))

    def holds(self, node: cst.CSTNode) -> bool:
        """Whether the node is part of this tree (one parsed from a string annotation is not)."""
        return id(node) in self._owners

    def owner(self, node: cst.CSTNode) -> Owner:
        """The function, lambda, class or module in whose body the node runs."""
        return self._owners[id(node)]

    def function(self, node: cst.CSTNode) -> Function | None:
        """The innermost function or lambda in whose body the node runs, through class bodies."""
        owner = self._owners[id(node)]
        while isinstance(owner, cst.ClassDef):
            owner = self._owners[id(owner)]
        return None if isinstance(owner, cst.Module) else owner

    def functions(self, node: cst.CSTNode) -> Iterator[Function]:
        """All functions and lambdas around a node, innermost first."""
        function = self.function(node)
        while function is not None:
            yield function
            function = self.function(function)

    def is_inside(self, node: cst.CSTNode, above: cst.CSTNode | None) -> bool:
        """Whether `node` is `above` or anywhere below it. O(1)."""
        if node is above:
            return True
        if above is None or id(node) not in self._extents or id(above) not in self._extents:
            return False
        first, last = self._extents[id(above)]
        return first < self._extents[id(node)][0] < last

    def path(
        self, node: cst.CSTNode, owner: Owner | None = None
    ) -> Iterator[tuple[cst.CSTNode, cst.CSTNode]]:
        """(ancestor, its child on the way down) from the node up to the body of its owner."""
        stop = owner or self._owners[id(node)]
        child = node
        for above in self.ancestors(node):
            if above is stop:
                return
            yield above, child
            child = above

    def statement(self, node: cst.CSTNode) -> cst.CSTNode:
        """The innermost statement that holds the node (the whole line for a simple one)."""
        for current in (node, *self.ancestors(node)):
            if isinstance(current, cst.BaseCompoundStatement | cst.SimpleStatementLine):
                return current
            if isinstance(current, cst.SimpleStatementSuite):
                return current
        return self.module

    def siblings(self, statement: cst.CSTNode) -> Sequence[cst.CSTNode]:
        """The statements of the block that holds a statement, itself included."""
        parent = self._parents.get(id(statement))
        body = getattr(parent, "body", ())
        return body if isinstance(body, tuple | list) else [statement]

    def number(self, statement: cst.CSTNode) -> int:
        """Which of its siblings a statement is, from 0. O(1): nodes are compared in Python, and
        `list.index` of each statement of a block takes seconds where it is long."""
        parent = self._parents.get(id(statement))
        if id(parent) not in self._numbers:
            siblings = self.siblings(statement)
            self._numbers[id(parent)] = {id(each): n for n, each in enumerate(siblings)}
        return self._numbers[id(parent)].get(id(statement), 0)

    def above_and_below(
        self, statement: cst.CSTNode
    ) -> tuple[cst.CSTNode | None, cst.CSTNode | None]:
        """The statements right above and right below one in its block."""
        around, number = self.siblings(statement), self.number(statement)
        above = around[number - 1] if number else None
        return above, around[number + 1] if number + 1 < len(around) else None

    def code(self, node: cst.CSTNode) -> str:
        """The node's source text, exactly as written."""
        start, end = self.span(node)
        return self.text[start:end]

    def mentions(self, name: str) -> bool:
        """Whether a name occurs anywhere in the code, what the module lacks included."""
        if self.named(name):
            return True
        bodies = (self.text[start:end] for start, end, _ in self._left_out)
        return any(is_in_code(body, name) for body in bodies)

    @property
    def is_faithful(self) -> bool:
        """Whether libcst kept every character of what was asked for: edits may be placed in it."""
        return self._spans.is_faithful

    def span(self, node: cst.CSTNode) -> tuple[int, int]:
        """The node's offsets in the text, in characters, white space around it left out."""
        around = [node, *self.ancestors(node)]
        return self._spans.span(node, around[:-1] or around)

    def place(self, offset: int) -> tuple[int, int]:
        """The line and column of an offset, from 1, in characters."""
        line = bisect_right(self.line_starts, offset) - 1
        return line + 1, offset - self.line_starts[line] + 1

    def line_start(self, line: int) -> int:
        """The offset of a line's first character."""
        return self.line_starts[line - 1]

    def lines_within(self, start: int, end: int) -> list[int]:
        """The offsets between two others at which lines begin."""
        starts = self.line_starts
        return starts[bisect_right(starts, start) : bisect_left(starts, end)]

    @cached_property
    def line_starts(self) -> list[int]:
        """The offsets at which lines begin."""
        return line_starts(self.text)
