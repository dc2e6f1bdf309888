"""`python -m funcpipe_lint` is the `funcpipe-lint` command."""

import os
import sys

# No typing.TYPE_CHECKING, no __future__: while they are imported Ctrl-C is still a traceback.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

# Python puts the current folder first, and what is checked may hold a json.py: none of it is run.
try:
    _here = os.getcwd()
except FileNotFoundError:  # it is gone: the command will say so
    _here = ""
if not sys.flags.safe_path and sys.path[:1] == [_here]:
    del sys.path[0]


def command() -> "NoReturn":
    """The command as a process of its own, which ends without a traceback on Ctrl-C while it is
    still being imported, too."""
    try:
        from funcpipe_lint.read.interruption import RememberedInterruption

        with RememberedInterruption():
            from funcpipe_lint.cli import command as run

            run()
    except KeyboardInterrupt:
        print("funcpipe-lint: interrupted", file=sys.stderr, flush=True)
        sys.exit(2)
    finally:
        # After a Ctrl-C within exec(), as of a dataclass, `python -m` ends as if killed by it, exit
        # code or not: CPython before 3.14 forgets it at the next exec() only.
        exec("")


if __name__ == "__main__":
    command()
