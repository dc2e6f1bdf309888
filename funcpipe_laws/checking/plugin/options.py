"""The options of `pytest --laws`, and what they and the configuration come to."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from funcpipe_laws.finding.discover import Found
    from funcpipe_laws.simulation.schedule import Schedule

SETTINGS: pytest.StashKey[Settings] = pytest.StashKey()


def add(parser: pytest.Parser) -> None:
    """The options, in a group of their own in `--help`."""
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
        type=_profile,
        metavar="{quick,ci,exhaustive}",
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


def _profile(text: str) -> str:
    from funcpipe_laws.declared.profile import named

    return named(text)


def is_wanted(config: pytest.Config) -> bool:
    """Whether a law is asked for, without reading more than that takes."""
    options = ("", "_schedule", "_report", "_known_failures", "_timeout")
    if any(config.getoption(f"laws{name}") for name in options):
        return True
    path = config.rootpath / "pyproject.toml"
    return path.is_file() and b"funcpipe-laws" in path.read_bytes()


class Settings:
    """What the options and the configuration come to."""

    def __init__(
        self, profile: str, timeout: float | None, schedule: Schedule | None, found: list[Found]
    ) -> None:
        self.profile, self.timeout = profile, timeout
        self.schedule, self.found = schedule, found
        self.unmatched: list[str] = []
        self.strict = False


def read(config: pytest.Config) -> Settings:
    """The settings of this run; raises `ConfigError` or `NotFound` for what is wrong with them."""
    from funcpipe_laws import catalogue
    from funcpipe_laws.checking.demands import check_demands, is_strict
    from funcpipe_laws.checking.suite import unmatched_waivers
    from funcpipe_laws.declared.config import ConfigError, load
    from funcpipe_laws.declared.known_failures import KnownFailures
    from funcpipe_laws.finding.discover import resolve, waived
    from funcpipe_laws.report.write import check_path

    project = load(config.rootpath)
    for path in config.getoption("laws_report"):
        problem = check_path(Path(path))
        if problem:
            raise ConfigError(f"--laws-report {problem}")
    without_paths = config.args_source is not pytest.Config.ArgsSource.ARGS
    targets = config.getoption("laws")
    if targets and without_paths and _is_typed(config):
        config.args = []
    elif without_paths and not targets:
        targets = project.modules
    found = [one for target in targets for one in resolve(target)]
    profile = config.getoption("laws_profile") or project.profile
    settings = Settings(profile, _timeout(config), _schedule(config), found)
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


def _schedule(config: pytest.Config) -> Schedule | None:
    from funcpipe_laws.declared.config import ConfigError
    from funcpipe_laws.simulation.schedule import Schedule

    text = config.getoption("laws_schedule")
    try:
        return None if text is None else Schedule.parse(text)
    except ValueError as exc:
        raise ConfigError(f"--laws-schedule {exc}") from None


def _timeout(config: pytest.Config) -> float | None:
    from funcpipe_laws.declared.config import ConfigError, seconds

    text = config.getoption("laws_timeout")
    try:
        return None if text is None else seconds(text)
    except ValueError as exc:
        raise ConfigError(f"--laws-timeout {exc}") from None


def named(config: pytest.Config) -> list[str]:
    """The options of a run that its verdicts depend on, as a report names them."""
    settings = config.stash.get(SETTINGS, None)
    named = {
        "profile": settings.profile if settings else config.getoption("laws_profile"),
        "timeout": config.getoption("laws_timeout"),
        "schedule": config.getoption("laws_schedule"),
        "known failures": config.getoption("laws_known_failures"),
    }
    return [f"{name} {value}" for name, value in named.items() if value is not None]
