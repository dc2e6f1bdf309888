"""What an editor is told of a document: diagnostics, code actions, the page of a rule."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lsprotocol import types as lsp

from funcpipe_lint.check.fixing.fix import chosen_edits
from funcpipe_lint.check.fixing.silence import comments
from funcpipe_lint.check.fixing.unused_imports import without_use
from funcpipe_lint.check.runs.run import check_text
from funcpipe_lint.cli.report.pages import page
from funcpipe_lint.config.discover import is_left_out
from funcpipe_lint.config.resolver import Resolver
from funcpipe_lint.model import ConfigError, Edit, FileReport, Violation
from funcpipe_lint.model.codes import KNOWN_CODES
from funcpipe_lint.model.visible import visible
from funcpipe_lint.rule.edits import apply_edits

from .positions import Positions

NAME = "funcpipe-lint"
FIX_ALL = "source.fixAll.funcpipe"
REASON = "TODO: say why"
"""What a suppression that was added says, until somebody writes the reason."""


@dataclass(frozen=True)
class Document:
    """A document as it was last checked."""

    uri: str
    path: str
    text: str
    report: FileReport
    positions: Positions

    @classmethod
    def checked(cls, uri: str, path: str, text: str) -> Document:
        """Check the text as if it were the content of the path.

        The configuration is read anew, so a change of it counts from the next check on. It imports
        no plugins: opening a folder runs no code of it.
        """
        resolver = Resolver(with_plugins=False)
        try:
            left_out = is_left_out(path, resolver)
            report = FileReport(path) if left_out else check_text(path, text, resolver)
        except ConfigError as error:
            report = _configuration_error(path, str(error))
        return cls(uri, path, text, report, Positions(text))

    # Diagnostics

    def diagnostics(self) -> list[lsp.Diagnostic]:
        """The findings, and what could not be checked."""
        crashes = [
            lsp.Diagnostic(
                range=self._line(crash.line),
                message=visible(f"could not be checked: {crash.message}"),
                severity=lsp.DiagnosticSeverity.Error,
                code="FP002",
                source=NAME,
            )
            for crash in self.report.crashes
        ]
        return [*map(self._diagnostic, self.report.violations), *crashes]

    def _diagnostic(self, violation: Violation) -> lsp.Diagnostic:
        related = [
            lsp.DiagnosticRelatedInformation(
                lsp.Location(self.uri, self._line(note.line)), visible(note.message)
            )
            for note in violation.notes
        ]
        return lsp.Diagnostic(
            range=self._range(violation),
            message=visible(violation.message),
            severity=lsp.DiagnosticSeverity.Warning,
            code=violation.code,
            source=NAME,
            related_information=related or None,
        )

    def _range(self, violation: Violation) -> lsp.Range:
        return lsp.Range(
            self.positions.of(violation.line, violation.column),
            self.positions.of(violation.end_line, violation.end_column),
        )

    def _line(self, line: int) -> lsp.Range:
        return lsp.Range(self.positions.of(line, 1), self.positions.of(line, 1 << 30))

    # Code actions

    def actions(self, place: lsp.Range, only: Iterable[str] | None) -> list[lsp.CodeAction]:
        """What can be done about the findings in a range; `only` names the kinds asked for."""
        found = [*self._fixes(place), *self._suppressions(place), *self._fix_all()]
        if only is None:
            return found
        kinds = tuple(only)
        return [a for a in found if any(f"{a.kind}.".startswith(f"{kind}.") for kind in kinds)]

    def _fixes(self, place: lsp.Range) -> Iterator[lsp.CodeAction]:
        for violation in self._within(place):
            fix = violation.fix
            if fix is not None:
                title = f"{violation.code}: {fix.title}" + ("" if fix.safe else " (unsafe)")
                yield self._action(
                    title, lsp.CodeActionKind.QuickFix, fix.edits, violation, fix.safe
                )

    def _suppressions(self, place: lsp.Range) -> Iterator[lsp.CodeAction]:
        for violation in self._within(place):
            edits = comments(self.text, [violation], REASON)
            title = f"{violation.code}: suppress it here, with a reason"
            yield self._action(title, lsp.CodeActionKind.QuickFix, edits, violation, False)

    def _fix_all(self) -> Iterator[lsp.CodeAction]:
        edits = chosen_edits(self.report.violations, unsafe=False)
        if edits:
            after = apply_edits(self.text, edits)
            after = apply_edits(after, without_use(self.text, after))
            whole = (Edit(0, len(self.text), after),)
            yield self._action("funcpipe-lint: fix all that is safe", FIX_ALL, whole)

    def _action(
        self,
        title: str,
        kind: str,
        edits: Iterable[Edit],
        violation: Violation | None = None,
        is_preferred: bool = False,
    ) -> lsp.CodeAction:
        changes = [
            lsp.TextEdit(self.positions.range(edit.start, edit.end), edit.text) for edit in edits
        ]
        return lsp.CodeAction(
            title=title,
            kind=kind,
            diagnostics=None if violation is None else [self._diagnostic(violation)],
            edit=lsp.WorkspaceEdit(changes={self.uri: changes}),
            is_preferred=is_preferred or None,
        )

    def _within(self, place: lsp.Range) -> Iterator[Violation]:
        for violation in self.report.violations:
            there = self._range(violation)
            if there.start <= place.end and place.start <= there.end:
                yield violation

    # Pages

    def hover(self, position: lsp.Position) -> lsp.Hover | None:
        """The page of the rule whose finding is at a position."""
        for violation in self._within(lsp.Range(position, position)):
            if violation.code in KNOWN_CODES:
                text = lsp.MarkupContent(lsp.MarkupKind.Markdown, page(violation.code))
                return lsp.Hover(text, self._range(violation))
        return None


def _configuration_error(path: str, message: str) -> FileReport:
    from funcpipe_lint.model import Crash

    return FileReport(path, crashes=(Crash(path, message),))
