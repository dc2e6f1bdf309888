"""What a name stands for: bindings by scope, imports resolved to absolute dotted names."""

from __future__ import annotations

import builtins
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, cast

import libcst as cst

from funcpipe_lint.tree import Owner, Tree

Comprehension = cst.ListComp | cst.SetComp | cst.DictComp | cst.GeneratorExp
ScopeNode = Owner | Comprehension
Kind = Literal[
    "import", "function", "class", "parameter", "assign", "annotate", "augment", "unpack",
    "for", "with", "except", "walrus", "match", "delete", "type", "star",
]  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Binding:
    """One place that gives a name a meaning."""

    name: str
    kind: Kind
    node: cst.CSTNode
    """The statement, parameter, handler, ... that binds."""
    scope: ScopeNode
    value: cst.BaseExpression | None = None
    """The bound expression, where the name is bound to all of it."""
    annotation: cst.BaseExpression | None = None
    dotted: str = ""
    """For imports: the absolute dotted name."""


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


class Names:
    """Resolves the names of one module. Bindings are collected once, when first asked for."""

    def __init__(self, tree: Tree, module_name: str, is_package: bool) -> None:
        self._tree = tree
        self._module_name = module_name
        self._is_package = is_package
        self._parsed: dict[str, cst.BaseExpression | None] = {}

    # -- what a name is bound to

    @cached_property
    def _table(self) -> dict[ScopeNode, dict[str, list[Binding]]]:
        table: dict[ScopeNode, dict[str, list[Binding]]] = {}
        outer: dict[tuple[ScopeNode, str], str] = {}
        for statement in self._tree.of(cst.Global, cst.Nonlocal):
            word = "global" if isinstance(statement, cst.Global) else "nonlocal"
            for item in cast(cst.Global, statement).names:
                outer[self._tree.owner(statement), item.name.value] = word
        for binding in _Bindings(self._tree, self).all():
            scope = binding.scope
            word = outer.get((scope, binding.name), "")
            if word == "global":
                scope = self._tree.module
            elif word == "nonlocal":
                functions = self._tree.functions(cast(cst.CSTNode, scope))
                scope = next(iter(functions), self._tree.module)
            table.setdefault(scope, {}).setdefault(binding.name, []).append(binding)
        return table

    @cached_property
    def has_star_import(self) -> bool:
        """Whether `from x import *` may have bound anything at all."""
        return any(isinstance(node.names, cst.ImportStar) for node in self._tree.of(cst.ImportFrom))

    def bindings(self, name: str, at: cst.CSTNode) -> tuple[Binding, ...]:
        """Every binding of a name in the scope that it resolves to from a node; empty: unbound."""
        for scope in self.scopes(at):
            found = self._table.get(scope, {}).get(name)
            if found:
                return tuple(found)
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
            if isinstance(above, Comprehension):
                # The first iterable of a comprehension runs outside it.
                if not _is_outermost_iterable(tree, child, at, above):
                    yield above
            elif isinstance(above, cst.FunctionDef | cst.Lambda | cst.ClassDef):
                if child is above.body and (first or not isinstance(above, cst.ClassDef)):
                    yield above
                if child is above.body:
                    first = False
            child = above
        yield tree.module

    # -- what an expression is called

    def candidates(self, expression: cst.CSTNode, at: cst.CSTNode | None = None) -> frozenset[str]:
        """Every absolute dotted name that an expression may stand for; empty: not known by name.

        Follows import aliases, plain aliases (`ac = aclosing`) and attributes of modules. Builtins
        are `builtins.x`; a class or function of the file is `<module>.x`.
        """
        return self._candidates(expression, at or expression, 8)

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
        found = self.candidates(node, at)
        known = tuple(known)
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

    def absolute(self, module: str, level: int) -> str:
        """The absolute name of a relative import's module."""
        if not level:
            return module
        parts = self._module_name.split(".")
        keep = len(parts) - level + (1 if self._is_package else 0)
        base = ".".join(parts[: max(keep, 0)])
        return f"{base}.{module}".strip(".")

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


class _Bindings:
    """Collects every binding of a module, a node type at a time."""

    def __init__(self, tree: Tree, names: Names) -> None:
        self._tree = tree
        self._names = names

    def all(self) -> Iterator[Binding]:
        yield from self._imports()
        yield from self._definitions()
        yield from self._assignments()
        yield from self._targets()

    def _imports(self) -> Iterator[Binding]:
        for node in self._tree.of(cst.Import):
            for alias in node.names:
                dotted = alias.evaluated_name
                bound = alias.evaluated_alias
                name = bound or dotted.partition(".")[0]
                yield self._bind(name, "import", node, dotted=dotted if bound else name)
        for source in self._tree.of(cst.ImportFrom):
            module = "" if source.module is None else _dotted_text(source.module)
            base = self._names.absolute(module, len(source.relative))
            if isinstance(source.names, cst.ImportStar):
                continue
            for alias in source.names:
                name = alias.evaluated_alias or alias.evaluated_name
                dotted = f"{base}.{alias.evaluated_name}"
                yield self._bind(name, "import", source, dotted=dotted)

    def _definitions(self) -> Iterator[Binding]:
        for function in self._tree.of(cst.FunctionDef):
            yield self._bind(function.name.value, "function", function)
            yield from self._parameters(function, function.params)
        for thunk in self._tree.of(cst.Lambda):
            yield from self._parameters(thunk, thunk.params)
        for klass in self._tree.of(cst.ClassDef):
            yield self._bind(klass.name.value, "class", klass)
        for alias in self._tree.of(cst.TypeAlias):
            yield self._bind(alias.name.value, "type", alias, value=alias.value)

    def _parameters(self, scope: Owner, params: cst.Parameters) -> Iterator[Binding]:
        plain = (*params.posonly_params, *params.params, *params.kwonly_params)
        for kind, group in (("parameter", plain), ("star", (params.star_arg, params.star_kwarg))):
            for param in group:
                if isinstance(param, cst.Param):
                    note = param.annotation.annotation if param.annotation else None
                    yield Binding(param.name.value, cast(Kind, kind), param, scope, annotation=note)

    def _assignments(self) -> Iterator[Binding]:
        for node in self._tree.of(cst.Assign):
            for target in node.targets:
                yield from self._target(target.target, "assign", node, node.value)
        for noted in self._tree.of(cst.AnnAssign):
            note = noted.annotation.annotation
            if isinstance(noted.target, cst.Name):
                yield self._bind(
                    noted.target.value, "annotate", noted, value=noted.value, annotation=note
                )
        for added in self._tree.of(cst.AugAssign):
            yield from self._target(added.target, "augment", added, None)
        for walrus in self._tree.of(cst.NamedExpr):
            if isinstance(walrus.target, cst.Name):
                # A walrus binds in the function, through every comprehension.
                yield self._bind(walrus.target.value, "walrus", walrus, value=walrus.value)

    def _targets(self) -> Iterator[Binding]:
        for loop in self._tree.of(cst.For):
            yield from self._target(loop.target, "for", loop, None)
        for clause in self._tree.of(cst.CompFor):
            scope = next(a for a in self._tree.ancestors(clause) if isinstance(a, Comprehension))
            for name in target_names(clause.target):
                yield Binding(name.value, "for", clause, scope)
        for item in self._tree.of(cst.WithItem):
            if item.asname is not None:
                yield from self._target(item.asname.name, "with", item, item.item)
        for handler in self._tree.of(cst.ExceptHandler, cst.ExceptStarHandler):
            caught = getattr(handler, "name", None)
            if caught is not None:
                yield from self._target(caught.name, "except", handler, None)
        for pattern in self._tree.of(cst.MatchAs, cst.MatchStar):
            captured = getattr(pattern, "name", None)
            if captured is not None:
                yield self._bind(captured.value, "match", pattern)
        for mapping in self._tree.of(cst.MatchMapping):
            if mapping.rest is not None:
                yield self._bind(mapping.rest.value, "match", mapping)
        for deletion in self._tree.of(cst.Del):
            yield from self._target(deletion.target, "delete", deletion, None)

    def _target(
        self, target: cst.CSTNode, kind: Kind, node: cst.CSTNode, value: cst.BaseExpression | None
    ) -> Iterator[Binding]:
        if isinstance(target, cst.Name):
            yield self._bind(target.value, kind, node, value=value)
            return
        for name in target_names(target):
            yield self._bind(name.value, "unpack" if kind == "assign" else kind, node)

    def _bind(
        self,
        name: str,
        kind: Kind,
        node: cst.CSTNode,
        *,
        value: cst.BaseExpression | None = None,
        annotation: cst.BaseExpression | None = None,
        dotted: str = "",
    ) -> Binding:
        return Binding(name, kind, node, self._tree.owner(node), value, annotation, dotted)


def target_names(target: cst.CSTNode) -> Iterator[cst.Name]:
    """The plain names that an assignment target binds; attributes and items bind none."""
    if isinstance(target, cst.Name):
        yield target
    elif isinstance(target, cst.Tuple | cst.List):
        for element in target.elements:
            yield from target_names(element.value)


def _dotted_text(node: cst.CSTNode) -> str:
    if isinstance(node, cst.Attribute):
        return f"{_dotted_text(node.value)}.{node.attr.value}"
    return node.value if isinstance(node, cst.Name) else ""
