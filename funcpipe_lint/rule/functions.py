"""The functions of a module: which are generators, what decorators make of them, and which of them
a name or an attribute certainly stands for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property

import libcst as cst

from funcpipe_lint.model.vocabulary import DEPENDENCIES, TRANSPARENT, is_transforming
from funcpipe_lint.rule.bindings import Binding
from funcpipe_lint.rule.flow import called
from funcpipe_lint.rule.names import Names
from funcpipe_lint.rule.tree import Tree


class Functions:
    """What is known of a module's functions, each computed when it is asked for."""

    def __init__(self, tree: Tree, names: Names, dependencies: Iterable[str] = ()) -> None:
        self._tree = tree
        self._names = names
        self._drivers = (*DEPENDENCIES, *dependencies)

    # -- what they are

    def is_generator(self, function: cst.CSTNode | None) -> bool:
        """Whether a function has a yield of its own, live or not."""
        return isinstance(function, cst.FunctionDef) and function in self._generators

    @cached_property
    def _generators(self) -> frozenset[cst.CSTNode]:
        return frozenset(self._tree.owner(each) for each in self._tree.of(cst.Yield))

    def is_async_generator(self, function: cst.CSTNode | None) -> bool:
        """Whether a function is `async def` with a yield of its own, live or not."""
        return (
            isinstance(function, cst.FunctionDef)
            and function.asynchronous is not None
            and self.is_generator(function)
        )

    def is_stream_function(self, function: cst.CSTNode | None) -> bool:
        """An async generator function that no decorator turns into something else."""
        return self.is_async_generator(function) and not self._is_transformed(function)

    def is_sync_stream_function(self, function: cst.CSTNode | None) -> bool:
        """A plain generator function that no decorator turns into something else."""
        return (
            isinstance(function, cst.FunctionDef)
            and function.asynchronous is None
            and self.is_generator(function)
            and not self._is_transformed(function)
        )

    def stream_functions(self) -> Iterator[cst.FunctionDef]:
        """Every stream function of the file."""
        for function in self._tree.of(cst.FunctionDef):
            if self.is_stream_function(function):
                yield function

    def _is_transformed(self, function: cst.CSTNode | None) -> bool:
        if not isinstance(function, cst.FunctionDef):
            return False
        return any(
            is_transforming(name)
            for decorator in function.decorators
            # What it is called here, and there: an alias of either kind says enough.
            for name in (self.decorator_name(decorator), called(decorator.decorator))
        )

    def is_plainly_called(self, function: cst.FunctionDef) -> bool:
        """Whether calling a function's name calls its own body: every decorator is transparent."""
        return all(self.decorator_name(d) in TRANSPARENT for d in function.decorators)

    def decorator_name(self, decorator: cst.Decorator) -> str:
        """The last word of a decorator, aliases resolved: `@cm.asynccontextmanager` and
        `@acm` both give "asynccontextmanager"."""
        head = decorator.decorator
        if isinstance(head, cst.Call):
            head = head.func
        for name in self._names.candidates(head):
            return name.rpartition(".")[2]
        return called(head)

    def has_decorator(self, function: cst.FunctionDef, word: str) -> bool:
        """Whether one of a function's decorators ends in the given word."""
        return any(self.decorator_name(d) == word for d in function.decorators)

    def is_stub(self, function: cst.FunctionDef) -> bool:
        """An overload, an abstract or Protocol method: no body of its own to judge."""
        if self.has_decorator(function, "overload") or self.has_decorator(
            function, "abstractmethod"
        ):
            return True
        owner = self._tree.owner(function)
        return isinstance(owner, cst.ClassDef) and any(
            self._names.is_a(_head(base.value), ("typing.Protocol", "typing_extensions.Protocol"))
            for base in owner.bases
        )

    @cached_property
    def dependencies(self) -> frozenset[cst.FunctionDef]:
        """The functions that are handed to what drives them as context managers."""
        given = (
            self.definition(call.args[0].value)
            for call in self._tree.of(cst.Call)
            if call.args and self._names.is_a(call.func, self._drivers)
        )
        return frozenset(each for each in given if each is not None)

    # -- what a call calls

    def definition(
        self, expression: cst.CSTNode, at: cst.CSTNode | None = None
    ) -> cst.FunctionDef | None:
        """The function of this file that a name or a `self.` attribute certainly stands for."""
        if isinstance(expression, cst.Name):
            return self._named(expression.value, at or expression)
        if isinstance(expression, cst.Attribute) and isinstance(expression.value, cst.Name):
            owner = self._receiver(expression.value, at or expression)
            return None if owner is None else self._method(owner, expression.attr.value)
        return None

    def of_instance(self, expression: cst.CSTNode) -> cst.FunctionDef | None:
        """The method of a class of this file that `name.method` stands for, where the name is bound
        once, to a call of the class."""
        if not isinstance(expression, cst.Attribute) or not isinstance(expression.value, cst.Name):
            return None
        binding = self._names.only(expression.value.value, expression)
        made = None if binding is None else binding.value
        if not isinstance(made, cst.Call) or not isinstance(made.func, cst.Name):
            return None
        owner = self._receiver(made.func, made)
        return None if owner is None else self._method(owner, expression.attr.value)

    def may_be_overridden(self, expression: cst.CSTNode) -> bool:
        """Whether what is called is looked up on an instance or on `cls`, so that a subclass in
        another module may put something else in its place: `self.rows`, unless the class or the
        method is final, or its name is mangled."""
        if not isinstance(expression, cst.Attribute) or not isinstance(expression.value, cst.Name):
            return False
        binding = self._names.only(expression.value.value, expression)
        owner = self._receiver(expression.value, expression)
        if binding is None or binding.kind != "parameter" or owner is None:
            return False
        name, method = expression.attr.value, self.definition(expression)
        is_mangled = name.startswith("__") and not name.endswith("__")
        decorators = (*owner.decorators, *(method.decorators if method is not None else ()))
        return not is_mangled and not any(self.decorator_name(d) == "final" for d in decorators)

    def _named(self, name: str, at: cst.CSTNode) -> cst.FunctionDef | None:
        found = self._without_overloads(self._names.bindings(name, at))
        binding = next(found, None)
        if binding is None or next(found, None) is not None:
            return None
        if isinstance(binding.node, cst.FunctionDef) and binding.kind == "function":
            return binding.node
        value = binding.value
        if binding.kind == "assign" and isinstance(value, cst.Name) and value.value != name:
            return self._named(value.value, binding.node)
        return None

    def _without_overloads(self, found: Iterable[Binding]) -> Iterator[Binding]:
        return (
            binding
            for binding in found
            if not isinstance(binding.node, cst.FunctionDef)
            or not self.has_decorator(binding.node, "overload")
        )

    def _receiver(self, name: cst.Name, at: cst.CSTNode) -> cst.ClassDef | None:
        """The class of the file that `self`, `cls` or a class name stands for."""
        binding = self._names.only(name.value, at)
        if binding is None:
            return None
        if isinstance(binding.node, cst.ClassDef):
            return binding.node
        return self.class_received(binding)

    def class_received(self, binding: Binding) -> cst.ClassDef | None:
        """The class of which a parameter is `self`, or `cls`."""
        method = binding.scope
        if binding.kind != "parameter" or not isinstance(method, cst.FunctionDef):
            return None
        params = (*method.params.posonly_params, *method.params.params)
        owner = self._tree.owner(method)
        is_first = bool(params) and params[0] is binding.node
        if (
            is_first
            and isinstance(owner, cst.ClassDef)
            and not self.has_decorator(method, "staticmethod")
        ):
            return owner
        return None

    def _method(self, owner: cst.ClassDef, name: str) -> cst.FunctionDef | None:
        """A method that the class or a base in the file defines once, and that no subclass in the
        file overrides and no `self.name = ...` replaces."""
        if name in self._set_attributes:
            return None
        if any(name in self._names.bound_in(sub) for sub in self._subclasses.get(owner, ())):
            return None
        for klass in (owner, *self._bases[owner]):
            found = list(self._without_overloads(self._names.bound_in(klass).get(name, ())))
            if found:
                node = found[0].node
                return node if len(found) == 1 and isinstance(node, cst.FunctionDef) else None
        return None

    def is_overridden(self, method: cst.FunctionDef) -> bool:
        """Whether a subclass in the file puts something else in a method's place."""
        below = (
            self._subclasses.get(owner)
            if isinstance(owner := self._tree.owner(method), cst.ClassDef)
            else None
        )
        return any(method.name.value in self._names.bound_in(sub) for sub in below or ())

    def overloads(self, function: cst.FunctionDef) -> list[cst.FunctionDef] | None:
        """The overloads of a function; None where its name is bound to something else as well."""
        found = self._names.bound_in(self._tree.owner(function)).get(function.name.value, ())
        others = [each.node for each in found if each.node is not function]
        stubs = [
            node
            for node in others
            if isinstance(node, cst.FunctionDef) and self.has_decorator(node, "overload")
        ]
        return stubs if len(stubs) == len(others) else None

    @cached_property
    def _set_attributes(self) -> frozenset[str]:
        targets = [t.target for t in self._tree.of(cst.AssignTarget)]
        targets += [a.target for a in self._tree.of(cst.AnnAssign) if a.value is not None]
        return frozenset(t.attr.value for t in targets if isinstance(t, cst.Attribute))

    @cached_property
    def _bases(self) -> dict[cst.ClassDef, list[cst.ClassDef]]:
        """The bases of each class as far as the file defines them, nearest first."""
        return {klass: self._bases_of(klass) for klass in self._tree.of(cst.ClassDef)}

    def _bases_of(self, klass: cst.ClassDef) -> list[cst.ClassDef]:
        found: list[cst.ClassDef] = []
        queue = [klass]
        while queue:
            for base in queue.pop(0).bases:
                head = _head(base.value)
                binding = (
                    self._names.only(head.value, klass) if isinstance(head, cst.Name) else None
                )
                if binding and isinstance(binding.node, cst.ClassDef) and binding.node not in found:
                    found.append(binding.node)
                    queue.append(binding.node)
        return found

    @cached_property
    def _subclasses(self) -> dict[cst.ClassDef, list[cst.ClassDef]]:
        """The classes of the file below each of its classes. Read once: asked anew for each method
        that is called, 370 classes took 8 s."""
        below: dict[cst.ClassDef, list[cst.ClassDef]] = {}
        for klass, bases in self._bases.items():
            for base in bases:
                if base is not klass:
                    below.setdefault(base, []).append(klass)
        return below


def _head(node: cst.BaseExpression) -> cst.BaseExpression:
    return node.value if isinstance(node, cst.Subscript) else node
