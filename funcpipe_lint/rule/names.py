"""What a name stands for: its bindings, by scope, followed to absolute dotted names."""

from __future__ import annotations

import builtins
from collections.abc import Iterable, Iterator
from functools import cache, cached_property
from typing import cast, get_args

import libcst as cst

from funcpipe_lint.model.vocabulary import last_words
from funcpipe_lint.rule.bindings import COMPREHENSIONS, Binding, Bindings, Comprehension, ScopeNode
from funcpipe_lint.rule.tree import FROM_IMPORTS, Tree

_Bodied = cst.FunctionDef | cst.Lambda | cst.ClassDef
# By class: asking `isinstance` of a node takes ten times as long, for libcst's types are abstract.
_BODIED = frozenset(get_args(_Bodied))


def matches(dotted: str, known: Iterable[str]) -> bool:
    """Whether a dotted name is one of the known ones: same top-level package and last word.

    A package may re-export its names at will, so the words between do not count.
    """
    root, _, rest = dotted.partition(".")
    last = rest.rpartition(".")[2]
    return any(
        dotted == name
        or (last != "" and name.partition(".")[0] == root and name.endswith("." + last))
        for name in known
    )


@cache
def _last_words(known: tuple[str, ...]) -> frozenset[str]:
    return frozenset(last_words(known))


class Names:
    """Resolves the names of one module. Bindings are collected once, when first asked for."""

    def __init__(self, tree: Tree, module_name: str, is_package: bool) -> None:
        self._tree = tree
        self._module_name = module_name
        self._is_package = is_package
        self._parsed: dict[str, cst.BaseExpression | None] = {}
        # Eight rules ask what a call calls.
        self._stands_for: dict[cst.CSTNode, frozenset[str]] = {}

    # -- what a name is bound to

    @cached_property
    def _table(self) -> dict[ScopeNode, dict[str, list[Binding]]]:
        table: dict[ScopeNode, dict[str, list[Binding]]] = {}
        for binding in Bindings(self._tree, self._module_name, self._is_package).all():
            scope = binding.scope
            word = self._outer.get((scope, binding.name), "")
            if word == "global":
                scope = self._tree.module
            elif word == "nonlocal":
                functions = self._tree.functions(cast(cst.CSTNode, scope))
                scope = next(iter(functions), self._tree.module)
            table.setdefault(scope, {}).setdefault(binding.name, []).append(binding)
        return table

    @cached_property
    def _outer(self) -> dict[tuple[ScopeNode, str], str]:
        """The names that a scope takes from outside: by `global`, or by `nonlocal`."""
        found: dict[tuple[ScopeNode, str], str] = {}
        for statement in self._tree.of(cst.Global, cst.Nonlocal):
            word = "global" if isinstance(statement, cst.Global) else "nonlocal"
            for item in cast(cst.Global, statement).names:
                found[self._tree.owner(statement), item.name.value] = word
        return found

    @cached_property
    def has_star_import(self) -> bool:
        """Whether `from x import *` may have bound anything at all."""
        return any(isinstance(node.names, cst.ImportStar) for node in self._tree.of(*FROM_IMPORTS))

    def bindings(self, name: str, at: cst.CSTNode) -> tuple[Binding, ...]:
        """Every binding of a name in the scope that it resolves to from a node; empty: unbound."""
        for scope in self.scopes(at):
            is_global = self._outer.get((scope, name)) == "global"
            found = self._table.get(self._tree.module if is_global else scope, {}).get(name)
            if found or is_global:
                return tuple(found or ())
        return ()

    def only(self, name: str, at: cst.CSTNode) -> Binding | None:
        """The binding of a name that is bound exactly once; None where it is unknown or rebound."""
        found = self.bindings(name, at)
        return found[0] if len(found) == 1 else None

    def bound_in(self, scope: ScopeNode) -> dict[str, list[Binding]]:
        """All bindings of one scope by name."""
        return self._table.get(scope, {})

    def imported(self) -> Iterator[tuple[str, str]]:
        """(name, absolute dotted name) of every import of the module, in any scope."""
        for scope in self._table.values():
            for found in scope.values():
                for binding in found:
                    if binding.kind == "import":
                        yield binding.name, binding.dotted

    def scopes(self, at: cst.CSTNode) -> Iterator[ScopeNode]:
        """The scopes that a name at a node is looked up in, innermost first, the module last."""
        tree = self._tree
        child = at
        first = True
        for above in tree.ancestors(at):
            kind = above.__class__
            if kind in COMPREHENSIONS:
                # The first iterable of a comprehension runs outside it.
                if not _is_outermost_iterable(tree, child, at, above):
                    yield cast(Comprehension, above)
            elif kind in _BODIED and child is cast(_Bodied, above).body:
                if first or kind is not cst.ClassDef:
                    yield cast(_Bodied, above)
                first = False
            child = above
        yield tree.module

    # -- what an expression is called

    def candidates(self, expression: cst.CSTNode, at: cst.CSTNode | None = None) -> frozenset[str]:
        """Every absolute dotted name that an expression may stand for; empty: not known by name.

        Follows import aliases, plain aliases (`ac = aclosing`) and attributes of modules. Builtins
        are `builtins.x`; a class or function of the file is `<module>.x`.
        """
        if at is not None:
            return self._candidates(expression, at, 8)
        found = self._stands_for.get(expression)
        if found is None:
            found = self._stands_for[expression] = self._candidates(expression, expression, 8)
        return found

    def _candidates(self, node: cst.CSTNode, at: cst.CSTNode, depth: int) -> frozenset[str]:
        if depth == 0:
            return frozenset()
        if isinstance(node, cst.Attribute):
            left = self._candidates(node.value, at, depth - 1)
            return frozenset(f"{name}.{node.attr.value}" for name in left)
        if not isinstance(node, cst.Name):
            return frozenset()
        found = self.bindings(node.value, at)
        if not found:
            known = hasattr(builtins, node.value) and not self.has_star_import
            return frozenset((f"builtins.{node.value}",)) if known else frozenset()
        named: set[str] = set()
        for binding in found:
            if binding.kind == "import":
                named.add(binding.dotted)
            elif binding.kind in ("function", "class", "type"):
                named.add(self.local(binding.name))
            elif binding.kind in ("assign", "annotate") and binding.value is not None:
                value = self._candidates(binding.value, binding.node, depth - 1)
                if not value:
                    return frozenset()
                named |= value
            else:
                return frozenset()
        return frozenset(named)

    def is_a(self, node: cst.CSTNode, known: Iterable[str], at: cst.CSTNode | None = None) -> bool:
        """Whether an expression certainly stands for one of the known dotted names."""
        known = tuple(known)
        if isinstance(node, cst.Attribute) and node.attr.value not in _last_words(known):
            return False
        found = self.candidates(node, at)
        return bool(found) and all(matches(name, known) for name in found)

    def may_be(
        self, node: cst.CSTNode, known: Iterable[str], at: cst.CSTNode | None = None
    ) -> bool:
        """Whether an expression stands, in one of its bindings, for one of the known names."""
        known = tuple(known)
        return any(matches(name, known) for name in self.candidates(node, at))

    def local(self, name: str) -> str:
        """The absolute name of something that this module defines."""
        return f"{self._module_name}.{name}"

    # -- annotations

    def unquoted(self, annotation: cst.BaseExpression) -> cst.BaseExpression | None:
        """An annotation, read out of its string if it is one; None where that does not parse, or is
        no annotation to type checkers either: in parts, or with escapes."""
        if not isinstance(annotation, cst.SimpleString | cst.ConcatenatedString):
            return annotation
        is_whole = isinstance(annotation, cst.SimpleString) and "\\" not in annotation.value
        text = annotation.evaluated_value if is_whole else None
        if not isinstance(text, str):
            return None
        if text not in self._parsed:
            try:
                self._parsed[text] = cst.parse_expression(text.strip())
            except Exception:  # libcst raises more than ParserSyntaxError on odd text
                self._parsed[text] = None
        return self._parsed[text]


def _is_outermost_iterable(
    tree: Tree, child: cst.CSTNode, at: cst.CSTNode, comprehension: cst.CSTNode
) -> bool:
    first = getattr(comprehension, "for_in", None)
    if child is not first or not isinstance(first, cst.CompFor):
        return False
    return tree.is_inside(at, first.iter)
