"""The `funcpipe-lint` command: arguments in, report and exit code out."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from funcpipe_lint import __version__
from funcpipe_lint.config import ConfigError, Resolver
from funcpipe_lint.discover import discover
from funcpipe_lint.rules import KNOWN_CODES

if TYPE_CHECKING:
    from funcpipe_lint.model import FileReport
    from funcpipe_lint.run import Run

_EXIT_CODES = """\
exit codes:
  0  nothing was found
  1  violations were found (with --diff: fixes would change a file)
  2  something could not be checked, or the command line or configuration is wrong
"""
_EXAMPLES = """\
examples:
  funcpipe-lint check src                       find what is wrong
  funcpipe-lint check --diff src                show what --fix would change
  funcpipe-lint check --fix src                 fix what can be fixed safely
  funcpipe-lint check --select FP301,FP303 .    two rules only
  funcpipe-lint rule FP303                      what a rule means and how to repair it
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; returns its exit code."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.explain:
        options.codes, options.all, options.command = [options.explain], False, "rule"
        options.output_format = None
    if options.command is None:
        parser.print_help()
        return 2
    try:
        return int(_COMMANDS[options.command](options))
    except ConfigError as error:
        print(f"funcpipe-lint: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        # The reader (`| head`) has seen enough; what it did not read is not our failure.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        print("funcpipe-lint: interrupted", file=sys.stderr)
        return 2


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> Any:
        from funcpipe_lint.config import nearest

        bad = [word for word in message.split() if word.startswith("--")]
        hint = nearest(bad[-1], self._option_string_actions) if "unrecognized" in message else ""
        self.exit(2, f"funcpipe-lint: {message}{hint}; see {self.prog} --help\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="funcpipe-lint",
        description="Lint async streams: materialised, unclosed, unbounded, short-circuited.",
        epilog=_EXAMPLES + "\n" + _EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"funcpipe-lint {__version__}")
    parser.add_argument("--explain", metavar="CODE", help="the page of a rule")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    _check_parser(commands)
    _rule_parser(commands)
    return parser


def _check_parser(commands: Any) -> None:
    check = commands.add_parser(
        "check",
        help="check files and folders",
        description="Check files and folders (default: the current one).",
        epilog=_EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    check.add_argument("paths", nargs="*", default=["."], metavar="PATH")
    rules = check.add_argument_group("rules (codes or prefixes, separated by commas)")
    rules.add_argument("--select", metavar="CODES", help="run these and no others; ALL for all")
    rules.add_argument("--extend-select", metavar="CODES", help="run these as well")
    rules.add_argument("--ignore", metavar="CODES", help="do not run these")
    rules.add_argument("--profile", choices=("default", "strict"), help="strict: every rule")
    rules.add_argument(
        "--discipline",
        choices=("auto", "all", "off"),
        help="which modules count as streams of Results (default: auto, by their annotations)",
    )
    fixes = check.add_argument_group("fixes")
    fixes.add_argument("--fix", action="store_true", default=None, help="apply safe fixes")
    fixes.add_argument(
        "--unsafe-fixes", action="store_true", default=None, help="apply those that may change more"
    )
    fixes.add_argument("--diff", action="store_true", help="show the fixes, write nothing")
    output = check.add_argument_group("output")
    output.add_argument("--output-format", choices=("text", "concise", "json"))
    output.add_argument("--no-noqa", action="store_true", help="leave `# noqa` to another tool")
    output.add_argument("-q", "--quiet", action="store_true", help="no closing line")
    output.add_argument("--explain", metavar="CODE", help="the page of a rule, instead")
    where = check.add_argument_group("configuration")
    where.add_argument("--config", metavar="FILE", help="this file, for every path")
    where.add_argument("--isolated", action="store_true", help="read no configuration file")
    where.add_argument("-j", "--jobs", type=_jobs, default=0, metavar="N", help="worker processes")


def _rule_parser(commands: Any) -> None:
    rule = commands.add_parser(
        "rule", help="explain rules", description="Print the page of a rule, or of all."
    )
    rule.add_argument("codes", nargs="*", metavar="CODE")
    rule.add_argument("--all", action="store_true", help="every rule")
    rule.add_argument("--output-format", choices=("text", "json"), default="text")


def _jobs(text: str) -> int:
    if not text.isdigit():
        raise argparse.ArgumentTypeError(f"'{text}' is no number of processes; 0 means one a core")
    return int(text)


def _split(codes: str | None) -> list[str] | None:
    return None if codes is None else [code for code in codes.replace(",", " ").split() if code]


def _overrides(options: argparse.Namespace) -> dict[str, Any]:
    given = {
        "select": _split(options.select),
        "extend-select": _split(options.extend_select),
        "ignore": _split(options.ignore),
        "profile": options.profile,
        "discipline": options.discipline,
    }
    return {key: value for key, value in given.items() if value is not None}


def _check(options: argparse.Namespace) -> int:
    from funcpipe_lint.run import check_targets, gather

    only = Path(options.config) if options.config else None
    resolver = Resolver(_overrides(options), only, options.isolated)
    here = resolver.config_for("")
    targets, crashes = discover(options.paths, resolver)
    is_fixing = options.fix or options.unsafe_fixes or options.diff
    if options.fix is None and not is_fixing and here.fix:
        is_fixing = True
    unsafe = bool(options.unsafe_fixes) or (is_fixing and here.unsafe_fixes)
    fixed = 0
    if is_fixing:
        reports, fixed = _fix(targets, unsafe, options.diff)
    else:
        reports = list(check_targets(targets, jobs=options.jobs, noqa=not options.no_noqa))
    run = gather(targets, reports, crashes)
    if options.diff:
        _print_errors(run)
        return 2 if run.crashes else int(bool(fixed))
    _print(run, options.output_format or here.output_format or "text", options.quiet, fixed)
    return run.exit_code


def _fix(targets: list[Any], unsafe: bool, is_diff: bool) -> tuple[list[FileReport], int]:
    from funcpipe_lint.run import fix

    reports, changed = [], 0
    for report, is_changed in fix(targets, unsafe=unsafe, apply=_show_diff if is_diff else None):
        reports.append(report)
        changed += is_changed
    return reports, changed


def _show_diff(path: str, before: bytes, after: bytes) -> None:
    import difflib

    from funcpipe_lint.source import Source

    old, new = (Source.decode(raw).text.splitlines(keepends=True) for raw in (before, after))
    for line in difflib.unified_diff(old, new, path, path):
        sys.stdout.write(line if line.endswith(("\n", "\r")) else f"{line}\n\\ No newline at end\n")


def _print(run: Run, form: str, quiet: bool, fixed: int) -> None:
    if form == "json":
        from funcpipe_lint.report import json

        sys.stdout.write(json.render(run.violations, run.crashes, run.files))
        return
    from funcpipe_lint.report import text

    paint = text.Painter(_has_colour())
    render = text.concise if form == "concise" else text.full
    sys.stdout.write(render(run.violations, paint))
    _print_errors(run)
    if quiet or form == "concise":
        return
    fixes = [v.fix for v in run.violations if v.fix is not None]
    safe = sum(fix.safe for fix in fixes)
    sys.stdout.write("\n" if run.violations else "")
    sys.stdout.write(text.summary(len(run.violations), run.files, safe, len(fixes) - safe, fixed))


def _print_errors(run: Run) -> None:
    from funcpipe_lint.report import text

    sys.stdout.flush()
    sys.stderr.write(text.errors(run.crashes, text.Painter(_has_colour(sys.stderr))))


def _has_colour(stream: Any = None) -> bool:
    if "NO_COLOR" in os.environ or os.environ.get("TERM") == "dumb":
        return False
    return "FORCE_COLOR" in os.environ or bool((stream or sys.stdout).isatty())


def _rule(options: argparse.Namespace) -> int:
    from funcpipe_lint.config import nearest
    from funcpipe_lint.pages import listing, page, record

    codes = list(KNOWN_CODES) if options.all else [code.upper() for code in options.codes]
    for code in codes:
        if code not in KNOWN_CODES:
            raise ConfigError(f"unknown rule '{code}'{nearest(code, KNOWN_CODES)}")
    if options.output_format == "json":
        import json

        print(json.dumps([record(code) for code in codes or KNOWN_CODES], indent=2))
    elif not codes:
        print(listing())
    else:
        print("\n\n".join(page(code) for code in codes))
    return 0


_COMMANDS = {"check": _check, "rule": _rule}
