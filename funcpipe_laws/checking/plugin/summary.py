"""The verdicts of a run of pytest: gathered from all its processes, and reported at its end."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from funcpipe_laws.checking.plugin import options
from funcpipe_laws.checking.plugin.items import bound_law

if TYPE_CHECKING:
    from funcpipe_laws.report.record import LawRecord


class LawSummary:
    """Gathers the verdicts of a run, from worker processes too, and reports them at its end."""

    def __init__(self) -> None:
        self.verdicts: dict[tuple[str, str], list[LawRecord]] = {}
        self.notes: dict[tuple[str, str], list[str]] = {}
        self.unreported: set[str] = set()
        self.unwritten = False

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Note which laws are to be checked."""
        if not session.config.option.collectonly:
            self.unreported = {item.nodeid for item in session.items if bound_law(item)}
        budgets = [bound.budget for bound in map(bound_law, session.items) if bound is not None]
        for budget in budgets:
            if budget is not None:  # laws that were deselected take no part of it
                budget.left = budgets.count(budget)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Generator[None, None, None]:
        """A run that has not reported all its laws does not succeed, whatever has ended it."""
        if self.unreported and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        yield
        if self.unwritten and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.USAGE_ERROR

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep the verdict that a report carries."""
        if report.when == "teardown":
            self.unreported.discard(report.nodeid)
        verdict = getattr(report, "law_verdict", None)
        if verdict is not None:
            target, name, law, notes = verdict
            self.notes[target, name] = notes
            self.verdicts.setdefault((target, name), []).append(law)

    def pytest_terminal_summary(
        self, terminalreporter: pytest.TerminalReporter, config: pytest.Config
    ) -> None:
        """The totals of each instance, and where the reports are."""
        if not self.verdicts:
            return
        from funcpipe_laws.checking.demands import notes
        from funcpipe_laws.report import causes, record, text, write

        settings = config.stash.get(options.SETTINGS, None)
        mappings = {one.target: one.mapping for one in settings.found} if settings else {}
        self.notes |= {
            (one.target, one.instance.name): notes(one)
            for one in (settings.found if settings else ())
        }
        order = [*mappings, *sorted({target for target, _ in self.verdicts} - {*mappings})]
        checked = [
            record.Checked(
                target, name, mappings.get(target, target), laws, self.notes[target, name]
            )
            for (target, name), laws in sorted(
                self.verdicts.items(), key=lambda each: (order.index(each[0][0]), each[0][1])
            )
        ]
        terminalreporter.section("laws")
        for instance in checked:
            totals = text.totals(law["status"] for law in instance.laws)
            terminalreporter.line(f"{instance.name}: {totals}")
            for line in causes.summary(instance.laws, instance.notes):
                for row in _wrapped(line):
                    terminalreporter.line(row)
        made = record.conformance(checked, options.named(config))
        for path in config.getoption("laws_report"):
            try:
                write.write(made, Path(path))
            except OSError as exc:
                self.unwritten = True
                terminalreporter.line(f"not written: {path}: {exc.strerror}", red=True)
            else:
                terminalreporter.line(f"written: {path}")


def _wrapped(words: str) -> list[str]:
    """In lines as wide as the terminal is."""
    return textwrap.wrap(
        words,
        max(shutil.get_terminal_size().columns, 40),
        initial_indent="  ",
        subsequent_indent="    ",
        break_long_words=False,
        break_on_hyphens=False,
    )
