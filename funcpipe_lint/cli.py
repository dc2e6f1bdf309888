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


def _config(options: argparse.Namespace) -> int:
    from funcpipe_lint import effective

    if options.schema:
        print(effective.schema(), end="")
        return 0
    resolver = Resolver({}, options.config, options.isolated)
    held = effective.describe(options.path, resolver)
    if options.output_format == "json":
        import json

        print(json.dumps(held, indent=2))
    else:
        print(effective.render(held), end="")
    return 0


_COMMANDS = {"check": _check, "rule": _rule, "config": _config}
