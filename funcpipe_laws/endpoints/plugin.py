"""`pytest --stream-endpoints module:app`: one test a request, each in a process of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from funcpipe_laws.apart.recording import Fault, RecordedItem, Recorder, Target

if TYPE_CHECKING:
    from funcpipe_laws.declared.config import Config
    from funcpipe_laws.endpoints.reporting.record import SweepRecord
    from funcpipe_laws.endpoints.sweeping.request import Request


def add_options(parser: pytest.Parser) -> None:
    """The options, in a group of their own in `--help`."""
    group = parser.getgroup("funcpipe endpoints")
    group.addoption(
        "--stream-endpoints",
        action="append",
        default=[],
        metavar="MODULE:APP",
        help="send requests to an ASGI application, let the client leave at every moment, and see"
        " what is left open; APP() calls a factory; may be given more than once. The requests are"
        " `requests` of [tool.funcpipe-laws]. Without paths, nothing else is collected.",
    )
    group.addoption(
        "--stream-request",
        action="append",
        default=[],
        metavar="'GET /PATH'",
        help="a request, in place of those in the configuration; may be given more than once",
    )
    group.addoption(
        "--stream-step",
        metavar="STEP",
        help="one moment only, as a failure printed it, such as 2.4-leaves-during-send-3",
    )
    group.addoption(
        "--stream-loop",
        choices=("auto", "sim", "stock"),
        default="auto",
        help="the simulated loop, asyncio's own, or (auto, default) the second for applications"
        " that use threads",
    )
    group.addoption(
        "--stream-seconds",
        type=float,
        default=60.0,
        metavar="SECONDS",
        help="real time that one request may take (default: 60)",
    )
    group.addoption(
        "--stream-endpoints-known-failures",
        metavar="FILE",
        help="faults that are known, one `kind application method path place reason` a line, as a"
        " failure prints it; each must be seen",
    )
    group.addoption(
        "--stream-report",
        action="append",
        default=[],
        metavar="FILE",
        help="write what was found to a .json, .md or .html file, with an equals sign; may be given"
        " more than once",
    )


def configure(config: pytest.Config) -> None:
    """Take part in the run if an application is named; what is wrong ends it with exit code 2."""
    if not config.getoption("stream_endpoints"):
        return
    from funcpipe_laws.declared.config import ConfigError

    try:
        plugin = EndpointPlugin(config)
    except ConfigError as exc:
        pytest.exit(f"endpoints: {exc}", returncode=2)
    config.pluginmanager.register(plugin, "funcpipe endpoints")


class EndpointPlugin(Recorder):
    """Adds the tests, and reports on them at the end, those of worker processes too."""

    def __init__(self, config: pytest.Config) -> None:
        from funcpipe_laws.declared.config import ConfigError, load
        from funcpipe_laws.endpoints.reporting import known
        from funcpipe_laws.endpoints.sweeping import steps

        super().__init__(config, "stream_report")
        self.item, self.config = EndpointItem, config
        project = load(config.rootpath)
        self.requests = _requests(config, project)
        step = config.getoption("stream_step")
        try:
            if step is not None:
                steps.parse(step)
        except ValueError as exc:
            raise ConfigError(f"--stream-step {exc}") from None
        path = config.getoption("stream_endpoints_known_failures")
        self.known = known.read(
            Path(path) if path else project.stream_endpoints_known_failures, whole=step is None
        )
        self.is_worker = hasattr(config, "workerinput")

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(
        self, session: pytest.Session, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        """Add the requests before `-k`, `--lf` and the like choose."""
        for target in dict.fromkeys(config.getoption("stream_endpoints")):
            suite: Target = Target.from_parent(session, name=target, nodeid=target)
            for request in self.requests:
                item: EndpointItem = EndpointItem.from_parent(suite, name=str(request))
                item.request, item.plugin = request, self
                items.append(item)

    def properties(self, record: SweepRecord) -> list[tuple[str, str]]:
        """What was looked at, and each fault."""
        return [("looked at", record["looked_at"]), *self._faults(record)]

    def _faults(self, record: SweepRecord) -> Iterator[tuple[str, str]]:
        for found in record["findings"]:
            known = f" (known: {found['waived']})" if found["waived"] else ""
            yield "fault", f"{found['headline']}{known}"

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """A known fault that was looked for and not seen fails a run that passes otherwise."""
        unseen = [] if self.is_worker else self.known.unseen(self.records)
        if unseen and session.exitstatus == 0:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """What was looked at, and where the reports are."""
        if not self.records:
            return
        from funcpipe_laws.endpoints.reporting.record import lines, report, sheet

        terminalreporter.section("endpoints")
        for line in [one for record in self.records for one in lines(record)]:
            terminalreporter.line(line)
        unseen = self.known.unseen(self.records)
        problems = [f"{self.known.path}: not seen, remove it: {line}" for line in unseen]
        for problem in problems:
            terminalreporter.line(f"failure: {problem}")
        self.write(sheet(self.records), report(self.records, problems), terminalreporter)


def _requests(config: pytest.Config, project: Config) -> list[Request]:
    from funcpipe_laws.declared.config import TABLE, ConfigError
    from funcpipe_laws.endpoints.sweeping.request import BadRequest, parse

    written = config.getoption("stream_request") or project.requests
    if not written:
        raise ConfigError(
            "no requests: name them with --stream-request 'GET /path', or in pyproject.toml:"
            f" [tool.{TABLE}] requests = ['GET /path', {{ method = 'POST', path = '/path' }}]"
        )
    try:
        return [parse(one) for one in written]
    except BadRequest as exc:
        raise ConfigError(str(exc)) from None


class EndpointItem(RecordedItem):
    """One request to one application."""

    request: Request
    plugin: EndpointPlugin
    record: SweepRecord | None = None

    def runtest(self) -> None:
        """Sweep it, in a process of its own."""
        record = self.record = self._swept()
        for found in record["findings"]:
            found["waived"] = self.plugin.known.reason_for(found)
        if not all(found["waived"] for found in record["findings"]):
            raise Fault("\n".join([record["text"], *self.plugin.known.lines_for(record)]))

    def _swept(self) -> SweepRecord:
        from funcpipe_laws.apart.asking import Apart, Failed, Lost
        from funcpipe_laws.endpoints.child import question
        from funcpipe_laws.endpoints.reporting.record import lost_record

        options = self.config.option
        seconds = options.stream_seconds
        asked = question(
            self.request, step=options.stream_step, loop=options.stream_loop, seconds=seconds
        )
        # The sweep ends by itself after its seconds; a visit that holds the thread does not.
        apart = Apart("funcpipe_laws.endpoints.child", {"target": self.target}, seconds + 5)
        try:
            answer: SweepRecord = apart.ask(asked)
        except (Failed, Lost) as exc:
            return lost_record(self.target, str(self.request), str(exc))
        finally:
            apart.close()
        return answer

    def reportinfo(self) -> tuple[Path, None, str]:
        """Where the terminal says it is."""
        return self.path, None, f"{self.request} of {self.target}"
