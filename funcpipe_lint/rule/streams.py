"""What every rule asks about streams: which calls give one, who owns clean-up, who describes one.

Each definition is in one place. Everything is certain or absent: what cannot be decided from this
file is not a stream call, not a builder, not owning.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import libcst as cst

from funcpipe_lint.model import Link, Settings
from funcpipe_lint.model.reference import describes
from funcpipe_lint.rule.annotations import CALLABLE, Annotations, StreamType
from funcpipe_lint.rule.flow import Flow
from funcpipe_lint.rule.functions import Functions
from funcpipe_lint.rule.names import Names
from funcpipe_lint.rule.opting import opts_in
from funcpipe_lint.rule.tree import Function, Tree, children


@dataclass(frozen=True, slots=True, eq=False)
class StreamCall:
    """A call that certainly returns an iterator over a stream."""

    call: cst.Call
    source: Literal["generator", "annotated", "description", "configured"]
    colour: Literal["async", "sync"]
    callee: cst.FunctionDef | None
    """The function of this file that is called; None for a parameter or a description."""
    can_close: bool
    """Whether a type checker lets `aclosing` take it."""
    may_differ: bool = False
    """Whether a subclass in another module may override the callee with one whose iterator has no
    `aclose`: nothing is promised by an annotation."""
    is_plain: bool = True
    """Closing it closes what it holds."""

    @property
    def expression(self) -> cst.Call:
        """What is opened."""
        return self.call

    @property
    def is_description(self) -> bool:
        """Whether it is the call of a description, which may return any iterator."""
        return self.source != "generator"


@dataclass(frozen=True, slots=True, eq=False)
class OwningStream:
    """An expression that gives a stream which owns awaited clean-up."""

    expression: cst.BaseExpression
    is_description: bool
    """It is the call of a description, which may return any iterator."""
    can_close: bool
    """Whether a type checker lets `aclosing` take it."""
    link: Link | None = None
    """Where the clean-up is."""

    @property
    def may_differ(self) -> bool:
        """Whether a subclass may give an iterator without `aclose`."""
        return self.link is not None and self.link.may_differ

    @property
    def is_plain(self) -> bool:
        """Whether closing it closes what it holds."""
        return self.link is None or self.link.is_plain


class Streams:
    """The stream facts of one module; each is computed once, when first asked for."""

    def __init__(
        self,
        tree: Tree,
        names: Names,
        functions: Functions,
        flow: Flow,
        annotations: Annotations,
        settings: Settings,
        links: Iterable[Link] = (),
    ) -> None:
        self._links = {(link.start, link.end): link for link in links}
        self._tree = tree
        self._names = names
        self._functions = functions
        self._flow = flow
        self._annotations = annotations
        self._settings = settings
        self._calls: dict[cst.CSTNode, StreamCall | None] = {}

    # -- generators of Results

    def yields_results(self, function: cst.CSTNode | None) -> bool:
        """Whether a generator function's items are known to be Results: by its own annotation, or
        because a function annotated as returning a description returns it."""
        if not self._functions.is_generator(function) or not isinstance(function, cst.FunctionDef):
            return False
        returned = self._annotations.returned(function)
        if returned is not None:
            return returned.of_results and not returned.is_description
        return function in self._described

    @cached_property
    def _described(self) -> set[cst.FunctionDef]:
        """Unannotated generators that an annotated builder returns, plainly or in a lambda."""
        found: set[cst.FunctionDef] = set()
        for builder in self._tree.of(cst.FunctionDef):
            kind = self._annotations.returned(builder)
            if kind is None or not (kind.is_description and kind.of_results):
                continue
            for value in self._returns(builder):
                name: cst.BaseExpression = value
                if isinstance(value, cst.Lambda):
                    name = value.body
                if isinstance(name, cst.Call):
                    name = name.func
                target = self._functions.definition(name)
                if target is not None and target.returns is None:
                    found.add(target)
        return found

    # -- stream calls

    def stream_call(self, expression: cst.CSTNode | None) -> StreamCall | None:
        """The known stream call that an expression is; None where it is not certainly one."""
        if not isinstance(expression, cst.Call):
            return None
        if expression not in self._calls:
            self._calls[expression] = None  # a call that reaches itself is unknown
            self._calls[expression] = self._stream_call(expression)
        return self._calls[expression]

    def async_stream_call(self, expression: cst.CSTNode | None) -> StreamCall | None:
        """A known stream call of an async stream."""
        found = self.stream_call(expression)
        return found if found is not None and found.colour == "async" else None

    def _stream_call(self, call: cst.Call) -> StreamCall | None:
        function = self._functions.definition(call.func)
        if function is not None and not self._functions.is_plainly_called(function):
            return None
        if function is not None and self._functions.is_async_generator(function):
            returned = self._annotations.returned(function)
            can_close = returned is None or returned.can_close
            is_promised = returned is not None and returned.can_close
            may_differ = not is_promised and self._functions.may_be_overridden(call.func)
            return StreamCall(call, "generator", "async", function, can_close, may_differ)
        if self._functions.is_generator(function):
            return StreamCall(call, "generator", "sync", function, True)
        if function is not None and function.asynchronous is None:
            returned = self._annotations.returned(function)
            if returned is not None and not returned.is_description:
                return StreamCall(call, "annotated", returned.colour, function, returned.can_close)
        if not call.args:
            described = self.description(call.func)
            if described is not None:
                return StreamCall(call, "description", described.colour, None, described.can_close)
        if self._names.is_a(call.func, self._settings.stream_functions):
            return StreamCall(call, "configured", "async", None, False)
        return self._parameter_call(call)

    def _parameter_call(self, call: cst.Call) -> StreamCall | None:
        """`p(...)` for a parameter annotated `Callable[..., AsyncIterator[...]]`."""
        kind = self._parameter_returns(call)
        if kind is None or kind.is_description:
            return None
        return StreamCall(call, "annotated", kind.colour, None, kind.can_close)

    def _parameter_returns(self, call: cst.Call) -> StreamType | None:
        """What a call of a parameter annotated `Callable[..., X]` returns."""
        if not isinstance(call.func, cst.Name):
            return None
        binding = self._names.only(call.func.value, call)
        if binding is None or binding.kind != "parameter" or binding.annotation is None:
            return None
        note = self._names.unquoted(binding.annotation)
        if not isinstance(note, cst.Subscript) or len(note.slice) != 2:
            return None
        if not self._names.is_a(note.value, CALLABLE, binding.node):
            return None
        last = note.slice[1].slice
        if not isinstance(last, cst.Index):
            return None
        return self._annotations.stream_type(last.value, binding.node)

    # -- who owns clean-up

    def owning_stream(self, expression: cst.BaseExpression | None) -> OwningStream | None:
        """What an expression is that certainly gives a stream whose owner has to await clean-up
        when it is left early: by what the program holds (`funcpipe_lint.program`), and in a Result
        module every call of a description, for that may be anything."""
        if expression is None:
            return None
        link = self.link(expression)
        if link is not None and link.kind == "stream":
            return OwningStream(expression, False, link.can_close, link)
        found = self.async_stream_call(expression) if self.is_result_module else None
        if found is None or found.source != "description":
            return None
        return OwningStream(expression, True, found.can_close)

    def link(self, expression: cst.CSTNode) -> Link | None:
        """What an expression stands for elsewhere in the program, if anything."""
        if not self._links:
            return None
        start, end = self._tree.span(expression)
        if isinstance(expression, cst.GeneratorExp):  # its brackets are its own to Python
            text = self._tree.text
            start, end = text.rfind("(", 0, start), text.find(")", end) + 1
        return self._links.get((start, end))

    def _returns(self, function: cst.FunctionDef) -> list[cst.BaseExpression]:
        return [
            r.value
            for r in self._tree.own(function, cst.Return)
            if r.value is not None and self._flow.is_live(r)
        ]

    # -- descriptions and builders

    def description(self, expression: cst.CSTNode) -> StreamType | None:
        """The stream type of an expression that is a known description: a call of a builder, a name
        bound to one, a parameter or local annotated as one, a lambda over a stream call."""
        if isinstance(expression, cst.Lambda):
            return self._lambda_type(expression)
        if isinstance(expression, cst.Call):
            return self._built(expression)
        if not isinstance(expression, cst.Name):
            return None
        binding = self._names.only(expression.value, expression)
        if binding is None:
            return None
        if binding.annotation is not None and binding.kind in ("parameter", "annotate"):
            kind = self._annotations.stream_type(binding.annotation, binding.node)
            if kind is not None:
                return kind if kind.is_description else None
        if binding.kind in ("assign", "annotate") and binding.value is not None:
            is_itself = (
                isinstance(binding.value, cst.Name) and binding.value.value == expression.value
            )
            return None if is_itself else self.description(binding.value)
        return None

    def _lambda_type(self, function: cst.Lambda) -> StreamType | None:
        params = function.params
        if children(params):
            return None
        found = self.stream_call(function.body)
        return None if found is None else StreamType(found.colour, False, True, found.can_close)

    def _built(self, call: cst.Call) -> StreamType | None:
        function = self._functions.definition(call.func)
        if function is not None:
            return (
                self.builder_type(function) if self._functions.is_plainly_called(function) else None
            )
        if not isinstance(call.func, cst.Name | cst.Attribute):
            return None
        found = self._names.candidates(call.func)
        colours = {describes(name) for name in found}
        if colours == {"async"}:
            return StreamType("async", True, True, False)
        if colours == {"sync"}:
            return StreamType("sync", True, True, False)
        kind = self._parameter_returns(call)
        return kind if kind is not None and kind.is_description else None

    def builder_type(self, function: cst.FunctionDef) -> StreamType | None:
        """The stream type that a builder describes; None where the function is no builder: a plain
        function annotated as returning a description, or that returns a lambda or nested function
        whose call is a known stream call."""
        if function.asynchronous is not None or self._functions.is_generator(function):
            return None
        returned = self._annotations.returned(function)
        if returned is not None:
            return returned if returned.is_description else None
        for value in self._returns(function):
            kind = self._returned_description(value, function)
            if kind is not None:
                return kind
        return None

    def _returned_description(
        self, value: cst.BaseExpression, function: cst.FunctionDef
    ) -> StreamType | None:
        if isinstance(value, cst.Lambda):
            return self._lambda_type(value)
        inner = self._functions.definition(value)
        if inner is None or self._tree.owner(inner) is not function or inner.params.params:
            return None
        if not self._functions.is_generator(inner) or not self._functions.is_plainly_called(inner):
            return None
        return StreamType("async" if inner.asynchronous else "sync", False, True, True)

    def described_functions(self, builder: cst.FunctionDef) -> list[Function]:
        """The functions whose runs are a builder's streams: the generators right inside it, and the
        lambdas that it returns."""
        found: list[Function] = [
            inner
            for inner in self._tree.own(builder, cst.FunctionDef)
            if self._functions.is_generator(inner)
        ]
        found += [value for value in self._returns(builder) if isinstance(value, cst.Lambda)]
        return found

    def is_builder(self, function: cst.CSTNode | None) -> bool:
        """Whether a function is a builder."""
        return isinstance(function, cst.FunctionDef) and self.builder_type(function) is not None

    def takes_description(self, function: cst.FunctionDef) -> bool:
        """Whether a parameter of a function is annotated as a description."""
        return any(
            binding.kind == "parameter"
            and (kind := self._annotations.stream_type(binding.annotation, binding.node))
            and kind.is_description
            for found in self._names.bound_in(function).values()
            for binding in found
        )

    # -- the module

    @cached_property
    def is_result_module(self) -> bool:
        """Whether the module opted into streams of Results."""
        return opts_in(self._tree, self._names, self._annotations, self._settings)
