"""`pytest --purity package`: one test a builder, and a census of them at the end."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from funcpipe_laws.apart.recording import Fault, RecordedItem, Recorder, Target

if TYPE_CHECKING:
    from funcpipe_laws.apart.asking import Apart
    from funcpipe_laws.purity.find import Found, Package
    from funcpipe_laws.purity.record import BuilderRecord


def add_options(parser: pytest.Parser) -> None:
    """The options, in a group of their own in `--help`."""
    group = parser.getgroup("funcpipe purity")
    group.addoption(
        "--purity",
        action="append",
        default=[],
        metavar="PACKAGE",
        help="build every builder of streams in a package or module, in and out of a loop, and see"
        " that it does nothing else; may be given more than once. Without paths, nothing else is"
        " collected.",
    )
    group.addoption(
        "--purity-strict",
        action="store_true",
        help="a builder that could not be tried fails, rather than being skipped",
    )
    group.addoption(
        "--purity-seconds",
        type=float,
        default=10.0,
        metavar="SECONDS",
        help="time that one builder may take (default: 10)",
    )
    group.addoption(
        "--purity-known-failures",
        metavar="FILE",
        help="effects that are known, one `kind builder reason` a line, as a failure prints it;"
        " each must be seen",
    )
    group.addoption(
        "--purity-report",
        action="append",
        default=[],
        metavar="FILE",
        help="write the census to a .json, .md or .html file, with an equals sign; may be given"
        " more than once",
    )


def configure(config: pytest.Config) -> None:
    """Take part in the run if a package is named; what is wrong ends it with exit code 2."""
    if not config.getoption("purity"):
        return
    try:
        import hypothesis  # noqa: F401 - only whether it is there
    except ImportError:
        pytest.exit("--purity needs Hypothesis: pip install 'funcpipe-kit[laws]'", returncode=2)
    from funcpipe_laws.declared.config import ConfigError
    from funcpipe_laws.declared.instance import NotFound

    try:
        plugin = PurityPlugin(config)
    except (ConfigError, NotFound) as exc:
        pytest.exit(f"purity: {exc}", returncode=2)
    config.pluginmanager.register(plugin, "funcpipe purity")


class PurityPlugin(Recorder):
    """Adds the tests, runs them in a process that it keeps, and reports at the end."""

    def __init__(self, config: pytest.Config) -> None:
        from funcpipe_laws.declared.config import load
        from funcpipe_laws.purity.find import find
        from funcpipe_laws.purity.known import KnownEffects

        super().__init__(config, "purity_report")
        self.item = BuilderItem
        project = load(config.rootpath)
        self.examples = project.purity_examples
        path = config.getoption("purity_known_failures")
        self.known = KnownEffects(Path(path) if path else project.purity_known_failures)
        self.is_worker = hasattr(config, "workerinput")
        self.seconds: float = config.getoption("purity_seconds")
        self.packages: list[Package] = [find(n) for n in dict.fromkeys(config.getoption("purity"))]
        self._apart: Apart | None = None
        self._folder = tempfile.TemporaryDirectory(prefix="purity-", ignore_cleanup_errors=True)

    @property
    def apart(self) -> Apart:
        """The process that builds: one for all, and a new one where it was lost."""
        if self._apart is None:
            from funcpipe_laws.apart.asking import Apart

            setting = {"examples": list(self.examples), "folder": self._folder.name}
            self._apart = Apart("funcpipe_laws.purity.child", setting, self.seconds)
        return self._apart

    def pytest_unconfigure(self) -> None:
        """End that process, and remove the empty folder that it was in."""
        if self._apart is not None:
            self._apart.close()
        self._folder.cleanup()

    def pytest_report_header(self) -> list[str]:
        """What was read."""
        lines = []
        for package in self.packages:
            found = f"{package.files} files read, {len(package.builders)} builders"
            lines.append(f"purity: {package.name}: {found}")
            lines += [f"purity: warning: {line}" for line in package.unread]
        return lines

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(
        self, session: pytest.Session, items: list[pytest.Item]
    ) -> None:
        """Add the builders before `-k`, `--lf` and the like choose."""
        for package in self.packages:
            suite: Target = Target.from_parent(session, name=package.name, nodeid=package.name)
            for found in package.builders:
                item: BuilderItem = BuilderItem.from_parent(suite, name=found.name)
                item.found, item.plugin = found, self
                items.append(item)

    def properties(self, record: BuilderRecord) -> list[tuple[str, str]]:
        """Its verdict, and each effect."""
        return [("purity", record["verdict"]), *(("effect", one) for one in record["effects"])]

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """A known effect that was looked for and not seen fails a run that passes otherwise."""
        problems = [] if self.is_worker else self.known.problems(self.records)
        if problems and session.exitstatus == 0:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """The census, what was not tried, and where the reports are."""
        from funcpipe_laws.purity.record import census, lines, report, sheet

        terminalreporter.section("purity")
        for record in self.records:
            if record["verdict"] in ("not tried", "only read") or record["waived"]:
                for line in lines(record):
                    terminalreporter.line(line)
        problems = self.known.problems(self.records)
        for problem in problems:
            terminalreporter.line(f"failure: {problem}")
        terminalreporter.line(census(self.records))
        made = sheet(self.records, self.packages)
        self.write(made, report(self.records, self.packages, problems), terminalreporter)


class BuilderItem(RecordedItem):
    """One builder."""

    found: Found
    plugin: PurityPlugin
    record: BuilderRecord | None = None

    def runtest(self) -> None:
        """Build it, in a process of its own."""
        from funcpipe_laws.purity.record import builder_record, lines

        self.record = builder_record(self.target, self.found, self._trial())
        text = "\n".join(lines(self.record))
        if self.record["verdict"] == "impure":
            known = self.plugin.known
            self.record["waived"] = known.reason_for(self.record)
            if not self.record["waived"]:
                raise Fault("\n".join([text, *known.lines_for(self.record)]))
        if self.record["verdict"] == "not tried":
            if self.config.getoption("purity_strict"):
                raise Fault(text)
            pytest.skip(self.record["reason"])

    def _trial(self) -> dict[str, Any] | None:
        from funcpipe_laws.apart.asking import STARTING, Failed, Lost

        if self.found.is_inner:
            return None
        apart, module = self.plugin.apart, self.found.module
        try:
            apart.ask(module, STARTING)
        except (Failed, Lost) as exc:
            reason = f"importing {module} {exc}"
            return {"verdict": "not tried", "effects": [], "reason": reason}
        try:
            made: dict[str, Any] = apart.ask(self.found.name)
        except Lost as exc:
            made = {"verdict": "impure", "effects": [str(exc)], "reason": ""}
        except Failed as exc:
            made = {"verdict": "not tried", "effects": [], "reason": f"it cannot be tried: {exc}"}
        return made

    def reportinfo(self) -> tuple[Any, int, str]:
        """Where the terminal says it is."""
        return Path(self.found.path), self.found.line - 1, self.name
