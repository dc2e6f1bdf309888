"""The options of the `check` command, by what they are about."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from funcpipe_lint.config.options import OPTIONS

EXIT_CODES = """\
exit codes:
  0  nothing was found
  1  violations were found (with --diff: fixes would change a file; with
     --error-stale: or the baseline holds mended ones)
  2  something could not be checked, or the command line or configuration is
     wrong
"""
_EXAMPLES = """\
examples:
  funcpipe-lint check src                            find what is wrong
  funcpipe-lint check --fix src                      fix what is safe to fix
  funcpipe-lint check --since origin/main            only what has changed
  funcpipe-lint check --output-format github src     annotate a pull request
"""


def check_parser(make: Callable[..., Any]) -> Any:
    """The parser of the command, made by a function like `add_parser`."""
    check = make(
        "check",
        help="check files and folders",
        description="Check files and folders (default: the current one).",
        epilog=f"{_EXAMPLES}\n{EXIT_CODES}",
    )
    check.add_argument(
        "paths",
        nargs="*",
        default=["."],
        metavar="PATH",
        help="a folder, for the .py, .pyi, .pyw and .ipynb files below it, or a file of any name",
    )
    check.add_argument(
        "--since",
        metavar="REV",
        help="only files that differ from where the branch left REV, such as origin/main",
    )
    check.add_argument(
        "--stdin-filename", metavar="PATH", help="check standard input as the content of PATH"
    )
    _rule_options(check.add_argument_group("rules (codes or prefixes, separated by commas)"))
    _following_options(check.add_argument_group("other modules"))
    _old_code_options(check.add_argument_group("old code"))
    _fix_options(check.add_argument_group("fixes"))
    _output_options(check.add_argument_group("output"))
    where = check.add_argument_group("configuration")
    where_options(where)
    where.add_argument(
        "--extend-exclude",
        action="append",
        metavar="GLOB",
        help="leave this file or folder out as well; may be repeated",
    )
    where.add_argument(
        "--force-exclude",
        action="store_true",
        help="leave out what `exclude` names though it is given as a PATH, as by a commit hook",
    )
    _run_options(check.add_argument_group("runs"))
    return check


def _rule_options(rules: Any) -> None:
    rules.add_argument("--select", type=_some, metavar="CODES", help="these and no others, or ALL")
    rules.add_argument("--extend-select", metavar="CODES", help="run these as well")
    rules.add_argument("--ignore", metavar="CODES", help="do not run these")
    rules.add_argument(
        "--profile",
        choices=OPTIONS["profile"].choices,
        help="strict: every rule; invariants: laziness, errors as items and release alone",
    )
    rules.add_argument(
        "--discipline",
        choices=("auto", "all", "off"),
        help="which modules count as streams of Results (default: auto, by their annotations)",
    )


def _following_options(following: Any) -> None:
    following.add_argument(
        "--follow-imports",
        choices=OPTIONS["follow-imports"].choices,
        help="whose modules are read for what an import names: the project's (default), those of"
        " installed distributions too, or none",
    )
    following.add_argument(
        "--python",
        metavar="PATH",
        help="the environment whose distributions are read: its folder or its interpreter",
    )


def _old_code_options(old: Any) -> None:
    old.add_argument(
        "--baseline",
        metavar="FILE",
        help="report only what this file does not hold, nor holds of a file that was renamed",
    )
    old.add_argument(
        "--update-baseline",
        action="store_true",
        help="record today's violations of these paths in the baseline, and forget mended ones",
    )
    old.add_argument(
        "--error-stale",
        action="store_true",
        help="fail where the baseline holds violations that are mended",
    )
    old.add_argument(
        "--add-noqa",
        type=_reason,
        metavar="REASON",
        help="silence today's violations with `# funcpipe: ignore[...] REASON` in the code",
    )


def _fix_options(fixes: Any) -> None:
    fixes.add_argument("--fix", action="store_true", default=None, help="apply safe fixes")
    fixes.add_argument(
        "--unsafe-fixes", action="store_true", default=None, help="apply those that may change more"
    )
    fixes.add_argument("--diff", action="store_true", help="show the fixes, write nothing")
    fixes.add_argument(
        "--target-version",
        metavar="VERSION",
        help="the oldest Python that the code is for, such as 3.12: fixes write nothing that is"
        " newer (default: that of requires-python)",
    )


def _run_options(runs: Any) -> None:
    runs.add_argument(
        "--watch", action="store_true", help="check again whenever a file changes, until Ctrl-C"
    )
    runs.add_argument(
        "--no-cache", action="store_true", help="check every file anew, and remember nothing"
    )
    runs.add_argument(
        "--cache-dir",
        metavar="FOLDER",
        help="where reports of unchanged files are kept (default: .funcpipe_cache)",
    )
    runs.add_argument("--executor", metavar="NAME", help="other machines: dask:HOST:PORT")
    runs.add_argument(
        "-j",
        "--jobs",
        type=_jobs,
        default=0,
        metavar="N",
        help="worker processes (default: one a core, where the run is large enough)",
    )
    for key, what in (("max-seconds", "seconds of processor time"), ("max-memory", "megabytes")):
        runs.add_argument(
            f"--{key}",
            type=_whole,
            metavar="N",
            help=f"the {what} that one file may take before it is given up, FP002"
            f" (default: {OPTIONS[key].default}; 0: any)",
        )


def _output_options(output: Any) -> None:
    output.add_argument(
        "--output-format",
        choices=OPTIONS["output-format"].choices,
        metavar="FORMAT",
        help="text with the source around it (default), concise: a line each, or what a CI reads:"
        " json, sarif, github, gitlab, junit",
    )
    output.add_argument(
        "--statistics", action="store_true", help="count the violations of each rule, list none"
    )
    output.add_argument("--no-noqa", action="store_true", help="leave `# noqa` to another tool")
    output.add_argument("-q", "--quiet", action="store_true", help="no closing line")
    output.add_argument(
        "--explain",
        default=argparse.SUPPRESS,  # None would undo an --explain before the command
        metavar="CODE",
        help="the page of a rule, instead",
    )


def where_options(group: Any) -> None:
    """Where the configuration comes from: the same for every command that reads one."""
    either = group.add_mutually_exclusive_group()
    either.add_argument("--config", metavar="FILE", help="this file, for every path")
    either.add_argument("--isolated", action="store_true", help="read no configuration file")
    plugins = group.add_mutually_exclusive_group()
    plugins.add_argument(
        "--plugin",
        action="append",
        metavar="MODULE",
        help="import a module with a team's own rules, as `plugins` does; may be repeated",
    )
    plugins.add_argument(
        "--no-plugins",
        action="store_true",
        help="import none, whatever the configuration of the current folder names",
    )


def _jobs(text: str) -> int:
    if not text.isdigit():
        raise argparse.ArgumentTypeError(f"'{text}' is no number of processes; 0 means one a core")
    return int(text)


def _whole(text: str) -> int:
    if not text.isdigit() or len(text) > 9:
        raise argparse.ArgumentTypeError(f"'{text}' is no whole number; 0 means any")
    return int(text)


def _some(codes: str) -> str:
    # An empty variable in a script would check nothing, and pass.
    if not codes.replace(",", " ").split():
        raise argparse.ArgumentTypeError("it names no rule; ALL names every one")
    return codes


def _reason(text: str) -> str:
    flat = " ".join(text.split())
    if not flat:
        raise argparse.ArgumentTypeError('it needs a reason: --add-noqa "until the pool is closed"')
    return flat
