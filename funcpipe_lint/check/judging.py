"""What rules say of one parsed module: one cause, one finding; a rule that raises is reported."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from funcpipe_lint.model import Crash, FileReport, Note, Scope, Violation
from funcpipe_lint.model.codes import RULES
from funcpipe_lint.read.interruption import end_if_interrupted

if TYPE_CHECKING:
    from funcpipe_lint.rule import Context, Finding, Rule


def judged(path: str, ctx: Context, wanted: Iterable[Rule]) -> FileReport:
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
            end_if_interrupted(error)
            crashes.append(Crash(path, _failure(rule, error)))
    violations = [_violation(path, rule, finding, ctx) for rule, finding in _one_a_cause(found)]
    violations.sort(key=lambda v: v.order)
    return FileReport(path, tuple(dict.fromkeys(violations)), tuple(crashes))


def _judged(finding: Finding, ctx: Context) -> Finding:
    """A finding that can be reported; raises where it is none, or at no node of this file."""
    ctx.tree.span(finding.node)
    for node, _ in finding.notes:
        ctx.tree.span(node)
    # What libcst lost may show only when the places of the edits are asked for.
    if finding.fix is None or ctx.tree.is_faithful:
        return finding
    from dataclasses import replace  # only on the way to an oddity

    return replace(finding, fix=None)


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
    notes += finding.elsewhere
    return Violation(
        path,
        *ctx.tree.place(start),
        *ctx.tree.place(end),
        rule.code,
        finding.message,
        notes,
        finding.fix,
    )
