"""The places of a module that give names a meaning: imports as absolute dotted names, definitions,
parameters, and every target of an assignment, loop, `with`, handler or pattern."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, cast

import libcst as cst

from funcpipe_lint.rule.tree import COLLECTING, FROM_IMPORTS, IMPORTS, Owner, Tree

Comprehension = cst.BaseComp
COMPREHENSIONS: frozenset[type] = frozenset((*COLLECTING, cst.GeneratorExp))
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


class Bindings:
    """Collects every binding of a module, a node type at a time."""

    def __init__(self, tree: Tree, module_name: str, is_package: bool) -> None:
        self._tree = tree
        self._module_name = module_name
        self._is_package = is_package

    def all(self) -> Iterator[Binding]:
        """Every binding. O(nodes)."""
        yield from self._imports()
        yield from self._definitions()
        yield from self._assignments()
        yield from self._targets()

    def _imports(self) -> Iterator[Binding]:
        for node in self._tree.of(*IMPORTS):
            for alias in node.names:
                dotted = alias.evaluated_name
                bound = alias.evaluated_alias
                name = bound or dotted.partition(".")[0]
                yield self._bind(name, "import", node, dotted=dotted if bound else name)
        for source in self._tree.of(*FROM_IMPORTS):
            module = "" if source.module is None else _dotted_text(source.module)
            base = self._absolute(module, len(source.relative))
            if isinstance(source.names, cst.ImportStar):
                continue
            for alias in source.names:
                name = alias.evaluated_alias or alias.evaluated_name
                dotted = f"{base}.{alias.evaluated_name}"
                yield self._bind(name, "import", source, dotted=dotted)

    def _absolute(self, module: str, level: int) -> str:
        """The absolute name of a relative import's module."""
        if not level:
            return module
        parts = self._module_name.split(".")
        keep = len(parts) - level + (1 if self._is_package else 0)
        base = ".".join(parts[: max(keep, 0)])
        return f"{base}.{module}".strip(".")

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


def name_of_value(tree: Tree, value: cst.CSTNode) -> str | None:
    """The one name that a value is bound to by the assignment that it is the whole of."""
    above = tree.parent(value)
    target: cst.CSTNode | None = None
    if isinstance(above, cst.Assign) and len(above.targets) == 1:
        target = above.targets[0].target
    elif isinstance(above, cst.AnnAssign):
        target = above.target
    return target.value if isinstance(target, cst.Name) else None


def _dotted_text(node: cst.CSTNode) -> str:
    if isinstance(node, cst.Attribute):
        return f"{_dotted_text(node.value)}.{node.attr.value}"
    return node.value if isinstance(node, cst.Name) else ""
