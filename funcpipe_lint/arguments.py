"""The command line's options and their help."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from funcpipe_lint import __version__
from funcpipe_lint.options import OPTIONS

_PROG = "funcpipe-lint"
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
  funcpipe-lint check --baseline old.json --update-baseline src
                                                record today's findings: only new ones count
  funcpipe-lint rule FP303                      what a rule means and how to repair it
  funcpipe-lint config src/app.py               what is configured for a file, and where
"""


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The options; exits with code 2 and one line where they are wrong."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    command = words[0] if words else ""
    if command in _PARSERS:
        # The other commands' options would cost a tenth of a commit hook's run.
        options = argparse.Namespace(command=command)
        _PARSERS[command](_alone).parse_args(words[1:], options)
    else:
        options = _of_all_commands(words)
    if getattr(options, "explain", None):
        options.codes, options.all, options.command = [options.explain], False, "rule"
        options.output_format = None
        for name in ("config", "isolated", "plugin"):
            setattr(options, name, getattr(options, name, None))
    options.words = words
    return options


def _of_all_commands(words: list[str]) -> argparse.Namespace:
    parser = _parser()
    options = parser.parse_args(words)
    if options.command is None and not options.explain:
        parser.print_help()
        parser.exit(2)
    return options


class _Parser(argparse.ArgumentParser):
    """Leaves with one line; a misspelt option of a command is compared with that command's."""

    options_below: tuple[str, ...] = ()

    def __init__(self, **options: Any) -> None:
        # A prefix that is clear today may not be so in the next release.
        super().__init__(allow_abbrev=False, **options)

    @property
    def option_strings(self) -> tuple[str, ...]:
        """The options of this parser alone."""
        return tuple(self._option_string_actions)

    def error(self, message: str) -> Any:
        from funcpipe_lint.config import nearest

        words = (word.partition("=")[0].rstrip(":") for word in message.split())
        bad = [word for word in words if word.startswith("--")]
        hint = ""
        if bad and bad[-1] in self.options_below:
            hint = "; it belongs after the command"
        elif bad and bad[-1] not in self.option_strings:
            hint = nearest(bad[-1], [*self.option_strings, *self.options_below])
        self.exit(2, f"funcpipe-lint: {message}{hint}; see {self.prog} --help\n")


def _formatter(prog: str) -> argparse.RawDescriptionHelpFormatter:
    # argparse makes one for each option; left to find the width itself, each imports shutil.
    try:
        width = int(os.environ.get("COLUMNS") or os.get_terminal_size(1).columns)
    except (OSError, ValueError):
        width = 80
    return argparse.RawDescriptionHelpFormatter(prog, width=max(width, 40) - 2)


def _alone(name: str, **options: Any) -> _Parser:
    """A command's parser without those of the others, and without its line in their list."""
    del options["help"]
    return _Parser(prog=f"{_PROG} {name}", formatter_class=_formatter, **options)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog=_PROG,
        description="Lint async streams: materialised, unclosed, unbounded, short-circuited.",
        epilog=_EXAMPLES + "\n" + _EXIT_CODES,
        formatter_class=_formatter,
    )
    parser.add_argument("--version", action="version", version=f"funcpipe-lint {__version__}")
    parser.add_argument("--explain", metavar="CODE", help="the page of a rule")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", prog=_PROG)
    for build in _PARSERS.values():
        build(partial(commands.add_parser, formatter_class=_formatter))
    parser.options_below = tuple(
        option for command in commands.choices.values() for option in command.option_strings
    )
    return parser


def _check_parser(make: Callable[..., Any]) -> Any:
    check = make(
        "check",
        help="check files and folders",
        description="Check files and folders (default: the current one).",
        epilog=_EXIT_CODES,
    )
    check.add_argument(
        "paths",
        nargs="*",
        default=["."],
        metavar="PATH",
        help="a folder, for the .py, .pyi, .pyw and .ipynb files below it, or a file of any name",
    )
    check.add_argument(
        "--stdin-filename", metavar="PATH", help="check standard input as the content of PATH"
    )
    rules = check.add_argument_group("rules (codes or prefixes, separated by commas)")
    rules.add_argument("--select", type=_some, metavar="CODES", help="these and no others, or ALL")
    rules.add_argument("--extend-select", metavar="CODES", help="run these as well")
    rules.add_argument("--ignore", metavar="CODES", help="do not run these")
    rules.add_argument("--profile", choices=("default", "strict"), help="strict: every rule")
    rules.add_argument(
        "--discipline",
        choices=("auto", "all", "off"),
        help="which modules count as streams of Results (default: auto, by their annotations)",
    )
    old = check.add_argument_group("old code")
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
        "--add-noqa",
        type=_reason,
        metavar="REASON",
        help="silence today's violations with `# funcpipe: ignore[...] REASON` in the code",
    )
    fixes = check.add_argument_group("fixes")
    fixes.add_argument("--fix", action="store_true", default=None, help="apply safe fixes")
    fixes.add_argument(
        "--unsafe-fixes", action="store_true", default=None, help="apply those that may change more"
    )
    fixes.add_argument("--diff", action="store_true", help="show the fixes, write nothing")
    _output_options(check.add_argument_group("output"))
    where = check.add_argument_group("configuration")
    _where_options(where)
    where.add_argument(
        "--force-exclude",
        action="store_true",
        help="leave out what `exclude` names though it is given as a PATH, as by a commit hook",
    )
    runs = check.add_argument_group("runs")
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
    return check


def _output_options(output: Any) -> None:
    output.add_argument(
        "--output-format",
        choices=OPTIONS["output-format"].choices,
        help="text with the source around it (default), concise: a line each, or what a CI reads",
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


def _rule_parser(make: Callable[..., Any]) -> Any:
    rule = make(
        "rule", help="explain rules", description="List the rules, or print the pages of some."
    )
    rule.add_argument("codes", nargs="*", metavar="CODE", help="a code, a prefix, or ALL")
    rule.add_argument("--all", action="store_true", help="every rule")
    rule.add_argument("--output-format", choices=("text", "json"), default="text")
    _where_options(rule)
    return rule


def _test_rules_parser(make: Callable[..., Any]) -> Any:
    test = make(
        "test-rules",
        help="test a team's own rules on their examples",
        description="Run every rule of the modules on its own good and bad examples.",
        epilog="exit codes:\n  0  every example holds\n  1  one does not\n"
        "  2  a module cannot be imported, or holds no usable rule\n",
    )
    test.add_argument(
        "modules",
        nargs="*",
        metavar="MODULE",
        help="a name as in `import` (default: those that `plugins` in the configuration names)",
    )
    return test


def _config_parser(make: Callable[..., Any]) -> Any:
    config = make(
        "config",
        help="show the configuration of a file",
        description="Print every key that holds for a file or folder, and where it comes from.",
    )
    config.add_argument(
        "path", nargs="?", default=".", metavar="PATH", help="default: the current folder"
    )
    config.add_argument("--schema", action="store_true", help="the JSON schema of the keys instead")
    config.add_argument("--output-format", choices=("text", "json"), default="text")
    _where_options(config)
    return config


def _where_options(group: Any) -> None:
    either = group.add_mutually_exclusive_group()
    either.add_argument("--config", metavar="FILE", help="this file, for every path")
    either.add_argument("--isolated", action="store_true", help="read no configuration file")
    group.add_argument(
        "--plugin",
        action="append",
        metavar="MODULE",
        help="import a module with a team's own rules, as `plugins` does; may be repeated",
    )


def _jobs(text: str) -> int:
    if not text.isdigit():
        raise argparse.ArgumentTypeError(f"'{text}' is no number of processes; 0 means one a core")
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


_PARSERS: dict[str, Callable[[Callable[..., Any]], Any]] = {
    "check": _check_parser,
    "rule": _rule_parser,
    "config": _config_parser,
    "test-rules": _test_rules_parser,
}
