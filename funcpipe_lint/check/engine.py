"""A file's bytes to its findings: screens, what is left out, one parse, one walk."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property, partial
from typing import TYPE_CHECKING, NamedTuple

from funcpipe_lint.check.judging import judged
from funcpipe_lint.check.nesting import refusal
from funcpipe_lint.model import Crash, FileReport, Link, Settings
from funcpipe_lint.model.codes import KNOWN_CODES, RULES, UNUSED_SUPPRESSION, load
from funcpipe_lint.program.links import SPEAKING, may_link
from funcpipe_lint.read.interruption import end_if_interrupted
from funcpipe_lint.read.offsets import Cuts, Start, overwritten, starts_in
from funcpipe_lint.read.packages import module_name
from funcpipe_lint.read.source import Source, UndecodableError, is_notebook
from funcpipe_lint.read.syntax import UNPARSABLE, failure, is_newer_python, libcst_module, parse
from funcpipe_lint.screen.declaration import Shape
from funcpipe_lint.screen.parsed.candidates import Candidates
from funcpipe_lint.screen.slices.slicing import cuts
from funcpipe_lint.screen.slices.spelling import may_respell
from funcpipe_lint.screen.text.prefilter import may_silence_all, may_suppress

if TYPE_CHECKING:
    from funcpipe_lint.rule import Rule

# libcst recurses with the code when it generates positions: 3,000 links of a chain are held.
_RECURSION_LIMIT = 20_000


class _File(NamedTuple):
    """A file that is being checked."""

    path: str
    source: Source
    line_name: Callable[[int], str]
    links: Sequence[Link]


class Engine:
    """Checks files one after the other under fixed settings. Rules, and libcst, load on demand."""

    def __init__(self, settings: Settings, *, use_screens: bool = True, noqa: bool = True) -> None:
        self.settings = settings
        self._use_screens = use_screens
        self._noqa = noqa
        self._plugin_codes = tuple(code for p in settings.plugins for code in p.codes)
        self._own: dict[str, Rule] = {}

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        """The selected rules."""
        return tuple(self._loaded(None))

    @cached_property
    def _theirs(self) -> tuple[Rule, ...]:
        if not self.settings.plugins:
            return ()
        from funcpipe_lint.config.plugins import rules_of

        theirs = rules_of(self.settings.plugins)
        return tuple(rule for rule in theirs if rule.code in self.settings.rules)

    @cached_property
    def _candidates(self) -> Candidates:
        return Candidates(self.settings, self._theirs)

    @cached_property
    def _unscreened(self) -> Engine:
        return Engine(self.settings, use_screens=False, noqa=self._noqa)

    def check(
        self,
        path: str,
        raw: bytes,
        *,
        is_syntax_due: bool = True,
        links: Sequence[Link] | None = None,
    ) -> FileReport:
        """What the rules say of a file's content. Never raises for what the file holds.

        With `is_syntax_due=False` a file that its async functions clear is not parsed to its end,
        nor what its rules need not see. `links` are what its expressions stand for elsewhere in the
        program; None: the files around it are asked.
        """
        if is_notebook(path):
            from funcpipe_lint.read.notebooks.notebook import check_notebook

            return check_notebook(path, raw, partial(self.check_source, links=links))
        try:
            source = Source.decode(raw)
            return self.check_source(path, source, is_syntax_due=is_syntax_due, links=links)
        except UndecodableError as error:
            return failure(path, error)

    def check_source(
        self,
        path: str,
        source: Source,
        line_name: Callable[[int], str] = str,
        *,
        is_syntax_due: bool = True,
        links: Sequence[Link] | None = None,
    ) -> FileReport:
        """What the rules say of a decoded file; `line_name` is how messages name its lines."""
        file = _File(path, source, line_name, self._linked(path, source, links))
        if self._use_screens and may_respell(source.text):
            return self._unscreened.check_source(path, source, line_name, links=file.links)
        # A notebook drives streams outside functions too: its functions alone do not tell.
        is_screened = self._use_screens and not is_notebook(path)
        known = self._candidates.of_bytes(source.raw, path) if is_screened else None
        known = self._with_linked(file, known)
        is_clear = known is not None and not known
        if known is not None and not is_syntax_due:
            shown = FileReport(path) if is_clear else self._shown(file, known)
            if shown is not None:
                return self._suppressed(shown, source)
        try:
            syntax = parse(source.text)
        except UNPARSABLE as error:
            if not isinstance(error, SyntaxError) or not is_newer_python(source.text):
                return failure(path, error)
            report = FileReport(path)
            if not is_clear:
                report = self._findings(file, self._loaded(known), ())
            return self._suppressed(report, source)
        report = FileReport(path)
        if not is_clear:
            if self._use_screens:
                known = frozenset(self._candidates.of_tree(syntax, source, known))
                known = self._with_linked(file, known)
            report = self._checked(file, syntax, known)
        return self._suppressed(report, source)

    def _linked(self, path: str, source: Source, links: Sequence[Link] | None) -> Sequence[Link]:
        """The links of a file: those that are given, or what the files around it tell."""
        if links is not None:
            return links
        if not may_link(source.raw, self.settings.rules):
            return ()
        from funcpipe_lint.program.linking import Linker

        return Linker(self.settings).links(path, source).links

    def _with_linked(self, file: _File, known: frozenset[str] | None) -> frozenset[str] | None:
        """The codes that may speak of a file, with those that speak of its links."""
        if known is None or not file.links:
            return known
        linked = {code for link in file.links for code in SPEAKING[link.kind]}
        return known | (linked & set(self.settings.rules))

    def _shown(self, file: _File, codes: frozenset[str]) -> FileReport | None:
        """What the rules with these codes say, by what they can ask of a file; None where it is not
        certain what that is."""
        source = file.source
        if is_notebook(file.path) or self._candidates.may_hold_results(source.raw):
            return None
        linked = {code for link in file.links for code in SPEAKING[link.kind]}
        asked = self._candidates.asked_by(codes, linked)
        for link in file.links:
            if asked is not None and link.is_lock:
                # No function need have the word; FP302 speaks of any loop cut off under a lock.
                asked |= {Shape.SCOPE_YIELD if link.kind == "lock" else Shape.ASYNC_FOR}
        cut = None if asked is None else cuts(source.text, asked, self.settings)
        if cut is None:
            return None
        left = overwritten(source.text, cut)
        starts: Callable[[], Sequence[Start]] = tuple
        try:
            syntax = parse(left)
        except UNPARSABLE as error:
            if not isinstance(error, SyntaxError) or not is_newer_python(left):
                return None
        else:
            if refusal(syntax):
                return None
            starts = partial(starts_in, left, syntax)
        return self._findings(file, self._loaded(codes), cut, starts)

    def _loaded(self, codes: frozenset[str] | None) -> list[Rule]:
        """The selected rules with these codes; None: all of them."""
        own = [code for code in self.settings.rules if code in RULES]
        wanted = [code for code in own if codes is None or code in codes]
        for code in wanted:
            if code not in self._own:
                self._own[code] = load(code)
        theirs = [rule for rule in self._theirs if codes is None or rule.code in codes]
        return [*(self._own[code] for code in wanted), *theirs]

    def _checked(self, file: _File, syntax: ast.Module, codes: frozenset[str] | None) -> FileReport:
        wanted = self._loaded(codes)
        if not wanted:
            return FileReport(file.path)
        if self._use_screens and codes is not None:
            shown = self._shown(file, codes)
            if shown is not None:
                return shown
        reason = refusal(syntax)
        if reason:
            return _failed(file.path, f"cannot be checked: {reason}")
        starts = partial(starts_in, file.source.text, syntax)
        return self._findings(file, wanted, (), starts)

    def _suppressed(self, report: FileReport, source: Source) -> FileReport:
        """The report with what the file's comments silence left out, and FP001 for the unused."""
        # Reading comments costs as much as checking; most files hold none that could matter.
        names_us = UNUSED_SUPPRESSION in self.settings.rules or bool(report.violations)
        may_matter = names_us and may_suppress(source.raw, self._plugin_codes)
        if not may_matter and not (report.violations and may_silence_all(source.raw)):
            return report
        from funcpipe_lint.check.suppress import apply

        kept, silenced = apply(
            report.path,
            source.text,
            report.violations,
            (*KNOWN_CODES, *self._plugin_codes),
            self.settings.rules,
            noqa=self._noqa,
            lacks_plugins=self.settings.lacks_plugins,
        )
        kept.sort(key=lambda v: v.order)
        return report._replace(violations=tuple(kept), suppressed=silenced)

    def _findings(
        self,
        file: _File,
        wanted: list[Rule],
        cut: Cuts,
        starts: Callable[[], Sequence[Start]] = tuple,
    ) -> FileReport:
        from funcpipe_lint.rule import Context
        from funcpipe_lint.rule.tree import Tree

        path, source, line_name, links = file
        with _deep_recursion():
            try:
                module = libcst_module(overwritten(source.text, cut))
            except Exception as error:
                end_if_interrupted(error)
                reason = getattr(error, "message", None) or error
                return _failed(path, f"libcst cannot parse it, though it is valid Python: {reason}")
            name, is_package = module_name(path)
            tree = Tree(module, source.text, cut, starts)
            ctx = Context(tree, self.settings, path, name, is_package, line_name, links)
            return judged(path, ctx, wanted)


def _failed(path: str, message: str) -> FileReport:
    return FileReport(path, crashes=(Crash(path, message),))


@contextmanager
def _deep_recursion() -> Iterator[None]:
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, _RECURSION_LIMIT))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)
