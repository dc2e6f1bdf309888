"""The pytest plugin: `pytest --laws package.module` checks a module's streams, one test a law.

pytest loads this module in every project where the kit is installed: nothing heavy may be imported
outside of the hooks, and nothing is done unless `--laws` or a law's test asks for it.
"""

from __future__ import annotations

import sys
from collections.abc import Generator, Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from funcpipe_laws.endpoints import plugin as endpoints
from funcpipe_laws.purity import plugin as purity

if TYPE_CHECKING:
    from funcpipe_laws.checking.suite import BoundLaw
    from funcpipe_laws.finding.discover import Found
    from funcpipe_laws.report.record import LawRecord
    from funcpipe_laws.simulation.schedule import Schedule

_SETTINGS: pytest.StashKey[_Settings] = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options, in a group of their own in `--help`."""
    endpoints.add_options(parser)
    purity.add_options(parser)
    group = parser.getgroup("funcpipe laws")
    group.addoption(
        "--laws",
        action="append",
        default=[],
        metavar="MODULE[:INSTANCE]",
        help="check the laws of async streams on a module: its StreamInstance, or its operations"
        " by name (async_gen_map, ...); may be given more than once. Without paths, nothing"
        " else is collected; in addopts it adds to your own tests.",
    )
    group.addoption(
        "--laws-profile",
        choices=("quick", "ci", "exhaustive"),
        help="how much to try: quick (default, seconds), ci (ten times more), exhaustive",
    )
    group.addoption(
        "--laws-timeout",
        metavar="SECONDS",
        help="interrupt a law whose experiment takes longer than this (default 10; most take a"
        " thousandth of a second) and go on with the next law; 0 for no limit",
    )
    group.addoption(
        "--laws-known-failures",
        metavar="FILE",
        help="laws that are known not to hold, one `target law reason` a line; each must fail",
    )
    group.addoption(
        "--laws-strict",
        nargs="?",
        const="yes",
        choices=("yes", "no"),
        help="fail for every function that looks like one on streams and was not checked;"
        " the default under --laws-profile=ci",
    )
    group.addoption(
        "--laws-require",
        metavar="NAMES",
        default="",
        help="fail unless these operations, such as map,merge, were found",
    )
    group.addoption(
        "--laws-init",
        metavar="FILE",
        help="write what --laws has found into a test file, for you to edit, and run nothing",
    )
    group.addoption(
        "--laws-schedule",
        metavar="LIST",
        help="use this schedule, such as '[0, 2, 1]', as a failure printed it, for every run",
    )
    group.addoption(
        "--laws-report",
        action="append",
        default=[],
        metavar="FILE",
        help="write what was found to a .json, .md or .html file; may be given more than once."
        " With an equals sign: pytest takes a bare path for its root folder.",
    )
    from funcpipe_laws.leaks import options

    options.add(parser)


def pytest_cmdline_main(config: pytest.Config) -> int | None:
    """Write the test file of `--laws-init` in place of a run."""
    if config.getoption("laws_init") is None:
        return None
    from funcpipe_laws.declared.config import ConfigError
    from funcpipe_laws.declared.instance import NotFound
    from funcpipe_laws.finding.discover import resolve
    from funcpipe_laws.finding.scaffold import write

    path, targets = Path(config.getoption("laws_init")), config.getoption("laws")
    try:
        if not targets:
            raise ConfigError("--laws-init needs --laws MODULE: what is to be written down")
        write([one for target in targets for one in resolve(target)], path)
    except (ConfigError, NotFound) as exc:
        print(f"laws: {exc}", file=sys.stderr)
        return 2
    print(f"written: {path}")
    return 0


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Resolve what is to be checked; what is wrong ends the run at once, with exit code 2."""
    config.pluginmanager.register(LawSummary(), "funcpipe laws summary")
    endpoints.configure(config)
    purity.configure(config)
    from funcpipe_laws.leaks import options

    config.addinivalue_line("markers", options.MARK)
    if options.is_asked_for(config):
        from funcpipe_laws.leaks.plugin import install

        install(config)
    if not _wanted(config):
        return
    try:
        import hypothesis  # noqa: F401 - only whether it is there
    except ImportError:
        pytest.exit("--laws needs Hypothesis: pip install 'funcpipe-kit[laws]'", returncode=2)
    from funcpipe_laws.apart import watchdog
    from funcpipe_laws.declared.config import ConfigError
    from funcpipe_laws.declared.instance import NotFound

    watchdog.last_words = partial(_last_words, config)
    try:
        config.stash[_SETTINGS] = _settings(config)
    except (ConfigError, NotFound) as exc:
        pytest.exit(f"laws: {exc}", returncode=2)


def _last_words(config: pytest.Config, reason: str) -> None:
    """What the terminal shows before the process has to be ended: captured output is lost."""
    from funcpipe_laws.apart import watchdog

    capturing = config.pluginmanager.getplugin("capturemanager")
    if capturing is not None:
        capturing.suspend_global_capture(in_=True)
    summary = config.pluginmanager.getplugin("funcpipe laws summary")
    unchecked = len(getattr(summary, "unreported", ()))
    print(
        f"\nlaws: {reason}, and cannot be interrupted: the run ends here, with exit code"
        f" {watchdog.EXIT_CODE}. {unchecked} laws have not been reported.",
        file=sys.stderr,
        flush=True,
    )


def _wanted(config: pytest.Config) -> bool:
    """Whether a law is asked for, without reading more than that takes."""
    options = ("", "_schedule", "_report", "_known_failures", "_timeout")
    if any(config.getoption(f"laws{name}") for name in options):
        return True
    path = config.rootpath / "pyproject.toml"
    return path.is_file() and b"funcpipe-laws" in path.read_bytes()


class _Settings:
    """What the options and the configuration come to."""

    def __init__(
        self, profile: str, timeout: float | None, schedule: Schedule | None, found: list[Found]
    ) -> None:
        self.profile, self.timeout = profile, timeout
        self.schedule, self.found = schedule, found
        self.unmatched: list[str] = []
        self.strict = False


def _settings(config: pytest.Config) -> _Settings:
    from funcpipe_laws import catalogue
    from funcpipe_laws.checking.demands import check_demands, is_strict
    from funcpipe_laws.checking.suite import unmatched_waivers
    from funcpipe_laws.declared.config import ConfigError, load
    from funcpipe_laws.declared.known_failures import KnownFailures
    from funcpipe_laws.finding.discover import resolve, waived
    from funcpipe_laws.report.write import check_path
    from funcpipe_laws.simulation.schedule import Schedule

    project = load(config.rootpath)
    for path in config.getoption("laws_report"):
        problem = check_path(Path(path))
        if problem:
            raise ConfigError(f"--laws-report {problem}")
    try:
        text = config.getoption("laws_schedule")
        schedule = None if text is None else Schedule.parse(text)
    except ValueError as exc:
        raise ConfigError(f"--laws-schedule {exc}") from None
    without_paths = config.args_source is not pytest.Config.ArgsSource.ARGS
    targets = config.getoption("laws")
    if targets and without_paths and _is_typed(config):
        config.args = []
    elif without_paths and not targets:
        targets = project.modules
    found = [one for target in targets for one in resolve(target)]
    profile = config.getoption("laws_profile") or project.profile
    settings = _Settings(profile, _timeout(config), schedule, found)
    settings.unmatched = [line for one in found for line in unmatched_waivers(one.instance)]
    known_path = config.getoption("laws_known_failures") or project.known_failures
    if known_path is not None:
        known = KnownFailures.read(Path(known_path))
        settings.found = [waived(one, known.waivers(one.target)) for one in found]
        names = [name for law in catalogue.laws() for name in (law.id, law.slug)]
        settings.unmatched += known.unmatched((one.target for one in found), names)
    required = [name.strip() for name in config.getoption("laws_require").split(",")]
    check_demands(settings.found, filter(None, required))
    asked = config.getoption("laws_strict")
    settings.strict = is_strict(asked and asked == "yes", settings.profile)
    return settings


def _is_typed(config: pytest.Config) -> bool:
    """Whether `--laws` was given for this run; in `addopts` it adds to the project's own tests."""
    return any(
        argument == "--laws" or argument.startswith("--laws=")
        for argument in map(str, config.invocation_params.args)
    )


def _timeout(config: pytest.Config) -> float | None:
    from funcpipe_laws.declared.config import ConfigError, seconds

    text = config.getoption("laws_timeout")
    try:
        return None if text is None else seconds(text)
    except ValueError as exc:
        raise ConfigError(f"--laws-timeout {exc}") from None


def pytest_report_header(config: pytest.Config) -> list[str]:
    """What was found under each name."""
    settings = config.stash.get(_SETTINGS, None)
    if settings is None:
        return []
    from funcpipe_laws.checking.demands import listing

    lines = [f"laws: {line}" for line in listing(settings.found)]
    return lines + [f"laws: warning: {line}" for line in settings.unmatched]


class LawSuite(pytest.Collector):
    """The laws on one instance."""

    found: Found
    strict: bool

    def collect(self) -> Iterable[pytest.Item]:
        """One item a law; the first one, if that is demanded, says what is not checked."""
        from funcpipe_laws.checking.suite import bind

        if self.strict and self.found.sightings:
            everything: EverythingItem = EverythingItem.from_parent(self, name="everything-checked")
            everything.found = self.found
            yield everything

        for bound in bind(self.found.instance, self.name):
            item: LawItem = LawItem.from_parent(self, name=bound.name)
            item.bound = bound
            yield item


class EverythingItem(pytest.Item):
    """That every function which looks like one on streams is checked."""

    found: Found

    def runtest(self) -> None:
        """Fail with a line for each that is not."""
        from funcpipe_laws.checking.demands import unchecked

        lines = unchecked(self.found)
        if lines:
            text = "\n  ".join([f"not checked in {self.found.target}:", *lines])
            pytest.fail(f"{text}\n  or --laws-strict=no", pytrace=False)

    def reportinfo(self) -> tuple[Any, None, str]:
        """Where the terminal says it is."""
        return self.path, None, f"everything of {self.found.target} is checked"


class LawItem(pytest.Item):
    """One law on one instance."""

    bound: BoundLaw

    def runtest(self) -> None:
        """Check it."""
        self.bound.check()

    def reportinfo(self) -> tuple[Any, None, str]:
        """Where the terminal says it is."""
        # Not the end of the node id: pytest would write its dots as colons.
        return self.path, None, f"{self.bound.law} on {self.bound.instance.name}"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(
    session: pytest.Session, config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Add the laws before `-k`, `--lf` and the like choose."""
    settings = config.stash.get(_SETTINGS, None)
    for found in settings.found if settings else ():
        suite: LawSuite = LawSuite.from_parent(session, name=found.target, nodeid=found.target)
        suite.found, suite.strict = found, settings is not None and settings.strict
        items.extend(session.genitems(suite))


def _bound_law(item: pytest.Item) -> BoundLaw | None:
    """The law that an item checks, whichever way it was collected."""
    if isinstance(item, LawItem):
        return item.bound
    if isinstance(item, pytest.Function) and hasattr(item, "callspec"):
        bound: Any = item.callspec.params.get("law")
        if type(bound).__module__ == "funcpipe_laws.checking.suite":
            law: BoundLaw = bound
            return law
    return None


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Hand the options on."""
    bound = _bound_law(item)
    settings = item.config.stash.get(_SETTINGS, None)
    if bound is not None:
        profile = settings.profile if settings else item.config.getoption("laws_profile")
        bound.profile = bound.profile or profile
        bound.schedule = settings.schedule if settings else None
        if settings and settings.timeout is not None and bound.budget is not None:
            bound.budget.allow(settings.timeout)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Say in the report, and so in a junit file, how much a law has seen."""
    bound = _bound_law(item)
    if bound is not None and call.when == "call" and bound.verdict is not None:
        verdict = bound.verdict
        item.user_properties += [("law", verdict.law.id), ("status", verdict.status)]
        item.user_properties += [(f"seen {what}", n) for what, n in sorted(verdict.seen.items())]
    report = yield
    if bound is not None and bound.verdict is not None and call.when == "call":
        from funcpipe_laws.report.record import law_record

        # An attribute of plain data: with xdist, reports travel to the main process as JSON.
        verdict_with_place = [
            bound.target or item.nodeid.partition("[")[0],
            bound.instance.name,
            law_record(bound.verdict, bound.target),
        ]
        vars(report)["law_verdict"] = verdict_with_place
        # In CI, pytest's short summary prints this whole, and it is the page above.
        if crash := getattr(report.longrepr, "reprcrash", None):
            crash.message = crash.message.partition("\n")[0]
    return report


class LawSummary:
    """Gathers the verdicts of a run, from worker processes too, and reports them at its end."""

    def __init__(self) -> None:
        self.verdicts: dict[tuple[str, str], list[LawRecord]] = {}
        self.unreported: set[str] = set()
        self.unwritten = False

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Note which laws are to be checked."""
        if not session.config.option.collectonly:
            self.unreported = {item.nodeid for item in session.items if _bound_law(item)}
        budgets = [bound.budget for bound in map(_bound_law, session.items) if bound is not None]
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
            target, name, law = verdict
            self.verdicts.setdefault((target, name), []).append(law)

    def pytest_terminal_summary(
        self, terminalreporter: pytest.TerminalReporter, config: pytest.Config
    ) -> None:
        """The totals of each instance, and where the reports are."""
        if not self.verdicts:
            return
        from funcpipe_laws.report import causes, record, text, write

        settings = config.stash.get(_SETTINGS, None)
        mappings = {one.target: one.mapping for one in settings.found} if settings else {}
        order = [*mappings, *sorted({target for target, _ in self.verdicts} - {*mappings})]
        checked = [
            record.Checked(target, name, mappings.get(target, target), laws)
            for (target, name), laws in sorted(
                self.verdicts.items(), key=lambda each: (order.index(each[0][0]), each[0][1])
            )
        ]
        terminalreporter.section("laws")
        for instance in checked:
            totals = text.totals(law["status"] for law in instance.laws)
            terminalreporter.line(f"{instance.name}: {totals}")
            for line in causes.summary(instance.laws):
                terminalreporter.line(f"  {line}")
        made = record.conformance(checked, _options(config))
        for path in config.getoption("laws_report"):
            try:
                write.write(made, Path(path))
            except OSError as exc:
                self.unwritten = True
                terminalreporter.line(f"not written: {path}: {exc.strerror}", red=True)
            else:
                terminalreporter.line(f"written: {path}")


def _options(config: pytest.Config) -> list[str]:
    """The options of a run that its verdicts depend on, as a report names them."""
    settings = config.stash.get(_SETTINGS, None)
    named = {
        "profile": settings.profile if settings else config.getoption("laws_profile"),
        "timeout": config.getoption("laws_timeout"),
        "schedule": config.getoption("laws_schedule"),
        "known failures": config.getoption("laws_known_failures"),
    }
    return [f"{name} {value}" for name, value in named.items() if value is not None]
