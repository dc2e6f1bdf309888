"""A file's bytes to its findings: screens, what is left out, one parse, one walk."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property, partial
from typing import TYPE_CHECKING

from funcpipe_lint.judging import judged
from funcpipe_lint.model import Crash, FileReport, Settings
from funcpipe_lint.nesting import refusal
from funcpipe_lint.offsets import Cuts, Start, overwritten, starts_in
from funcpipe_lint.packages import module_name
from funcpipe_lint.rules import KNOWN_CODES, RULES, UNUSED_SUPPRESSION, load
from funcpipe_lint.screening.candidates import Candidates
from funcpipe_lint.screening.prefilter import may_silence_all, may_suppress
from funcpipe_lint.screening.screens import LOCAL
from funcpipe_lint.screening.spelling import may_respell
from funcpipe_lint.slices.prune import LeftOut, left_out
from funcpipe_lint.slices.slicing import cuts
from funcpipe_lint.source import Source, UndecodableError, is_notebook
from funcpipe_lint.syntax import UNPARSABLE, failure, is_newer_python, parse
from funcpipe_lint.vocabulary import STREAM_TYPES, SYNC_TYPES, last_words

if TYPE_CHECKING:
    from funcpipe_lint.rule import Rule

# libcst recurses with the code when it generates positions: 3,000 links of a chain are held.
_RECURSION_LIMIT = 20_000


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
        from funcpipe_lint.plugins import rules_of

        theirs = rules_of(self.settings.plugins)
        return tuple(rule for rule in theirs if rule.code in self.settings.rules)

    @cached_property
    def _candidates(self) -> Candidates:
        return Candidates(self.settings, self._theirs)

    @cached_property
    def _unscreened(self) -> Engine:
        return Engine(self.settings, use_screens=False, noqa=self._noqa)

    def check(self, path: str, raw: bytes, *, is_syntax_due: bool = True) -> FileReport:
        """What the rules say of a file's content. Never raises for what the file holds.

        With `is_syntax_due=False` a file that its async functions clear is not parsed to its end,
        nor what its rules need not see.
        """
        if is_notebook(path):
            from funcpipe_lint.notebook import check_notebook

            return check_notebook(path, raw, self.check_source)
        try:
            return self.check_source(path, Source.decode(raw), is_syntax_due=is_syntax_due)
        except UndecodableError as error:
            return failure(path, error)

    def check_source(
        self,
        path: str,
        source: Source,
        line_name: Callable[[int], str] = str,
        *,
        is_syntax_due: bool = True,
    ) -> FileReport:
        """What the rules say of a decoded file; `line_name` is how messages name its lines."""
        if self._use_screens and may_respell(source.text):
            return self._unscreened.check_source(path, source, line_name)
        # A notebook drives streams outside functions too: its functions alone do not tell.
        is_screened = self._use_screens and not is_notebook(path)
        known = self._candidates.of_bytes(source.raw, path) if is_screened else None
        is_clear = known is not None and not known
        if known is not None and not is_syntax_due:
            shown = FileReport(path) if is_clear else self._shown(path, source, known, line_name)
            if shown is not None:
                return self._suppressed(shown, source)
        try:
            syntax = parse(source.text)
        except UNPARSABLE as error:
            if not isinstance(error, SyntaxError) or not is_newer_python(source.text):
                return failure(path, error)
            report = FileReport(path)
            if not is_clear:
                report = self._findings(path, source, self._loaded(known), (), line_name)
            return self._suppressed(report, source)
        report = FileReport(path)
        if not is_clear:
            if self._use_screens:
                root = module_name(path)[0].partition(".")[0]
                known = frozenset(self._candidates.of_tree(syntax, source, root, known))
            report = self._checked(path, source, syntax, known, line_name)
        return self._suppressed(report, source)

    def _shown(
        self, path: str, source: Source, codes: frozenset[str], line_name: Callable[[int], str]
    ) -> FileReport | None:
        """What the rules with these codes say, by what they can ask of a file; None where it is not
        certain what that is."""
        if is_notebook(path) or self._candidates.may_hold_results(source.raw):
            return None
        cut = cuts(source.text, codes, self.settings)
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
        return self._findings(path, source, self._loaded(codes), cut, line_name, starts)

    def _loaded(self, codes: frozenset[str] | None) -> list[Rule]:
        """The selected rules with these codes; None: all of them."""
        own = [code for code in self.settings.rules if code in RULES]
        wanted = [code for code in own if codes is None or code in codes]
        for code in wanted:
            if code not in self._own:
                self._own[code] = load(code)
        theirs = [rule for rule in self._theirs if codes is None or rule.code in codes]
        return [*(self._own[code] for code in wanted), *theirs]

    def _checked(
        self,
        path: str,
        source: Source,
        syntax: ast.Module,
        codes: frozenset[str] | None,
        line_name: Callable[[int], str],
    ) -> FileReport:
        wanted = self._loaded(codes)
        if not wanted:
            return FileReport(path)
        if self._use_screens and codes is not None:
            shown = self._shown(path, source, codes, line_name)
            if shown is not None:
                return shown
        unseen = LeftOut()
        if not is_notebook(path):
            unseen = self._left_out(path, source, syntax, wanted)
        reason = refusal(syntax, unseen.functions)
        if reason:
            return _failed(path, f"cannot be checked: {reason}")
        starts = partial(starts_in, source.text, syntax)
        return self._findings(path, source, wanted, unseen.cuts, line_name, starts)

    def _left_out(
        self, path: str, source: Source, syntax: ast.Module, wanted: list[Rule]
    ) -> LeftOut:
        """What the wanted rules need not see. In a module of Results, and to the rules of plugins,
        any function may matter."""
        if not self._use_screens or any(rule.code not in RULES for rule in wanted):
            return LeftOut()
        root = module_name(path)[0].partition(".")[0]
        if self._candidates.is_of_results(syntax, source.raw, root):
            return LeftOut()
        types: tuple[str, ...] | None = SYNC_TYPES if self.settings.everywhere else STREAM_TYPES
        if all(rule.code in LOCAL - set(self.settings.everywhere) for rule in wanted):
            types = None
        called = last_words(self.settings.collectors) if self.settings.shell else ()
        # What is gathered may be bound to a stream of calls, wherever that is.
        called = (*called, *last_words(self.settings.spawners), "gather")
        return left_out(syntax, source.text, types, called)

    def _suppressed(self, report: FileReport, source: Source) -> FileReport:
        """The report with what the file's comments silence left out, and FP001 for the unused."""
        # Reading comments costs as much as checking; most files hold none that could matter.
        names_us = UNUSED_SUPPRESSION in self.settings.rules or bool(report.violations)
        may_matter = names_us and may_suppress(source.raw, self._plugin_codes)
        if not may_matter and not (report.violations and may_silence_all(source.raw)):
            return report
        from funcpipe_lint.suppress import apply

        kept, silenced = apply(
            report.path,
            source.text,
            report.violations,
            (*KNOWN_CODES, *self._plugin_codes),
            self.settings.rules,
            noqa=self._noqa,
        )
        kept.sort(key=lambda v: v.order)
        return report._replace(violations=tuple(kept), suppressed=silenced)

    def _findings(
        self,
        path: str,
        source: Source,
        wanted: list[Rule],
        cut: Cuts,
        line_name: Callable[[int], str],
        starts: Callable[[], Sequence[Start]] = tuple,
    ) -> FileReport:
        import libcst as cst

        from funcpipe_lint.rule import Context
        from funcpipe_lint.tree import Tree

        with _deep_recursion():
            try:
                module = cst.parse_module(overwritten(source.text, cut))
            except Exception as error:  # libcst raises AttributeError and more on odd layouts
                reason = getattr(error, "message", None) or error
                return _failed(path, f"libcst cannot parse it, though it is valid Python: {reason}")
            name, is_package = module_name(path)
            tree = Tree(module, source.text, cut, starts)
            ctx = Context(tree, self.settings, path, name, is_package, line_name)
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
