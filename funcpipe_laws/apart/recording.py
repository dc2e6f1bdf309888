"""pytest's side of what is tried in processes of their own: each test carries a record, and the
records of all processes make the reports at the end."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from funcpipe_laws.report.sheet import Sheet


class Target(pytest.Collector):
    """What was named on the command line; its items are added, not collected."""

    def collect(self) -> list[pytest.Item]:
        """Nothing: the plugin adds them."""
        return []


class Fault(Exception):
    """What a record says is wrong; the text is all that a user needs."""


class RecordedItem(pytest.Item):
    """A test with a record, once it has been run."""

    record: Any = None

    @property
    def target(self) -> str:
        """What it is a test of."""
        return str(self.parent.name if self.parent else "")

    def repr_failure(self, excinfo: Any, style: Any = None) -> Any:
        """What was found, without a traceback of ours."""
        if isinstance(excinfo.value, Fault):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)


class Recorder:
    """A plugin that adds such items, and keeps their records."""

    item: type[RecordedItem]
    """The class of its items."""

    def __init__(self, config: pytest.Config, option: str) -> None:
        """`option` names the files of the reports. Raises `ConfigError` for one that cannot be.

        Without paths, nothing else is collected.
        """
        from funcpipe_laws.declared.config import ConfigError
        from funcpipe_laws.report.write import check_path

        self.records: list[Any] = []
        self._reports: list[str] = config.getoption(option)
        for path in self._reports:
            problem = check_path(Path(path))
            if problem:
                raise ConfigError(f"--{option.replace('_', '-')} {problem}")
        if config.args_source is not pytest.Config.ArgsSource.ARGS:
            config.args = []

    def properties(self, record: Any) -> list[tuple[str, str]]:
        """What a junit file says of a record."""
        raise NotImplementedError

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Let the report carry the record: with xdist it travels to the main process."""
        report = yield
        if isinstance(item, self.item) and call.when == "call" and item.record is not None:
            # A junit file takes those of the teardown's report, which copies the item's.
            item.user_properties += self.properties(item.record)
            report.user_properties = list(item.user_properties)
            vars(report)[f"record_of_{self.item.__name__}"] = item.record
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep what a report carries."""
        record = getattr(report, f"record_of_{self.item.__name__}", None)
        if record is not None:
            self.records.append(record)

    def write(self, sheet: Sheet, data: Any, terminal: pytest.TerminalReporter) -> None:
        """Write the reports that were asked for."""
        from funcpipe_laws.report.sheet import write

        for path in self._reports:
            write(sheet, data, Path(path))
            terminal.line(f"written: {path}")
