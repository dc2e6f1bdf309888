"""Imports that a fix has left unused: the edits that take them away."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator

import libcst as cst

from funcpipe_lint.model import Edit
from funcpipe_lint.read.syntax import libcst_module
from funcpipe_lint.rule.edits import Edits, is_docstring
from funcpipe_lint.rule.names import Names
from funcpipe_lint.rule.tree import FROM_IMPORTS, IMPORTS, Tree

# Importing them does nothing but bind names, so that nobody misses the import itself.
_INERT = sys.stdlib_module_names | {"typing_extensions"}
_TYPE_COMMENT = re.compile(r"#\s*type:.*")


def without_use(before: str, after: str) -> list[Edit]:
    """Edits of `after` that remove the names imported from the standard library which `before`
    uses and `after` does not. O(both texts).

    A name that the module hands on stays: one in `__all__`, or imported `as` itself. So does one
    under a condition other than `if TYPE_CHECKING`, one that is imported twice, and one whose
    removal would take a comment along.
    """
    new, old = _Uses(after), _Uses(before)
    edits: list[Edit] = []
    for line, source in new.imports():
        names = source.names
        assert not isinstance(names, cst.ImportStar)
        gone = [a for a in names if new.is_last(a) and not new.uses(a) and old.uses(a)]
        if len(gone) == len(names):
            edits += new.removed(line)
        elif gone:
            edits += new.dropped(gone, list(names))
    return edits


class _Uses:
    """Which names a text uses besides importing them."""

    def __init__(self, text: str) -> None:
        self.tree = Tree(libcst_module(text), text)
        self._edits = Edits(self.tree, Names(self.tree, "", False))
        texts = [_TYPE_COMMENT.findall(text)]
        texts += [[self.tree.code(s)] for s in self._strings()]
        self._texts = "\n".join(each for some in texts for each in some)

    def _strings(self) -> Iterator[cst.SimpleString]:
        """Strings that may hold an annotation or name what is handed on."""
        for string in self.tree.of(cst.SimpleString):
            if not is_docstring(self.tree.statement(string)):
                yield string

    def imports(self) -> Iterator[tuple[cst.SimpleStatementLine, cst.ImportFrom]]:
        """The imports from inert modules, by the lines of their own that they stand on."""
        for source in self.tree.of(cst.ImportFrom):
            line = self.tree.parent(source)
            if source.relative or source.module is None or isinstance(source.names, cst.ImportStar):
                continue
            root = self.tree.code(source.module).partition(".")[0]
            if root not in _INERT or root == "__future__" or not self._is_plain(line):
                continue
            assert isinstance(line, cst.SimpleStatementLine)
            yield line, source

    def _is_plain(self, line: cst.CSTNode | None) -> bool:
        if not isinstance(line, cst.SimpleStatementLine) or len(line.body) != 1:
            return False
        block = self.tree.parent(line)
        above = None if block is None else self.tree.parent(block)
        if not isinstance(above, cst.If) or above.body is not block:
            return block is self.tree.module
        return "TYPE_CHECKING" in self.tree.code(above.test)

    def is_last(self, alias: cst.ImportAlias) -> bool:
        """Whether an import binds a name that no other import binds, and that is not handed on."""
        name = _bound(alias)
        if alias.evaluated_alias == alias.evaluated_name:
            return False
        return sum(_bound(other) == name for other in self.tree.of(cst.ImportAlias)) == 1

    def uses(self, alias: cst.ImportAlias) -> bool:
        """Whether anything but an import mentions the name that an alias binds."""
        name = _bound(alias)
        in_code = any(
            not any(isinstance(a, (*IMPORTS, *FROM_IMPORTS)) for a in self.tree.ancestors(each))
            for each in self.tree.named(name)
        )
        return in_code or re.search(rf"\b{re.escape(name)}\b", self._texts) is not None

    def removed(self, line: cst.SimpleStatementLine) -> list[Edit]:
        """An import goes as a whole, unless a comment stands on its lines."""
        whole = self._edits.remove_statement(line)
        if not self.tree.is_faithful or "#" in self.tree.text[whole.start : whole.end]:
            return []
        alone = (
            len(self.tree.siblings(line)) == 1 and self.tree.parent(line) is not self.tree.module
        )
        return [self._edits.replace(line, "pass") if alone else whole]

    def dropped(self, gone: list[cst.ImportAlias], names: list[cst.ImportAlias]) -> list[Edit]:
        """Some of several names go, each with the comma that parts it from the next; those behind
        the last that stays, with the comma before them."""
        last = max(at for at, alias in enumerate(names) if alias not in gone)
        places = [
            (self.tree.span(alias)[0], self.tree.span(names[at + 1])[0])
            for at, alias in enumerate(names[:last])
            if alias in gone
        ]
        if last + 1 < len(names):
            places.append((self.tree.span(names[last])[1], self.tree.span(names[-1])[1]))
        text = self.tree.text
        is_bare = self.tree.is_faithful and not any("#" in text[a:b] for a, b in places)
        return [Edit(start, end, "") for start, end in places] if is_bare else []


def _bound(alias: cst.ImportAlias) -> str:
    return alias.evaluated_alias or alias.evaluated_name
