"""A file's bytes to its findings: screens, one parse, one walk, one cause one finding."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING

from funcpipe_lint.candidates import Candidates
from funcpipe_lint.model import Crash, FileReport, Note, Scope, Settings, Violation
from funcpipe_lint.nesting import refusal
from funcpipe_lint.offsets import Places, overwritten
from funcpipe_lint.packages import module_name
from funcpipe_lint.prefilter import may_suppress
from funcpipe_lint.prune import LeftOut, left_out
from funcpipe_lint.rules import KNOWN_CODES, RULES, UNUSED_SUPPRESSION, load
from funcpipe_lint.screens import LOCAL
from funcpipe_lint.source import Source, UndecodableError, is_notebook
from funcpipe_lint.syntax import UNPARSABLE, failure, is_newer_python, parse
from funcpipe_lint.vocabulary import STREAM_TYPES, SYNC_TYPES, last_words

if TYPE_CHECKING:
    from funcpipe_lint.rule import Context, Finding, Rule

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

    def check(self, path: str, raw: bytes, *, is_syntax_due: bool = True) -> FileReport:
        """What the rules say of a file's content. Never raises for what the file holds.

        With `is_syntax_due=False` a file that its async functions clear is not parsed to its end.
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
        # A notebook drives streams outside functions too: its functions alone do not tell.
        is_screened = self._use_screens and not is_notebook(path)
        known = self._candidates.of_bytes(source.raw) if is_screened else None
        is_clear = known is not None and not known
        if is_clear and not is_syntax_due:
            return self._suppressed(FileReport(path), source)
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
            report = self._checked(path, source, syntax, self._loaded(known), line_name)
        return self._suppressed(report, source)

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
        wanted: list[Rule],
        line_name: Callable[[int], str],
    ) -> FileReport:
        if not wanted:
            return FileReport(path)
        unseen = LeftOut()
        if not is_notebook(path):
            unseen = self._left_out(path, source, syntax, wanted)
        reason = refusal(syntax, unseen.functions)
        if reason:
            return _failed(path, f"cannot be checked: {reason}")
        return self._findings(path, source, wanted, unseen.places, line_name)

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
        called = (*called, *last_words(self.settings.spawners))
        return left_out(syntax, source.text, types, called)

    def _suppressed(self, report: FileReport, source: Source) -> FileReport:
        """The report with what the file's comments silence left out, and FP001 for the unused."""
        # Reading comments costs as much as checking; most files hold none that could matter.
        names_us = UNUSED_SUPPRESSION in self.settings.rules or bool(report.violations)
        may_matter = names_us and may_suppress(source.raw, self._plugin_codes)
        if not may_matter and not (report.violations and b"noqa" in source.raw.lower()):
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
        places: Places,
        line_name: Callable[[int], str],
    ) -> FileReport:
        import libcst as cst

        from funcpipe_lint.rule import Context
        from funcpipe_lint.tree import Tree

        with _deep_recursion():
            try:
                module = cst.parse_module(overwritten(source.text, places))
            except Exception as error:  # libcst raises AttributeError and more on odd layouts
                reason = getattr(error, "message", None) or error
                return _failed(path, f"libcst cannot parse it, though it is valid Python: {reason}")
            name, is_package = module_name(path)
            tree = Tree(module, source.text, places)
            ctx = Context(tree, self.settings, path, name, is_package, line_name)
            return _run(path, ctx, wanted)


def _run(path: str, ctx: Context, wanted: Iterable[Rule]) -> FileReport:
    """The findings of the rules on one module; a rule that raises loses only itself."""
    found: list[tuple[Rule, Finding]] = []
    crashes: list[Crash] = []
    for rule in wanted:
        if not _applies(rule, ctx):
            continue
        try:
            for node in ctx.tree.of(*rule.visits):
                found += [(rule, _judged(finding, ctx)) for finding in rule.check(node, ctx)]
        except Exception as error:
            crashes.append(Crash(path, _failure(rule, error)))
    violations = [_violation(path, rule, finding, ctx) for rule, finding in _one_a_cause(found)]
    violations.sort(key=lambda v: v.order)
    return FileReport(path, tuple(dict.fromkeys(violations)), tuple(crashes))


def _judged(finding: Finding, ctx: Context) -> Finding:
    """A finding that can be reported; raises where it is none, or at no node of this file."""
    ctx.tree.span(finding.node)
    for node, _ in finding.notes:
        ctx.tree.span(node)
    return finding


def _failure(rule: Rule, error: Exception) -> str:
    text = f"failed: {type(error).__name__}: {' '.join(str(error).split())}"
    if rule.code in RULES:
        return f"rule {rule.code} {text}; please report it"
    import traceback  # only on the way to an error

    frame = traceback.extract_tb(error.__traceback__)[-1]
    module = type(rule).__module__
    return f"rule {rule.code} of the plugin '{module}' {text} ({frame.filename}:{frame.lineno})"


def _applies(rule: Rule, ctx: Context) -> bool:
    if rule.scope is not Scope.RESULT or rule.code in ctx.settings.everywhere:
        return True
    return ctx.streams.is_result_module


def _one_a_cause(found: list[tuple[Rule, Finding]]) -> list[tuple[Rule, Finding]]:
    causes = {(rule.code, finding.cause or finding.node) for rule, finding in found}
    return [
        (rule, finding)
        for rule, finding in found
        if not any((code, finding.cause or finding.node) in causes for code in rule.yields_to)
    ]


def _violation(path: str, rule: Rule, finding: Finding, ctx: Context) -> Violation:
    start, end = ctx.tree.span(finding.node)
    notes = tuple(
        Note(*ctx.tree.place(ctx.tree.span(node)[0]), message) for node, message in finding.notes
    )
    return Violation(
        path,
        *ctx.tree.place(start),
        *ctx.tree.place(end),
        rule.code,
        finding.message,
        notes,
        finding.fix,
    )


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
