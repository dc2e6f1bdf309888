"""`python -m funcpipe_lint` is the `funcpipe-lint` command."""

from __future__ import annotations

import sys

from funcpipe_lint.cli import main

if __name__ == "__main__":
    sys.exit(main())
