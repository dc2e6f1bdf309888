"""`python -m funcpipe_gate` is the `funcpipe` command."""

import sys

from funcpipe_gate.cli import main

if __name__ == "__main__":
    sys.exit(main())
