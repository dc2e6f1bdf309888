"""Builds text edits from nodes: replacing, wrapping a statement, adding an import."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

import libcst as cst

from funcpipe_lint.model import Edit
from funcpipe_lint.rule.names import Names
from funcpipe_lint.rule.tree import FROM_IMPORTS, IMPORTS, Tree, descendants

_STRINGS = ("SimpleString", "FormattedString", "TemplatedString")  # the last since libcst 1.8.6
# Texts, whose further lines are part of their value: no fix indents them.
TEXTS = tuple(getattr(cst, name) for name in _STRINGS if hasattr(cst, name))
# What fixes import that not every Python has.
_SINCE = {"contextlib.aclosing": (3, 10)}


class Edits:
    """Edits of one module, which runs on `oldest` Python and later, where that is known. Positions
    are computed when the first one is built."""

    def __init__(self, tree: Tree, names: Names, oldest: tuple[int, ...] = ()) -> None:
        self._tree = tree
        self._names = names
        self._oldest = oldest

    def replace(self, node: cst.CSTNode, text: str) -> Edit:
        """The node's own text becomes `text`."""
        return self.put(*self._tree.span(node), text)

    def put(self, start: int, end: int, text: str) -> Edit:
        """`text` in the place of others, apart from a word that it would run into: after
        `yield(1)` comes `yield Ok(1)`."""
        before = self._tree.text[start - 1 : start]
        runs_in = before != "" and (before + text[:1]).isidentifier()
        return Edit(start, end, f" {text}" if runs_in else text)

    def unused(self, words: Iterable[str], function: cst.CSTNode) -> str:
        """The first of some words that a function does not have; empty where it has them all."""
        return next((word for word in words if not self._tree.named_in(word, function)), "")

    def whole(self, node: cst.BaseExpression) -> str:
        """The node's own text, in parentheses where it stands in some: without them, `(yield)` is
        no expression."""
        code = self._tree.code(node)
        return f"({code})" if node.lpar else code

    def drops_comment(self, node: cst.CSTNode, kept: cst.CSTNode) -> bool:
        """Whether a comment may stand in a node, and not in the part of it that is kept."""
        start, end = self._tree.span(node)
        begin, stop = self._tree.span(kept)
        text = self._tree.text
        return "#" in text[start:begin] or "#" in text[stop:end]

    def insert_before(self, node: cst.CSTNode, text: str) -> Edit:
        """`text` goes right before the node, and its decorators."""
        if isinstance(node, cst.FunctionDef | cst.ClassDef) and node.decorators:
            node = node.decorators[0]
        start, _ = self._tree.span(node)
        return Edit(start, start, text)

    def insert_after(self, node: cst.CSTNode, text: str) -> Edit:
        """`text` goes right after the node."""
        _, end = self._tree.span(node)
        return Edit(end, end, text)

    def between(self, first: cst.CSTNode, last: cst.CSTNode, text: str) -> Edit:
        """Everything from the beginning of `first` up to `last` becomes `text`."""
        return Edit(self._tree.span(first)[0], self._tree.span(last)[0], text)

    def remove_statement(self, statement: cst.CSTNode) -> Edit:
        """A statement that stands alone on its lines goes, with its line end."""
        start, end = self._tree.span(statement)
        first, _ = self._tree.place(start)
        last, _ = self._tree.place(end)
        begin = self._tree.line_start(first)
        text = self._tree.text
        stop = self._tree.line_start(last + 1) if last < len(self._tree.line_starts) else len(text)
        return Edit(begin, stop, "")

    def indentation(self, statement: cst.CSTNode) -> str:
        """The white space before a statement that begins its line."""
        start, _ = self._tree.span(statement)
        line, _ = self._tree.place(start)
        return self._tree.text[self._tree.line_start(line) : start]

    def wrap(
        self, statement: cst.CSTNode, header: str, inner: tuple[Edit, ...] = ()
    ) -> Edit | None:
        """`header` (with its colon) goes above a compound statement, which moves one level in.

        `inner` are edits within the statement, applied on the way. Lines inside strings keep their
        indentation: it is part of their value. None where the statement does not begin its line.
        """
        indent = self.indentation(statement)
        if indent.strip():
            return None
        start, end = self._tree.span(statement)
        text, tree = self._tree.text, self._tree
        unit = "\t" if "\t" in indent else tree.module.default_indent
        shifts = [
            Edit(offset, offset, unit)
            for offset in self._lines_in(statement)
            if not any(e.start < offset <= e.end for e in inner)
        ]
        body = apply_edits(text, [*shifts, *inner], start, end)
        newline = tree.module.default_newline
        return Edit(start, end, f"{header}{newline}{indent}{unit}{body}")

    def indented(self, node: cst.CSTNode, old: str, new: str) -> str:
        """The node's own text with `new` in the place of `old` before each further line; lines
        inside strings, and those that begin otherwise, stay as they are."""
        text = self._tree.text
        shifts = [
            Edit(offset, offset + len(old), new)
            for offset in self._lines_in(node)
            if text.startswith(old, offset)
        ]
        return apply_edits(text, shifts, *self._tree.span(node))

    def _lines_in(self, node: cst.CSTNode) -> list[int]:
        """Where the lines in a node begin, after its first; those that are empty or begin inside a
        string left out."""
        start, end = self._tree.span(node)
        text = self._tree.text
        strings = [
            self._tree.span(below) for below in descendants(node) if isinstance(below, TEXTS)
        ]
        return [
            offset
            for offset in self._tree.lines_within(start, end)
            if not any(a < offset <= b for a, b in strings)
            and text[offset : offset + 1] not in ("\r", "\n", "")
        ]

    def import_name(self, dotted: str, at: cst.CSTNode) -> tuple[str, tuple[Edit, ...]] | None:
        """How to write `module.name` at a node, and the edits that import it.

        Reuses any alias that the module has; None where the name is taken by something else, or is
        newer than the oldest Python that the module is for.
        """
        module, _, name = dotted.rpartition(".")
        for local, known in self._module_imports:
            if known == dotted and self._means(local, at, dotted):
                return local, ()
            if known == module and self._means(local, at, module):
                return f"{local}.{name}", ()
        if self._names.bindings(name, at) or self._tree.mentions(name):
            return None
        if self._oldest and self._oldest < _SINCE.get(dotted, ()):
            return None
        return name, (self._import_edit(module, name),)

    @cached_property
    def _module_imports(self) -> list[tuple[str, str]]:
        found = self._names.bound_in(self._tree.module)
        pairs = [(b.name, b.dotted) for many in found.values() for b in many if b.kind == "import"]
        return sorted(pairs, key=lambda pair: -len(pair[1]))

    def _means(self, local: str, at: cst.CSTNode, dotted: str) -> bool:
        binding = self._names.only(local, at)
        if binding is None or binding.dotted != dotted:
            return False
        # Under `if TYPE_CHECKING`, `try` or in a later line the name may not be there at run time.
        line = self._tree.parent(binding.node)
        return line is not None and self._tree.parent(line) is self._tree.module

    def _import_edit(self, module: str, name: str) -> Edit:
        block = self._import_block()
        newline = self._tree.module.default_newline
        for line in block:
            (source,) = line.body
            if isinstance(source, cst.ImportFrom) and self._extends(source, module):
                names = source.names
                if not isinstance(names, cst.ImportStar):
                    after = [a for a in names if a.evaluated_name.lower() > name.lower()]
                    if after:
                        return self.insert_before(after[0], f"{name}, ")
                    return self.insert_after(names[-1], f", {name}")
        statement = f"from {module} import {name}{newline}"
        later = [line for line in block if _sort_key(line) > (1, module)]
        if later:
            return self.insert_before(later[0], statement)
        if block:
            return self.after_line(block[-1], statement)
        return self._after_header(statement)

    def _extends(self, source: cst.ImportFrom, module: str) -> bool:
        if source.relative or source.lpar is not None or source.module is None:
            return False
        return self._tree.code(source.module) == module

    def _import_block(self) -> list[cst.SimpleStatementLine]:
        """The first run of plain imports at the top of the module, `__future__` left out."""
        block: list[cst.SimpleStatementLine] = []
        for line in self._tree.module.body:
            is_import = (
                isinstance(line, cst.SimpleStatementLine)
                and len(line.body) == 1
                and isinstance(line.body[0], (*IMPORTS, *FROM_IMPORTS))
            )
            if not isinstance(line, cst.SimpleStatementLine) or (block and not is_import):
                break
            if is_import and not _is_future(line):
                # A blank line ends the group that a standard-library import belongs to.
                if block and line.leading_lines:
                    break
                block.append(line)
            elif not is_import and not is_docstring(line):
                break
        return block

    def after_line(self, line: cst.CSTNode, text: str) -> Edit:
        """`text`, with its line end, goes below the last line of a statement."""
        _, end = self._tree.span(line)
        number, _ = self._tree.place(end)
        starts = self._tree.line_starts
        if number < len(starts):
            return Edit(starts[number], starts[number], text)
        newline = self._tree.module.default_newline
        return Edit(len(self._tree.text), len(self._tree.text), newline + text.rstrip("\r\n"))

    def _after_header(self, statement: str) -> Edit:
        """Below the docstring and the `__future__` imports of a module that imports nothing."""
        newline = self._tree.module.default_newline
        last: cst.CSTNode | None = None
        for line in self._tree.module.body:
            if not isinstance(line, cst.SimpleStatementLine):
                break
            if not (_is_future(line) or is_docstring(line)):
                break
            last = line
        if last is not None:
            return self.after_line(last, newline + statement)
        body = self._tree.module.body
        if not body:
            return Edit(0, 0, statement)
        return self.insert_before(body[0], f"{statement}{newline}{newline}")


def apply_edits(text: str, edits: list[Edit], start: int = 0, end: int | None = None) -> str:
    """The text `start:end` with the edits, which must not overlap, applied. O(text + edits log)."""
    parts: list[str] = []
    position = start
    for edit in sorted(edits):
        parts += (text[position : edit.start], edit.text)
        position = edit.end
    parts.append(text[position : len(text) if end is None else end])
    return "".join(parts)


def _is_future(line: cst.SimpleStatementLine) -> bool:
    source = line.body[0] if line.body else None
    return (
        isinstance(source, cst.ImportFrom)
        and isinstance(source.module, cst.Name)
        and source.module.value == "__future__"
    )


def is_docstring(line: cst.CSTNode) -> bool:
    """Whether a statement is a text and nothing else."""
    if not isinstance(line, cst.SimpleStatementLine):
        return False
    expression = line.body[0] if line.body else None
    return isinstance(expression, cst.Expr) and isinstance(
        expression.value, cst.SimpleString | cst.ConcatenatedString
    )


def _sort_key(line: cst.SimpleStatementLine) -> tuple[int, str]:
    source = line.body[0]
    if isinstance(source, cst.Import):
        return 0, source.names[0].evaluated_name
    if isinstance(source, cst.ImportFrom) and not source.relative and source.module is not None:
        return 1, _text(source.module)
    return 2, ""


def _text(node: cst.CSTNode) -> str:
    return cst.Module([]).code_for_node(node)
