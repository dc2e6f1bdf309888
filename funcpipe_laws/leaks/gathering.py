"""What all processes of a run found: the summary, the files, and the exit code."""

from __future__ import annotations

import platform
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from funcpipe_laws.declared.written import KnownKeys
from funcpipe_laws.leaks.model import Leak
from funcpipe_laws.leaks.reporting import text
from funcpipe_laws.leaks.reporting.record import LeakReport, LookedAt, report

NOTES_SHOWN = 5


class Gathered:
    """In the main process; in a worker of xdist it stays silent."""

    def __init__(self, config: pytest.Config, mode: str, known: KnownKeys) -> None:
        self.config, self.mode, self.known = config, mode, known
        self.is_worker = hasattr(config, "workerinput")
        self.leaks: list[Leak] = []
        self.outcomes: dict[str, str] = {}
        self.marks: dict[str, set[str]] = {}
        self.seen: Counter[str] = Counter()
        self.loops: Counter[str] = Counter()
        self.not_seen: list[str] = []
        self.is_partial = False
        self.lines: list[str] = []
        self.whole: LeakReport | None = None

    def add(self, late: dict[str, Any]) -> None:
        """What a process found last, and what it looked at."""
        self.leaks += late["leaks"]
        self.seen.update(streams=late["streams"], tasks=late["tasks"])
        self.loops.update(late["loops"])
        self.not_seen += [line for line in late["not_seen"] if line not in self.not_seen]

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: object) -> None:
        """A worker of xdist has ended; one that crashed has nothing more to say."""
        late = getattr(node, "workeroutput", {}).get("stream_leaks")
        if late is not None:
            self.add(late)
        elif error:
            self.not_seen.append(f"{node.gateway.id} ended before it could say what it looked at")

    def pytest_deselected(self) -> None:
        """Not the whole suite."""
        self.is_partial = True

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep what a report carries."""
        leaks: list[Leak] = getattr(report, "stream_leaks", [])
        self.leaks += leaks
        if report.when == "call" or (report.failed and report.nodeid not in self.outcomes):
            self.outcomes[report.nodeid] = report.outcome
        for owner in getattr(report, "stream_leaks_marks", ()):
            self.marks.setdefault(owner, set()).add(report.nodeid)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write the files; a run that passes otherwise fails for what no test could fail for."""
        if self.is_worker:
            return
        whole = self._report(session)
        self.whole = whole
        if self.config.getoption("stream_leaks_fix"):
            from funcpipe_laws.leaks.fixing import mend

            self.lines += mend(whole["places"], self.config.rootpath)
        for path in self.config.getoption("stream_leaks_report"):
            _write(whole, Path(path))
            self.lines.append(f"written: {path}")
        late = [one for one in self.leaks if one["level"] == "failure" and not one["waived"]]
        if self.mode == "error" and session.exitstatus == 0 and (late or whole["problems"]):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def _report(self, session: pytest.Session) -> LeakReport:
        looked_at: LookedAt = {
            "python": platform.python_version(),
            "tests": len(self.outcomes),
            "streams": self.seen["streams"],
            "tasks": self.seen["tasks"],
            "loops": dict(self.loops),
            "not_seen": self.not_seen,
        }
        return report(self.leaks, looked_at, self._problems(session))

    def _problems(self, session: pytest.Session) -> list[str]:
        """What is said to be left and was not; only where all of it could have been seen."""
        problems = [
            f"{owner} has a mark that allows leaks, and nothing was left there: remove the mark"
            for owner, tests in self.marks.items()
            if self._are_all_passed(tests)
            and not any(leak["test"] in tests for leak in self.leaks)
            and (not self._is_partial(session) or tests == {owner})
        ]
        if not self._is_partial(session) and "failed" not in self.outcomes.values():
            unseen = self.known.unseen(leak["key"] for leak in self.leaks)
            problems += [f"{self.known.path}: not seen, remove it: {line}" for line in unseen]
        return problems

    def _are_all_passed(self, tests: set[str]) -> bool:
        return all(self.outcomes.get(test) == "passed" for test in tests)

    def _is_partial(self, session: pytest.Session) -> bool:
        option = self.config.option
        chosen = option.keyword or option.markexpr or getattr(option, "lf", False)
        paths = self.config.args_source is pytest.Config.ArgsSource.ARGS
        stopped = session.shouldstop or session.shouldfail
        return bool(self.is_partial or chosen or paths or stopped)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """The places, worst first."""
        whole = self.whole
        if whole is None:
            return
        terminalreporter.section("stream leaks")
        is_all = terminalreporter.verbosity > 0
        notes = 0
        for place in whole["places"]:
            is_note = place["leak"]["level"] == "note" or bool(place["leak"]["waived"])
            notes += is_note
            if not is_note or is_all or notes <= NOTES_SHOWN:
                for line in text.place(place, shutil.get_terminal_size().columns):
                    terminalreporter.line(line)
        if notes > NOTES_SHOWN and not is_all:
            terminalreporter.line(f"and {notes - NOTES_SHOWN} more notes: shown with -v")
        for line in whole["problems"]:
            terminalreporter.line(f"failure: {line}")
        terminalreporter.line(text.summary(whole["places"]))
        for line in (*text.looked_at(whole["looked_at"]), *self.lines):
            terminalreporter.line(line)


def _write(whole: LeakReport, path: Path) -> None:
    """Write a report; for JSON without loading what makes pages."""
    if path.suffix == ".json":
        from funcpipe_laws.report.write import as_json, place

        place(as_json(whole), path)
        return
    from funcpipe_laws.leaks.reporting.sheet import sheet
    from funcpipe_laws.report.sheet import write

    write(sheet(whole), whole, path)
