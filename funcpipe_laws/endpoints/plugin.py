"""`pytest --stream-endpoints module:app`: one test a request, each in a process of its own."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .record import SweepRecord
    from .request import Request

PREFIX = "endpoints"


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
    from funcpipe_laws.config import ConfigError

    try:
        plugin = EndpointPlugin(config)
    except ConfigError as exc:
        pytest.exit(f"endpoints: {exc}", returncode=2)
    config.pluginmanager.register(plugin, "funcpipe endpoints")


class EndpointPlugin:
    """Adds the tests, and reports on them at the end, those of worker processes too."""

    def __init__(self, config: pytest.Config) -> None:
        from funcpipe_laws.config import ConfigError
        from funcpipe_laws.report.write import check_path

        from . import steps

        self.records: list[SweepRecord] = []
        self.requests = _requests(config)
        for path in config.getoption("stream_report"):
            problem = check_path(Path(path))
            if problem:
                raise ConfigError(f"--stream-report {problem}")
        step = config.getoption("stream_step")
        try:
            if step is not None:
                steps.parse(step)
        except ValueError as exc:
            raise ConfigError(f"--stream-step {exc}") from None
        if config.args_source is not pytest.Config.ArgsSource.ARGS:
            config.args = []

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(
        self, session: pytest.Session, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        """Add the requests before `-k`, `--lf` and the like choose."""
        for target in dict.fromkeys(config.getoption("stream_endpoints")):
            suite: Endpoints = Endpoints.from_parent(session, name=target, nodeid=target)
            for request in self.requests:
                item: EndpointItem = EndpointItem.from_parent(suite, name=str(request))
                item.request = request
                items.append(item)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Let the report carry what was found: with xdist it travels to the main process."""
        report = yield
        if isinstance(item, EndpointItem) and call.when == "call" and item.record is not None:
            report.user_properties.append(("looked at", item.record["looked_at"]))
            vars(report)["endpoint_record"] = item.record
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep what a report carries."""
        record = getattr(report, "endpoint_record", None)
        if record is not None:
            self.records.append(record)

    def pytest_terminal_summary(
        self, terminalreporter: pytest.TerminalReporter, config: pytest.Config
    ) -> None:
        """What was looked at, and where the reports are."""
        if not self.records:
            return
        from funcpipe_laws.report import sheet

        from .record import report
        from .record import sheet as sheet_of

        terminalreporter.section("endpoints")
        for record in self.records:
            sign = "FAILED" if record["findings"] else "clean"
            terminalreporter.line(f"{sign}: {record['target']}: {record['looked_at']}")
            for found in record["findings"]:
                terminalreporter.line(f"       {found['headline']}")
            for note in record["notes"]:
                terminalreporter.line(f"       note: {note}")
        for path in config.getoption("stream_report"):
            sheet.write(sheet_of(self.records), report(self.records), Path(path))
            terminalreporter.line(f"written: {path}")


def _requests(config: pytest.Config) -> list[Request]:
    from funcpipe_laws.config import TABLE, ConfigError, load

    from .request import BadRequest, parse

    written = config.getoption("stream_request") or load(config.rootpath).requests
    if not written:
        raise ConfigError(
            "no requests: name them with --stream-request 'GET /path', or in pyproject.toml:"
            f" [tool.{TABLE}] requests = ['GET /path', {{ method = 'POST', path = '/path' }}]"
        )
    try:
        return [parse(one) for one in written]
    except BadRequest as exc:
        raise ConfigError(str(exc)) from None


class Endpoints(pytest.Collector):
    """The requests to one application."""

    def collect(self) -> list[EndpointItem]:
        """Nothing: the plugin adds them."""
        return []


class EndpointFailure(Exception):
    """An endpoint leaves something behind, or could not be looked at."""


class EndpointItem(pytest.Item):
    """One request to one application."""

    request: Request
    record: SweepRecord | None = None

    def runtest(self) -> None:
        """Sweep it, in a process of its own."""
        from funcpipe_laws.apart import Apart, Failed, Lost

        from .child import question
        from .record import lost_record

        options = self.config.option
        target, seconds = str(self.parent.name if self.parent else ""), options.stream_seconds
        asked = question(
            self.request, step=options.stream_step, loop=options.stream_loop, seconds=seconds
        )
        # The sweep ends by itself after its seconds; a visit that holds the thread does not.
        apart = Apart("funcpipe_laws.endpoints.child", {"target": target}, seconds + 5)
        try:
            self.record = apart.ask(asked)
        except (Failed, Lost) as exc:
            self.record = lost_record(target, str(self.request), str(exc))
        finally:
            apart.close()
        if self.record is not None and self.record["findings"]:
            raise EndpointFailure(self.record["text"])

    def repr_failure(self, excinfo: Any, style: Any = None) -> Any:
        """What was found, without a traceback of ours."""
        if isinstance(excinfo.value, EndpointFailure):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Any, None, str]:
        """Where the terminal says it is."""
        return self.path, None, f"{self.request} of {self.parent.name if self.parent else ''}"
