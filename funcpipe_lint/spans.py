"""Where in the text a node of libcst is, by generating its code: a statement at a time."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import cast

import libcst as cst
from libcst.metadata.base_provider import BaseMetadataProvider
from libcst.metadata.span_provider import CodeSpan, SpanProvidingCodegenState

from funcpipe_lint.offsets import Cuts, line_starts, overwritten


class Spans:
    """Offsets by node.

    Code is generated for those statements of the module that are asked for, each put where
    `starts` says that it begins itself, behind its decorators. One that does not come out as it is
    written there has the whole module generated.
    """

    def __init__(
        self, module: cst.Module, text: str, left_out: Cuts, starts: Callable[[], Sequence[int]]
    ) -> None:
        self._module = module
        self._text = text
        self._left_out = left_out
        self._starts = starts
        self._computed: dict[cst.CSTNode, CodeSpan] = {}
        self._shifts: dict[cst.CSTNode, int] = {}

    @cached_property
    def _waiting(self) -> dict[cst.CSTNode, int]:
        return _paired(self._module, self._starts())

    @cached_property
    def _parsed(self) -> str:
        return overwritten(self._text, self._left_out)

    @property
    def is_faithful(self) -> bool:
        """Whether all that was asked for came out as it is written."""
        if not self._waiting and not self._shifts:
            return self._whole.is_faithful
        return "_whole" not in self.__dict__ or self._whole.is_faithful

    def span(self, node: cst.CSTNode, statement: cst.CSTNode) -> tuple[int, int]:
        """Where a node is that is, or is below, a statement of the module; white space around it
        left out."""
        start = self._waiting.pop(statement, None)
        if start is not None:
            self._generate(statement, start)
        shift = self._shifts.get(statement)
        if shift is None:
            return self._whole.span(node)
        found = self._computed[node]
        return shift + found.start, shift + found.start + found.length

    def _generate(self, statement: cst.CSTNode, start: int) -> None:
        generated = _generated(self._module, statement, self._computed)
        shift = start - self._computed[statement].start
        written = self._parsed[max(shift, 0) : shift + len(generated)]
        # Every statement ends its line, the last one of a text maybe not.
        if written == generated or f"{written}{self._module.default_newline}" == generated:
            self._shifts[statement] = shift

    @cached_property
    def _whole(self) -> _Whole:
        return _Whole(self._module, self._text, self._parsed)


def _paired(module: cst.Module, starts: Sequence[int]) -> dict[cst.CSTNode, int]:
    """The starts by statement of libcst: a line of simple ones is one of its own."""
    paired: dict[cst.CSTNode, int] = {}
    at = 0
    for statement in module.body:
        if at >= len(starts):
            return {}
        paired[statement] = starts[at]
        at += len(statement.body) if isinstance(statement, cst.SimpleStatementLine) else 1
    return paired if at == len(starts) else {}


class _Whole:
    """Positions by node, mapped back to the real text where libcst lost characters."""

    def __init__(self, module: cst.Module, text: str, parsed: str) -> None:
        self._computed: dict[cst.CSTNode, CodeSpan] = {}
        generated = _generated(module, module, self._computed)
        self.is_faithful = generated == parsed
        self._text = text
        # `except E :` and `f"{x!s  }"` lose white space, but never a line.
        self._from = [] if self.is_faithful else line_starts(generated)
        self._to = [] if self.is_faithful else line_starts(parsed)

    def span(self, node: cst.CSTNode) -> tuple[int, int]:
        """Where a node is."""
        found = self._computed[node]
        start, end = found.start, found.start + found.length
        return (start, end) if self.is_faithful else (self._moved(start), self._moved(end))

    def _moved(self, offset: int) -> int:
        line = bisect_right(self._from, offset) - 1
        if line >= len(self._to):
            return len(self._text)
        after = self._to[line + 1] - 1 if line + 1 < len(self._to) else len(self._text)
        return min(self._to[line] + offset - self._from[line], after)


class _Recorder:
    """Where libcst's code generation leaves the spans, in characters."""

    def __init__(self, computed: dict[cst.CSTNode, CodeSpan]) -> None:
        self._computed = computed


def _generated(module: cst.Module, node: cst.CSTNode, computed: dict[cst.CSTNode, CodeSpan]) -> str:
    """The code of a node; the spans in it are added to `computed`."""
    state = SpanProvidingCodegenState(
        default_indent=module.default_indent,
        default_newline=module.default_newline,
        provider=cast("BaseMetadataProvider[CodeSpan]", _Recorder(computed)),
    )
    node._codegen(state)
    return "".join(state.tokens)
