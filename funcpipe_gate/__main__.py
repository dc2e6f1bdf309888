"""`python -m funcpipe_gate` is the `funcpipe` command."""

import sys

# No typing.TYPE_CHECKING, no __future__: while they are imported Ctrl-C is still a traceback.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn


def command() -> "NoReturn":
    """The command as a process of its own, which ends without a traceback on Ctrl-C while it is
    still being imported, too."""
    try:
        from funcpipe_gate.cli import main

        sys.exit(main())
    except KeyboardInterrupt:
        print("funcpipe: interrupted", file=sys.stderr, flush=True)
        sys.exit(2)
    finally:
        exec("")  # so that the exit code counts, as in funcpipe_lint


if __name__ == "__main__":
    command()
