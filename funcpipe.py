"""`python -m funcpipe`: the gate's command, by the interpreter whose environment it is to check."""

from __future__ import annotations

import sys

from funcpipe_gate.cli import main

if __name__ == "__main__":
    sys.exit(main())
