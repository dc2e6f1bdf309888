"""Where in the text a node of libcst is, by generating its code: a statement at a time."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple, cast

import libcst as cst
from libcst.metadata.base_provider import BaseMetadataProvider
from libcst.metadata.span_provider import CodeSpan, SpanProvidingCodegenState

from funcpipe_lint.read.offsets import Cuts, Start, line_starts, overwritten


class Spans:
    """Offsets by node.

    Code is generated for those statements of the module, or of its classes, that are asked for,
    each put where `starts` says that it begins itself, behind its decorators. One that does not
    come out as it is written there has the whole module generated.
    """

    def __init__(
        self, module: cst.Module, text: str, left_out: Cuts, starts: Callable[[], Sequence[Start]]
    ) -> None:
        self._module = module
        self._text = text
        self._left_out = left_out
        self._starts = starts
        self._members: dict[cst.CSTNode, dict[cst.CSTNode, Start]] = {}
        self._placed: dict[cst.CSTNode, _Placed | None] = {}

    @cached_property
    def _statements(self) -> dict[cst.CSTNode, Start]:
        return _paired(self._module.body, self._starts())

    @cached_property
    def _parsed(self) -> str:
        return overwritten(self._text, self._left_out)

    @property
    def is_faithful(self) -> bool:
        """Whether all that was asked for came out as it is written."""
        if not self._statements:
            return self._whole.is_faithful
        return "_whole" not in self.__dict__ or self._whole.is_faithful

    def span(self, node: cst.CSTNode, around: Sequence[cst.CSTNode]) -> tuple[int, int]:
        """Where a node is, white space around it left out; `around` are the node itself and those
        above it, the module left out, innermost first."""
        placed = self._member(around) or self._part(around[-1], self._statements, "")
        if placed is None:
            return self._whole.span(node)
        found = placed.computed[node]
        return placed.shift + found.start, placed.shift + found.start + found.length

    def _member(self, around: Sequence[cst.CSTNode]) -> _Placed | None:
        """Where the statement of a class of the module is that holds a node."""
        if len(around) < 3 or around[-1] in self._placed:
            return None
        member, block, owner = around[-3:]
        if not isinstance(owner, cst.ClassDef) or not isinstance(block, cst.IndentedBlock):
            return None
        if owner not in self._members:
            start = self._statements.get(owner)
            self._members[owner] = {} if start is None else _paired(block.body, start.members)
        indent = self._module.default_indent if block.indent is None else block.indent
        return self._part(member, self._members[owner], indent)

    def _part(
        self, part: cst.CSTNode, starts: Mapping[cst.CSTNode, Start], indent: str
    ) -> _Placed | None:
        if part not in self._placed and part in starts:
            self._placed[part] = self._generated(part, starts[part].at, indent)
        return self._placed.get(part)

    def _generated(self, part: cst.CSTNode, start: int, indent: str) -> _Placed | None:
        computed: dict[cst.CSTNode, CodeSpan] = {}
        generated = _generated(self._module, part, computed, indent)
        shift = start - computed[part].start
        written = self._parsed[max(shift, 0) : shift + len(generated)]
        # Every statement ends its line, the last one of a text maybe not.
        is_whole = written in (generated, generated.removesuffix(self._module.default_newline))
        return _Placed(shift, computed) if is_whole else None

    @cached_property
    def _whole(self) -> _Whole:
        return _Whole(self._module, self._text, self._parsed)


class _Placed(NamedTuple):
    """Where the nodes below a statement are in its code, and where that is."""

    shift: int
    computed: dict[cst.CSTNode, CodeSpan]


def _paired(body: Iterable[cst.CSTNode], starts: Sequence[Start]) -> dict[cst.CSTNode, Start]:
    """The starts by statement of libcst: a line of simple ones is one of its own."""
    paired: dict[cst.CSTNode, Start] = {}
    at = 0
    for statement in body:
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


def _generated(
    module: cst.Module, node: cst.CSTNode, computed: dict[cst.CSTNode, CodeSpan], indent: str = ""
) -> str:
    """The code of a node that is indented by this; the spans in it are added to `computed`."""
    state = SpanProvidingCodegenState(
        default_indent=module.default_indent,
        default_newline=module.default_newline,
        provider=cast("BaseMetadataProvider[CodeSpan]", _Recorder(computed)),
    )
    if indent:
        state.increase_indent(indent)
    node._codegen(state)
    return "".join(state.tokens)
