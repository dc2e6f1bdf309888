"""`python -m funcpipe_gate` is the `funcpipe` command."""

from __future__ import annotations

import sys
from typing import NoReturn


def command() -> NoReturn:
    """The command as a process of its own, which ends without a traceback on Ctrl-C while it is
    still being imported, too."""
    try:
        from funcpipe_gate.cli import main

        sys.exit(main())
    except KeyboardInterrupt:
        print("funcpipe: interrupted", file=sys.stderr, flush=True)
        sys.exit(2)


if __name__ == "__main__":
    command()
