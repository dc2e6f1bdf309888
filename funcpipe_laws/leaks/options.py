"""The options of `pytest --stream-leaks`: all that a run without them loads."""

from __future__ import annotations

import argparse

import pytest

MARK = (
    'stream_leaks("allow", reason=...): what this test leaves behind is known;'
    " it fails once nothing is left any more"
)


def add(parser: pytest.Parser) -> None:
    """A group of its own in `--help`."""
    group = parser.getgroup("stream leaks")
    group.addoption(
        "--stream-leaks",
        nargs="?",
        const="error",
        type=_mode,
        metavar="error|warn|report|off",
        help="find what tests leave behind: async generators with clean-up still to run, tasks,"
        " lost exceptions, coroutines never awaited. error (without a value): such a test fails;"
        " warn: a warning; report: only the list at the end. Give the value when a path follows.",
    )
    group.addoption(
        "--stream-leaks-known-failures",
        metavar="FILE",
        help="leaks that are known, one `kind file function reason` a line; each must be seen",
    )
    group.addoption(
        "--stream-leaks-report",
        action="append",
        default=[],
        metavar="FILE",
        help="write what was found to a .json, .md or .html file; may be given more than once."
        " With an equals sign: pytest takes a bare path for its root folder.",
    )
    group.addoption(
        "--stream-leaks-fix",
        action="store_true",
        help="apply funcpipe-lint's safe fixes at the lines that leave streams open",
    )


def _mode(value: str) -> str:
    if value in ("error", "warn", "report", "off"):
        return value
    raise argparse.ArgumentTypeError(
        f"{value!r} is none of error, warn, report, off"
        f" (is it a path? then write: --stream-leaks=error {value})"
    )


def is_asked_for(config: pytest.Config) -> bool:
    """Whether the plugin has anything to do, without reading more than that takes."""
    names = ("stream_leaks", "stream_leaks_known_failures", "stream_leaks_report")
    if any(config.getoption(name) for name in (*names, "stream_leaks_fix")):
        return True
    path = config.rootpath / "pyproject.toml"
    return path.is_file() and b"stream-leaks" in path.read_bytes()
