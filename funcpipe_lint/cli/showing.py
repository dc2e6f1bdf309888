"""What the `check` command shows of a run: a report, what could not be checked or was left out."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from funcpipe_lint.check.runs.run import Run
    from funcpipe_lint.check.source_lines import Texts
    from funcpipe_lint.config.resolver import Resolver

FOR_PEOPLE = ("text", "concise")


class Aside(NamedTuple):
    """What a summary says besides the findings."""

    fixed: int = 0
    """How many files were fixed."""
    stale: int = 0
    """How many violations are recorded in a baseline, and mended."""
    since: str = ""
    """The revision since which a file must have changed to be checked."""
    passed_by: int = 0
    """How many files have not."""


def show(run: Run, form: str, *, quiet: bool, aside: Aside, texts: Texts) -> None:
    """Writes the report to the standard output, and errors, in the formats for people, to the
    other."""
    if form not in FOR_PEOPLE:
        from funcpipe_lint.cli.report import load

        sys.stdout.write(load(form)(run.violations, run.crashes, run.files, texts))
        if run.baselined:
            sys.stdout.flush()
            show_line(f"{run.baselined:,} more in the baseline")
        return
    from funcpipe_lint.cli.report import concise, text

    paint = concise.Painter(_has_colour())
    if form == "concise":
        sys.stdout.write(concise.render(run.violations, paint))
    elif run.violations:
        sys.stdout.write(text.render(run.violations, paint, texts))
    show_errors(run)
    if quiet or form == "concise":
        return
    sys.stdout.write("\n" if run.violations else "")
    sys.stdout.write(text.summary(run.violations, run.files, run.unchecked, aside.fixed))
    if aside.since:
        sys.stdout.write(text.since_summary(aside.since, aside.passed_by))
    if run.baselined or aside.stale:
        sys.stdout.write(text.baseline_summary(run.baselined, aside.stale))


def show_statistics(run: Run, form: str) -> None:
    """Writes how often each rule found something."""
    from funcpipe_lint.cli.report import statistics

    sys.stdout.write(statistics.render(run.violations, as_json=form == "json"))
    show_errors(run)


def show_errors(run: Run) -> None:
    """Writes what could not be checked."""
    if not run.crashes:
        return
    from funcpipe_lint.cli.report import concise

    sys.stdout.flush()
    sys.stderr.write(concise.errors(run.crashes, concise.Painter(_has_colour(sys.stderr))))


def show_refused(resolver: Resolver) -> None:
    """Says which keys of which configuration files were left out."""
    for file, keys in sorted(resolver.refused.items()):
        named = " and ".join(f"'{key}'" for key in sorted(keys))
        show_line(
            f"{file}: its {named} {'are' if len(keys) > 1 else 'is'} left out: only the"
            " configuration in the current folder decides on that, if it is your own file,"
            " or one that --config names"
        )


def show_line(text: str) -> None:
    """Says something about the run, beside the report."""
    from funcpipe_lint.model.visible import visible

    sys.stdout.flush()
    sys.stderr.write(f"funcpipe-lint: {visible(text)}\n")


def _has_colour(stream: Any = None) -> bool:
    if "NO_COLOR" in os.environ or os.environ.get("TERM") == "dumb":
        return False
    return "FORCE_COLOR" in os.environ or bool((stream or sys.stdout).isatty())
