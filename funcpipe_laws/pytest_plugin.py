"""The pytest plugin: `pytest --laws package.module` checks a module's streams, one test a law.

pytest loads this module in every project where the kit is installed: nothing heavy may be imported
outside of the hooks, and nothing is done unless `--laws` or a law's test asks for it.
"""

from __future__ import annotations

import sys
from collections.abc import Generator
from functools import partial
from pathlib import Path

import pytest

from funcpipe_laws.checking.plugin import options
from funcpipe_laws.checking.plugin.items import LawSuite, bound_law
from funcpipe_laws.checking.plugin.summary import LawSummary
from funcpipe_laws.endpoints import plugin as endpoints
from funcpipe_laws.purity import plugin as purity


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options, in a group of their own in `--help`."""
    endpoints.add_options(parser)
    purity.add_options(parser)
    options.add(parser)
    from funcpipe_laws.leaks import options as leaks

    leaks.add(parser)


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
    from funcpipe_laws.leaks import options as leaks

    config.addinivalue_line("markers", leaks.MARK)
    if leaks.is_asked_for(config):
        from funcpipe_laws.leaks.plugin import install

        install(config)
    if not options.is_wanted(config):
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
        config.stash[options.SETTINGS] = options.read(config)
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


def pytest_report_header(config: pytest.Config) -> list[str]:
    """What was found under each name."""
    settings = config.stash.get(options.SETTINGS, None)
    if settings is None:
        return []
    from funcpipe_laws.checking.demands import listing

    lines = [f"laws: {line}" for line in listing(settings.found)]
    return lines + [f"laws: warning: {line}" for line in settings.unmatched]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(
    session: pytest.Session, config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Add the laws before `-k`, `--lf` and the like choose."""
    settings = config.stash.get(options.SETTINGS, None)
    for found in settings.found if settings else ():
        suite: LawSuite = LawSuite.from_parent(session, name=found.target, nodeid=found.target)
        suite.found, suite.strict = found, settings is not None and settings.strict
        items.extend(session.genitems(suite))


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Hand the options on."""
    bound = bound_law(item)
    settings = item.config.stash.get(options.SETTINGS, None)
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
    bound = bound_law(item)
    if bound is not None and call.when == "call" and bound.verdict is not None:
        verdict = bound.verdict
        item.user_properties += [("law", verdict.law.id), ("status", verdict.status)]
        item.user_properties += [(f"seen {what}", n) for what, n in sorted(verdict.seen.items())]
    report = yield
    if bound is not None and bound.verdict is not None and call.when == "call":
        from funcpipe_laws.checking.demands import uncompared
        from funcpipe_laws.report.record import law_record

        # An attribute of plain data: with xdist, reports travel to the main process as JSON.
        verdict_with_place = [
            bound.target or item.nodeid.partition("[")[0],
            bound.instance.name,
            law_record(bound.verdict, bound.target),
            uncompared(bound.instance),
        ]
        vars(report)["law_verdict"] = verdict_with_place
        # In CI, pytest's short summary prints this whole, and it is the page above.
        if crash := getattr(report.longrepr, "reprcrash", None):
            crash.message = crash.message.partition("\n")[0]
    return report
