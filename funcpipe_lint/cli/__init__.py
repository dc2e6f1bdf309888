"""The `funcpipe-lint` command: arguments in, report and exit code out."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, NoReturn, TextIO

from funcpipe_lint.cli.arguments import parse
from funcpipe_lint.config.resolver import Resolver
from funcpipe_lint.model import ConfigError
from funcpipe_lint.read.interruption import RememberedInterruption, forget_interruption

if TYPE_CHECKING:
    import argparse


def command() -> NoReturn:
    """The command as a process of its own."""
    code = main()
    # The interpreter looks for cycles as it ends: over what a run of any size leaves, 30 ms.
    gc.freeze()
    sys.exit(code)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; returns its exit code."""
    # A run leaves no cycles of any size: looking for them costs it a fifth of its time, and a start
    # a twelfth, and gives back no memory (326 MB with and without, over 3,500 files).
    was_collecting = gc.isenabled()
    gc.disable()
    try:
        return _run(arguments)
    finally:
        if was_collecting:
            gc.enable()


def _run(arguments: Sequence[str] | None) -> int:
    _make_writable()
    options = parse(arguments)
    try:
        with RememberedInterruption():
            code = _COMMANDS[options.command](options)
            sys.stdout.flush()
    except ConfigError as error:
        return _failed(str(error))
    except BrokenPipeError:
        # The reader (`| head`) has seen enough; what it did not read is not our failure.
        _discard(sys.stdout)
        return 1
    except OSError as error:
        _discard(sys.stdout)
        if isinstance(error, FileNotFoundError) and not error.filename:
            return _failed("the current folder is gone")  # all that os.getcwd() says
        named = f"{error.filename}: " if error.filename else "the output cannot be written: "
        return _failed(named + (error.strerror or str(error)))
    except KeyboardInterrupt:
        forget_interruption()
        return _failed("interrupted")
    except Exception as error:
        # A traceback would end with exit code 1, which says that violations were found.
        from funcpipe_lint.check.single import said

        _discard(sys.stdout)
        return _failed(f"failed: {said(error)}")
    return code


def _make_writable() -> None:
    """Makes every text something that can be written: a path or a line of code may hold what the
    terminal's encoding has not; and closed outputs (`>&-`) ones that go nowhere."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115
        elif hasattr(stream, "reconfigure") and (
            # In UTF-8 the latter gives back a path's own bytes; elsewhere it is as strict.
            stream.errors == "strict"
            or (stream.errors == "surrogateescape" and stream.encoding.lower() != "utf-8")
        ):
            stream.reconfigure(errors="backslashreplace")


def _failed(message: str) -> int:
    """Says on one line what ends the run; returns its exit code."""
    from funcpipe_lint.model.visible import visible

    try:
        print(f"funcpipe-lint: {visible(message)}", file=sys.stderr, flush=True)
    except OSError:
        _discard(sys.stderr)
    return 2


def _discard(stream: TextIO) -> None:
    """Lets what is still to be written go nowhere: the interpreter would fail of it at its end."""
    with suppress(OSError):  # a caller's own, which is no file
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _check(options: argparse.Namespace) -> int:
    from funcpipe_lint.cli.checking import check

    return check(options)


def _rule(options: argparse.Namespace) -> int:
    from funcpipe_lint.cli.report.pages import code_of, listing, page, record
    from funcpipe_lint.model.codes import KNOWN_CODES

    codes = [code_of(word) for word in options.codes]
    known = KNOWN_CODES
    if options.all or not codes or not set(codes) <= set(KNOWN_CODES):
        known = _resolver(options).config_for("").known_codes  # a team's own rules too
        codes = [code_of(word) for word in options.codes]
    chosen = [one for code in codes for one in _beginning_so(code, known)] or known
    if options.output_format == "json":
        import json

        print(json.dumps([record(code) for code in chosen], indent=2))
    elif not codes and not options.all:
        print(listing(known))
    else:
        print("\n\n".join(page(code) for code in chosen))
    return 0


def _beginning_so(prefix: str, known: Sequence[str]) -> list[str]:
    from funcpipe_lint.config.settings import unknown_rule

    some = [code for code in known if prefix == "ALL" or code.startswith(prefix or " ")]
    if not some:
        said = prefix.lower() if "-" in prefix else prefix
        raise ConfigError(unknown_rule(said, known))
    return some


def _resolver(options: argparse.Namespace) -> Resolver:
    """Finds configurations, with the plugins that the command line names."""
    overrides = {"plugins": options.plugin} if options.plugin else {}
    with_plugins = not options.no_plugins
    return Resolver(overrides, options.config, options.isolated, with_plugins=with_plugins)


def _test_rules(options: argparse.Namespace) -> int:
    from funcpipe_lint.cli.examples import run

    return run(options.modules)


def _config(options: argparse.Namespace) -> int:
    from funcpipe_lint.cli import effective

    if options.schema:
        print(effective.schema(), end="")
        return 0
    held = effective.describe(options.path, _resolver(options))
    if options.output_format == "json":
        import json

        print(json.dumps(held, indent=2))
    else:
        print(effective.render(held), end="")
    return 0


def _server(options: argparse.Namespace) -> int:
    try:
        from funcpipe_lint.cli.editor.server import serve
    except ModuleNotFoundError as error:
        if error.name not in ("pygls", "lsprotocol"):
            raise
        raise ConfigError("the server needs pygls: pip install 'funcpipe-kit[lsp]'") from None
    gc.enable()  # It runs for days.
    return serve()


_COMMANDS = {
    "check": _check,
    "rule": _rule,
    "config": _config,
    "test-rules": _test_rules,
    "server": _server,
}
