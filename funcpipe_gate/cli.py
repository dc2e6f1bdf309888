"""The `funcpipe` command: arguments in, reports and one exit code out."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

from funcpipe_gate.config import Config, GateError, load
from funcpipe_gate.record import STAGES
from funcpipe_gate.report import FORMATS
from funcpipe_laws.declared.nearest import hint
from funcpipe_lint import __version__
from funcpipe_lint.model.visible import visible

EXIT_CODES = """\
exit codes:
  0  nothing was found
  1  something was found
  2  something that was to run could not, or the command line or the
     configuration is wrong
"""
_EXAMPLES = """\
examples:
  funcpipe check                       every stage that is configured
  funcpipe check --since origin/main   what has changed, and what depends on it
  funcpipe check --only lint,laws      two stages
  funcpipe check --report gate.sarif --report gate.html
                                       for code scanning, and for a person
"""
_KEYS = """\
configuration, [tool.funcpipe] in pyproject.toml, or the same keys in
funcpipe.toml:
  paths = ["src"]                what the linter checks (default: the project)
  profile = "invariants"         the linter's profile, or "strict", or "default"
  baseline = "baseline.json"     the linter's record of old violations
  laws = ["package.streams"]     modules whose combinators are checked
  purity = ["package"]           packages whose builders are built under watch
  applications = ["pkg.web:app"] endpoints to sweep, with
  requests = ["GET /orders"]     the requests that are sent to them
  tests = "pytest"               the command of your tests, watched for leaks
  types = ["src/pkg/streams.py"] files and folders for mypy --strict
  require = ["lint", "laws"]     stages that fail the run if they are skipped
  reports = ["gate.sarif"]       files that are written
  timeout = 600                  seconds that one process of a stage may take
also: exclude, pythonpath, laws-profile, and files of what is known: known-laws,
known-purity, known-endpoints, known-leaks, known-types. docs/gate.md explains
each key.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; returns its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        options = _parser().parse_args(_with_command_known(words))
        code: int = options.run(options)
        sys.stdout.flush()
    except GateError as error:
        return _failed(str(error))
    except KeyboardInterrupt:
        return _failed("interrupted")
    except BrokenPipeError:
        with suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        named = f"{error.filename}: " if error.filename else "the output cannot be written: "
        return _failed(named + (error.strerror or str(error)))
    return code


def _failed(message: str) -> int:
    with suppress(OSError):
        print(f"funcpipe: {visible(message)}", file=sys.stderr, flush=True)
    return 2


class _Parser(argparse.ArgumentParser):
    """Leaves with one line."""

    def __init__(self, **options: Any) -> None:
        # A prefix that is clear today may not be so in the next release.
        options.setdefault("formatter_class", argparse.RawDescriptionHelpFormatter)
        super().__init__(allow_abbrev=False, **options)

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"funcpipe: {visible(message)}; see {self.prog} --help\n")


def _with_command_known(words: list[str]) -> list[str]:
    """The words, unless the first is no command; raises GateError with what was meant."""
    if words and not words[0].startswith("-") and words[0] not in _COMMANDS:
        near = hint(words[0], _COMMANDS)
        if os.path.lexists(words[0]):
            near = f"did you mean `funcpipe check {' '.join(words)}`?"
        raise GateError(f"'{words[0]}' is no command; {near}")
    return words


def _parser() -> _Parser:
    parser = _Parser(
        prog="funcpipe",
        description="One gate for a project's async streams: linter, law suites, purity,\n"
        "endpoints, leaks and types in one run.",
        epilog=f"{_EXAMPLES}\n{EXIT_CODES}",
    )
    parser.add_argument("--version", action="version", version=f"funcpipe {__version__}")
    parser.set_defaults(run=lambda options: _show_help(parser))
    commands = parser.add_subparsers(metavar="COMMAND", parser_class=_Parser)
    for build in _COMMANDS.values():
        build(commands)
    return parser


def _show_help(parser: _Parser) -> int:
    parser.print_help()
    return 2


def _check_parser(commands: Any) -> None:
    check = commands.add_parser(
        "check",
        help="run every stage that is configured",
        description="Run every stage that is configured. A stage whose extra is not installed is\n"
        "skipped, and the summary says why.",
        epilog=f"{_EXAMPLES}\n{_KEYS}\n{EXIT_CODES}",
    )
    check.add_argument(
        "paths", nargs="*", metavar="PATH", help="what the linter checks, in place of `paths`"
    )
    check.add_argument(
        "--since",
        metavar="REV",
        help="only what differs from where the branch left REV, such as origin/main, and what"
        " depends on it",
    )
    check.add_argument(
        "--error-stale",
        action="store_true",
        help="fail where a baseline, or a file of what is known, holds what is mended",
    )
    for word, what in (("only", "these stages and no others"), ("skip", "not these stages")):
        check.add_argument(
            f"--{word}", metavar="STAGES", default="", help=f"{what}: {', '.join(STAGES)}"
        )
    check.add_argument(
        "--output-format",
        choices=FORMATS,
        default="text",
        metavar="FORMAT",
        help=f"what is printed: {', '.join(FORMATS[:-1])} or {FORMATS[-1]} (default: text);"
        " agent is compact, with patches, for coding agents",
    )
    check.add_argument(
        "--report",
        action="append",
        default=[],
        metavar="FILE",
        help="write a file as well: .json, .sarif, .xml (JUnit), .md, .html, .txt (agent);"
        " repeatable",
    )
    check.add_argument(
        "--config", default="", metavar="FILE", help="use this configuration, not the nearest"
    )
    check.add_argument(
        "-j", "--jobs", type=_count, default=0, metavar="N", help="how many processes run at once"
    )
    check.add_argument(
        "--timeout",
        type=_count,
        default=0,
        metavar="SECONDS",
        help="the time that one process may take",
    )
    check.add_argument("-q", "--quiet", action="store_true", help="no progress")
    check.set_defaults(run=_check)


def _count(text: str) -> int:
    if not text.isdigit() or not 0 < int(text) < 1_000_000:
        raise argparse.ArgumentTypeError(f"'{text}' is no whole number above 0")
    return int(text)


def _check(options: argparse.Namespace) -> int:
    from funcpipe_gate.report import load as renderer
    from funcpipe_gate.report import write
    from funcpipe_gate.running.gate import complete
    from funcpipe_gate.running.progress import Progress
    from funcpipe_gate.stages.job import Asked

    here = Path.cwd()
    config = configured(options, here)
    stages = _stages(options)
    reports = [here / path for path in options.report]
    reports += [config.root / path for path in config.reports]
    for path in reports:
        write.check(path)
    write.check_format(options.output_format)
    os.chdir(config.root)
    changed = None
    if options.since:
        from funcpipe_gate.running.affected import affected

        changed = affected(config, options.since)
    with tempfile.TemporaryDirectory(prefix="funcpipe-") as scratch:
        asked = Asked(Path(scratch), options.since or "", options.error_stale, changed)
        jobs = options.jobs or os.cpu_count() or 1
        progress = Progress(not options.quiet)
        report = complete(config, asked, stages=stages, jobs=jobs, progress=progress)
    failed = write.write(report, reports)
    failed += filter(None, [write.add_to_step_summary(report)])
    sys.stdout.write(renderer(options.output_format)(report))
    if os.environ.get("GITHUB_ACTIONS") == "true" and options.output_format == "text":
        sys.stdout.write(renderer("github")(report))
    for line in failed:
        _failed(line)
    return 2 if failed else report["exit_code"]


def configured(options: argparse.Namespace, here: Path) -> Config:
    """The configuration, with what the command line says in its place."""
    config = load(here, options.config)
    if options.timeout:
        config = replace(config, timeout=options.timeout)
    if options.paths:
        for path in options.paths:
            if not os.path.lexists(path):
                raise GateError(f"{path}: there is no such file or folder")
        paths = (os.path.relpath(here / path, config.root) for path in options.paths)
        config = replace(config, paths=tuple(paths))
    return config


def _stages(options: argparse.Namespace) -> list[str]:
    only, skip = (_named(options.only, "--only"), _named(options.skip, "--skip"))
    chosen: list[str] = [name for name in STAGES if (not only or name in only) and name not in skip]
    if not chosen:
        raise GateError("--only and --skip leave no stage")
    return chosen


def _named(text: str, option: str) -> list[str]:
    names = text.replace(",", " ").split()
    for name in names:
        if name not in STAGES:
            raise GateError(f"{option}: {name!r} is no stage; {hint(name, STAGES)}")
    return names


def _init_parser(commands: Any) -> None:
    init = commands.add_parser(
        "init",
        help="propose a configuration for this project, and write it on a yes",
        description="Look at the project in the current folder, propose [tool.funcpipe], and show\n"
        "what the first run finds. If you agree, write the table, with today's findings\n"
        "on record.",
        epilog="The first run imports your modules and runs your tests.\n\n"
        "examples:\n"
        "  funcpipe init                        look, propose, and ask\n"
        "  funcpipe init --yes                  look, and write it\n\n"
        "exit codes:\n  0  a configuration was proposed, and written if you agreed\n"
        "  2  there is one already, or it could not be written\n",
    )
    init.add_argument("--yes", action="store_true", help="write it without asking")
    init.add_argument("-q", "--quiet", action="store_true", help="no progress")
    init.set_defaults(run=_init)


def _init(options: argparse.Namespace) -> int:
    from funcpipe_gate.setup.command import init

    return init(options)


def _server_parser(commands: Any) -> None:
    server = commands.add_parser(
        "server",
        help="serve an editor (language server protocol, extra [lsp])",
        description="Serve one editor over standard input and output, as `funcpipe-lint server`\n"
        "does. Your editor starts this; see docs/editors.md.",
        epilog="exit codes:\n  0  the editor has ended it\n  2  the extra [lsp] is not installed\n",
    )
    server.set_defaults(run=_server)


def _server(options: argparse.Namespace) -> int:
    from funcpipe_lint.cli import main as lint

    return lint(["server"])


def _mcp_parser(commands: Any) -> None:
    mcp = commands.add_parser(
        "mcp",
        help="serve a coding agent (Model Context Protocol, extra [mcp])",
        description="Serve one coding agent over standard input and output: check, explain, fix\n"
        "and replay, in the current folder. Your agent starts this; see docs/agents.md.",
        epilog="exit codes:\n  0  the agent has ended it\n  2  the extra [mcp] is not installed\n",
    )
    mcp.set_defaults(run=_mcp)


def _mcp(options: argparse.Namespace) -> int:
    try:
        from funcpipe_gate.mcp_server import serve
    except ModuleNotFoundError as error:
        if error.name not in ("mcp", "mcp_types"):
            raise
        raise GateError("the server needs mcp: pip install 'funcpipe-kit[mcp]'") from None
    return serve()


_COMMANDS = {
    "check": _check_parser,
    "init": _init_parser,
    "mcp": _mcp_parser,
    "server": _server_parser,
}
