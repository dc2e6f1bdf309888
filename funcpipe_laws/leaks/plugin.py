"""`pytest --stream-leaks`: watches every test, fails those that leave something behind."""

from __future__ import annotations

import gc
import os
import shutil
import sys
import warnings
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from funcpipe_laws.declared.config import ConfigError, load
from funcpipe_laws.declared.written import KnownKeys
from funcpipe_laws.leaks import marks
from funcpipe_laws.leaks.gathering import Gathered
from funcpipe_laws.leaks.hooking.exits import hook_exit
from funcpipe_laws.leaks.hooking.hooks import Hooks
from funcpipe_laws.leaks.model import LEVELS, Leak
from funcpipe_laws.leaks.reading import stacks
from funcpipe_laws.leaks.reporting import text
from funcpipe_laws.leaks.watch import Watch

PHASES = ("call", "teardown")
_SHAPE = "kind file function subject reason"


class StreamLeakWarning(UserWarning):
    """Something that a test left behind."""


def install(config: pytest.Config) -> None:
    """Register the plugin, unless it is switched off; a wrong option ends the run with code 2."""
    try:
        project = load(config.rootpath)
        asked = config.getoption("stream_leaks")
        mode = asked or project.stream_leaks
        wanted = [f"stream_leaks_{name}" for name in ("known_failures", "report", "fix")]
        if asked is None and mode == "off" and any(config.getoption(one) for one in wanted):
            mode = "error"
        if mode == "off":
            return
        path = config.getoption("stream_leaks_known_failures")
        path = Path(path) if path else project.stream_leaks_known_failures
        known = KnownKeys() if path is None else KnownKeys.read(path, "leak", _SHAPE, LEVELS)
        for report in config.getoption("stream_leaks_report"):
            _check_path(Path(report))
    except ConfigError as exc:
        pytest.exit(f"stream leaks: {exc}", returncode=2)
    stacks.name_files_from(config.rootpath)
    gathered = Gathered(config, mode, known)
    config.pluginmanager.register(gathered, "funcpipe stream leaks gathered")
    config.pluginmanager.register(Watcher(config, mode, known, gathered), "funcpipe stream leaks")


def _check_path(path: Path) -> None:
    from funcpipe_laws.report.write import check_path

    problem = check_path(path)
    if problem:
        raise ConfigError(f"--stream-leaks-report {problem}")


class Watcher:
    """Runs in the process that runs tests: tells whose leak it is, and fails that test."""

    def __init__(
        self, config: pytest.Config, mode: str, known: KnownKeys, gathered: Gathered
    ) -> None:
        self.config, self.mode, self.known, self.gathered = config, mode, known, gathered
        self.process = os.getpid()
        self.watch = Watch(self._found)
        self.hooks: Hooks | None = None
        self.new: list[Leak] = []
        self.allowed: dict[str, str] = {}

    def _found(self, leak: Leak) -> None:
        if os.getpid() != self.process:
            return  # A test has forked: the child's leaks are its own.
        reason = self.allowed.get(leak["test"], "") or self.known.reason_for(leak["key"])
        leak["waived"] = reason or leak["waived"]
        self.new.append(leak)

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """A mark that cannot be used ends the run before a test does."""
        try:
            for item in items:
                reason = marks.reason(item)
                if reason:
                    self.allowed[item.nodeid] = reason
        except ConfigError as exc:
            raise pytest.UsageError(f"stream leaks: {exc}") from None

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """Whatever is made from here on belongs to this test."""
        if self.hooks is None:
            self.hooks = Hooks(self.watch)
            if not self.gathered.is_worker:  # Of a worker that is gone, xdist tells itself.
                hook_exit(self.hooks.patches, self._ended)
        self.watch.owner = item.nodeid
        try:
            return (yield)
        finally:
            self.watch.owner = ""

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_fixture_setup(
        self, fixturedef: pytest.FixtureDef[Any]
    ) -> Generator[None, object, object]:
        """What a wider fixture makes outlives the test that needs it first."""
        before = self.watch.owner
        if fixturedef.scope != "function":
            self.watch.owner = f"fixture {fixturedef.argname} ({fixturedef.scope})"
        try:
            return (yield)
        finally:
            self.watch.owner = before

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self) -> None:
        """A fixture may have imported another library of loops."""
        assert self.hooks is not None
        self.hooks.look_for_loops()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_call(self) -> None:
        """The same."""
        assert self.hooks is not None
        self.hooks.look_for_loops()

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Fail a test for what it left, where it was found: in its call, or its teardown."""
        report = yield
        # A report of the setup that failed would keep the test from being run.
        if call.when in PHASES and os.getpid() == self.process:
            leaks, self.new = self.new, []
            vars(report)["stream_leaks"] = leaks
            if item.nodeid in self.allowed:
                vars(report)["stream_leaks_marks"] = marks.owners(item)
            self._judge(item, report, leaks)
        return report

    def _ended(self, status: int) -> int:
        """A test ends the process: nothing is reported of this run, so it is no success."""
        if os.getpid() != self.process or not self.watch.owner:
            return status
        capture = self.config.pluginmanager.getplugin("capturemanager")
        if capture is not None:
            capture.suspend_global_capture(in_=True)
        code = status or int(self.mode == "error")
        said = f"os._exit({status}) in {self.watch.owner} ended pytest: there is no report"
        changed = f", and its exit code is {code}" if code != status else ""
        print(f"\nstream leaks: {said}{changed}", file=sys.stderr, flush=True)
        return code

    def _judge(self, item: pytest.Item, report: pytest.TestReport, leaks: list[Leak]) -> None:
        for leak in leaks:
            why = f" ({leak['waived']})" if leak["waived"] else ""
            said = ("stream leak", f"{text.level(leak)}{why}: {text.heading(leak)}")
            # Of the teardown's report, the item's list was copied before.
            item.user_properties.append(said)
            report.user_properties.append(said)
        leaks = [one for one in leaks if not one["waived"]]
        for leak in leaks:
            if leak["level"] == "warning" or (self.mode == "warn" and leak["level"] == "failure"):
                self._warn(item, leak)
        failing = [one for one in leaks if one["level"] == "failure" and one["test"] == item.nodeid]
        if self.mode == "error" and failing and report.passed and not hasattr(report, "wasxfail"):
            report.outcome = "failed"
            report.longrepr = text.failure(failing, shutil.get_terminal_size().columns)

    def _warn(self, item: pytest.Item, leak: Leak) -> None:
        """A warning in pytest's summary; not through filters, which may make it an error here."""
        spot = leak["place"]
        message = warnings.WarningMessage(
            StreamLeakWarning(text.heading(leak)), StreamLeakWarning, spot["file"], spot["line"]
        )
        item.ihook.pytest_warning_recorded.call_historic(
            kwargs={
                "warning_message": message,
                "nodeid": leak["test"] or item.nodeid,
                "when": "runtest",
                "location": None,
            }
        )

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self) -> None:
        """What is found last, and what was looked at."""
        if os.getpid() != self.process or self.hooks is None:
            return
        watch = self.watch
        if watch.may_find_more():
            gc.collect()  # It takes as long as some ten short tests.
        self.hooks.close()
        late = {
            "leaks": self.new,
            "streams": watch.seen["streams"],
            "tasks": watch.seen["tasks"],
            "loops": watch.loops(),
            "not_seen": self.hooks.not_seen(),
        }
        self.new = []
        output = getattr(self.config, "workeroutput", None)
        if output is None:
            self.gathered.add(late)
        else:
            output["stream_leaks"] = late
