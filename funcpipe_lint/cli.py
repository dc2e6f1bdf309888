"""The `funcpipe-lint` command: arguments in, report and exit code out."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from funcpipe_lint.arguments import parse
from funcpipe_lint.config import ConfigError, Resolver

if TYPE_CHECKING:
    import argparse


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; returns its exit code."""
    options = parse(arguments)
    try:
        return _COMMANDS[options.command](options)
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


def _check(options: argparse.Namespace) -> int:
    from funcpipe_lint.checking import check

    return check(options)


def _rule(options: argparse.Namespace) -> int:
    from funcpipe_lint.config import nearest
    from funcpipe_lint.pages import listing, page, record
    from funcpipe_lint.rules import KNOWN_CODES

    codes = [code.upper() for code in options.codes]
    known = KNOWN_CODES
    if options.all or not codes or not set(codes) <= set(KNOWN_CODES):
        known = _resolver(options).config_for("").known_codes  # a team's own rules too
    for code in codes:
        if code not in known:
            raise ConfigError(f"unknown rule '{code}'{nearest(code, known)}")
    if options.output_format == "json":
        import json

        print(json.dumps([record(code) for code in codes or known], indent=2))
    elif not codes and not options.all:
        print(listing(known))
    else:
        print("\n\n".join(page(code) for code in codes or known))
    return 0


def _resolver(options: argparse.Namespace) -> Resolver:
    """Finds configurations, with the plugins that the command line names."""
    overrides = {"plugins": options.plugin} if options.plugin else {}
    return Resolver(overrides, options.config, options.isolated)


def _test_rules(options: argparse.Namespace) -> int:
    from funcpipe_lint.examples import run

    return run(options.modules)


def _config(options: argparse.Namespace) -> int:
    from funcpipe_lint import effective

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


_COMMANDS = {"check": _check, "rule": _rule, "config": _config, "test-rules": _test_rules}
