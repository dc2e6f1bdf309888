"""`python -m examples.rag`."""

from __future__ import annotations

import signal
import sys


def run() -> int:
    """Run the command line that the program was started with."""
    # Nothing is open while modules are loaded: Ctrl-C may end the process as it is, without the
    # traceback of half an import.
    default = signal.signal(signal.SIGINT, signal.SIG_DFL)
    from examples.rag.cli import main

    signal.signal(signal.SIGINT, default)
    return main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(run())
