"""`python -m funcpipe_laws`."""

import sys

from funcpipe_laws.checking.cli import main

sys.exit(main())
