"""`python -m funcpipe_lint` is the `funcpipe-lint` command."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

# Python puts the current folder first, and what is checked may hold a json.py: none of it is run.
try:
    _here = os.getcwd()
except FileNotFoundError:  # it is gone: the command will say so
    _here = ""
if not sys.flags.safe_path and sys.path[:1] == [_here]:
    del sys.path[0]


def command() -> NoReturn:
    """The command as a process of its own, which ends without a traceback on Ctrl-C while it is
    still being imported, too."""
    try:
        from funcpipe_lint.cli import command as run

        run()
    except KeyboardInterrupt:
        print("funcpipe-lint: interrupted", file=sys.stderr, flush=True)
        sys.exit(2)


if __name__ == "__main__":
    command()
