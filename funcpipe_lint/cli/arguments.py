"""The command line's options and their help."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from funcpipe_lint import __version__
from funcpipe_lint.cli.check_options import EXIT_CODES, check_parser, where_options

_PROG = "funcpipe-lint"
_EXAMPLES = """\
examples:
  funcpipe-lint check src                       find what is wrong
  funcpipe-lint check --diff src                show what --fix would change
  funcpipe-lint check --fix src                 fix what can be fixed safely
  funcpipe-lint check --select FP301,FP303 .    two rules only
  funcpipe-lint check --baseline old.json --update-baseline src
                                                record today's findings
  funcpipe-lint rule FP303                      what a rule means
  funcpipe-lint config src/app.py               what is configured for a file
"""
_ANSWERED = "exit codes:\n  0  it was printed\n"


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
        for name in ("config", "isolated", "plugin", "no_plugins"):
            setattr(options, name, getattr(options, name, None))
    options.words = words
    return options


def _of_all_commands(words: list[str]) -> argparse.Namespace:
    parser = _parser()
    if words and not words[0].startswith("-"):
        parser.exit(2, f"funcpipe-lint: {_no_command(words)}; see {parser.prog} --help\n")
    options = parser.parse_args(words)
    if options.command is None and not options.explain:
        parser.print_help()
        parser.exit(2)
    return options


def _no_command(words: list[str]) -> str:
    """What is said of a first word that is no command: what was meant."""
    from shlex import join

    from funcpipe_lint.config.settings import nearest
    from funcpipe_lint.model.visible import visible

    hint = nearest(words[0], _PARSERS)
    if os.path.lexists(words[0]):
        hint = f"; did you mean `{_PROG} check {join(words)}`?"
    return visible(f"'{words[0]}' is no command, which are {', '.join(_PARSERS)}{hint}")


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
        from funcpipe_lint.config.settings import nearest
        from funcpipe_lint.model.visible import visible

        words = (word.partition("=")[0].rstrip(":") for word in message.split())
        bad = [word for word in words if word.startswith("--")]
        hint = ""
        if bad and bad[-1] in self.options_below:
            hint = "; it belongs after the command"
        elif bad and bad[-1] not in self.option_strings:
            hint = nearest(bad[-1], [*self.option_strings, *self.options_below])
        self.exit(2, f"funcpipe-lint: {visible(message + hint)}; see {self.prog} --help\n")


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
        epilog=_EXAMPLES + "\n" + EXIT_CODES,
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


def _rule_parser(make: Callable[..., Any]) -> Any:
    rule = make(
        "rule",
        help="explain rules",
        description="List the rules, or print the pages of some.",
        epilog="examples:\n"
        "  funcpipe-lint rule                       one line a rule\n"
        "  funcpipe-lint rule FP303                 the page of a rule\n"
        "  funcpipe-lint rule source-not-closed     the same, by its name\n\n"
        f"{_ANSWERED}  2  no rule has that code or name, or the configuration is wrong\n",
    )
    rule.add_argument(
        "codes",
        nargs="*",
        metavar="CODE",
        help="a code, a prefix, a name such as source-not-closed, or ALL",
    )
    rule.add_argument("--all", action="store_true", help="every rule")
    rule.add_argument("--output-format", choices=("text", "json"), default="text")
    where_options(rule)
    return rule


def _test_rules_parser(make: Callable[..., Any]) -> Any:
    test = make(
        "test-rules",
        help="test a team's own rules on their examples",
        description="Run every rule of the modules on its own good and bad examples.",
        epilog="example:\n  funcpipe-lint test-rules mycompany.stream_rules\n\n"
        "exit codes:\n  0  every example holds\n  1  one does not\n"
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
        epilog="examples:\n"
        "  funcpipe-lint config                     what holds in the current folder\n"
        "  funcpipe-lint config src/app.py          what holds for a file, and whether\n"
        "                                           it is a module of Results\n\n"
        f"{_ANSWERED}  2  there is no such file, or the configuration is wrong\n",
    )
    config.add_argument(
        "path", nargs="?", default=".", metavar="PATH", help="default: the current folder"
    )
    config.add_argument("--schema", action="store_true", help="the JSON schema of the keys instead")
    config.add_argument("--output-format", choices=("text", "json"), default="text")
    where_options(config)
    return config


def _server_parser(make: Callable[..., Any]) -> Any:
    return make(
        "server",
        help="serve an editor (language server protocol, extra [lsp])",
        description="Serve one editor over standard input and output: findings as you type, quick\n"
        "fixes, and the page of a rule where you point at a finding. Your editor starts\n"
        "this; see docs/editors.md.",
        epilog="exit codes:\n  0  the editor has ended it\n  2  the extra [lsp] is not installed\n",
    )


_PARSERS: dict[str, Callable[[Callable[..., Any]], Any]] = {
    "check": check_parser,
    "rule": _rule_parser,
    "config": _config_parser,
    "test-rules": _test_rules_parser,
    "server": _server_parser,
}
