"""Edits to new bytes: to a fixed point, and never to something that does not parse."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple, TypeVar

from funcpipe_lint.check.engine import Engine
from funcpipe_lint.check.fixing.unused_imports import without_use
from funcpipe_lint.check.fixing.writing import replace_file
from funcpipe_lint.model import Edit, Violation
from funcpipe_lint.read.source import Source, UndecodableError, is_notebook, read_bytes
from funcpipe_lint.read.syntax import is_python
from funcpipe_lint.rule.edits import apply_edits

D = TypeVar("D")
# Each pass applies what does not overlap; nested loops take one pass a level.
_MAX_PASSES = 100


def chosen_edits(violations: Iterable[Violation], *, unsafe: bool) -> list[Edit]:
    """The edits of as many fixes as fit together, first come first served; a fix goes in whole."""
    taken: list[Edit] = []
    for violation in violations:
        fix = violation.fix
        if fix is None or not (fix.safe or unsafe):
            continue
        new = [edit for edit in fix.edits if edit not in taken]
        if not any(_overlap(a, b) for a in new for b in taken):
            taken += new
    return sorted(taken)


def _overlap(a: Edit, b: Edit) -> bool:
    if a.start == a.end == b.start == b.end:
        return True  # two insertions in one place: their order would be chance
    return a.start < b.end and b.start < a.end


def fixed(
    path: str,
    source: Source,
    engine: Engine,
    *,
    unsafe: bool,
    ignored: Iterable[str] = (),
) -> Source:
    """The source with every applicable fix in it but those of ignored codes, linted again until
    none is left.

    A pass whose outcome does not parse, or that the file's encoding cannot hold, is given up, and
    what the pass before gave returned.
    """

    def check(one: Source) -> Iterable[Violation]:
        return _without(ignored, engine.check_source(path, one).violations)

    return _settled(source, check, _edited, _own_text, unsafe=unsafe)


def _own_text(source: Source) -> str:
    return source.text


def _without(ignored: Iterable[str], violations: Iterable[Violation]) -> list[Violation]:
    return [v for v in violations if not v.is_among(ignored)]


def _edited(source: Source, edits: list[Edit]) -> Source | None:
    text = apply_edits(source.text, edits)
    try:
        raw = source.encode(text)
    except UnicodeEncodeError:
        return None
    return source._replace(text=text, raw=raw) if is_python(text) else None


def _settled(
    document: D,
    check: Callable[[D], Iterable[Violation]],
    edited: Callable[[D, list[Edit]], D | None],
    text_of: Callable[[D], str],
    *,
    unsafe: bool,
) -> D:
    """A document with every fix in it that `edited` takes, and without the imports that they leave
    unused."""
    original = text_of(document)
    for _ in range(_MAX_PASSES):
        edits = chosen_edits(check(document), unsafe=unsafe)
        after = edited(document, edits) if edits else None
        if after is None:
            break
        document = after
    if text_of(document) == original:
        return document
    edits = without_use(original, text_of(document))
    return (edited(document, edits) if edits else None) or document


def fixed_notebook(
    path: str, raw: bytes, engine: Engine, *, unsafe: bool, ignored: Iterable[str]
) -> bytes:
    """A notebook's bytes with every applicable fix in its cells; as they are where it is none."""
    from funcpipe_lint.read.notebooks.ipynb import NotebookError
    from funcpipe_lint.read.notebooks.notebook import Notebook

    def check(notebook: Notebook) -> Iterable[Violation]:
        found = _without(ignored, engine.check_source(path, notebook.source).violations)
        return [v for v in found if v.fix is not None and notebook.takes(v.fix.edits)]

    def cells_text(notebook: Notebook) -> str:
        return notebook.source.text

    try:
        notebook = Notebook.read(raw)
    except NotebookError:
        return raw
    return _settled(notebook, check, Notebook.edited, cells_text, unsafe=unsafe).raw


def fix_file(
    path: str,
    engine: Engine,
    *,
    unsafe: bool,
    ignored: Iterable[str] = (),
) -> FixOutcome:
    """Reads a file and gives its bytes with all fixes in them but those of ignored codes; nothing
    is written. Raises OSError."""
    raw = read_bytes(path)
    if is_notebook(path):
        after = fixed_notebook(path, raw, engine, unsafe=unsafe, ignored=ignored)
        return FixOutcome(path, raw, after)
    try:
        source = Source.decode(raw)
    except UndecodableError:
        return FixOutcome(path, raw, raw)
    if not source.is_stable:
        return FixOutcome(path, raw, raw)
    after = fixed(path, source, engine, unsafe=unsafe, ignored=ignored).raw
    return FixOutcome(path, raw, after)


class FixOutcome(NamedTuple):
    """A file's bytes before and after its fixes."""

    path: str
    before: bytes
    after: bytes

    @property
    def changed(self) -> bool:
        """Whether there is anything to write."""
        return self.before != self.after

    def write(self) -> None:
        """Replaces the file at once; raises OSError, with the file as it was: also where it is no
        longer what was read."""
        replace_file(self.path, self.after, self.before)
