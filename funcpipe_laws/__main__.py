"""`python -m funcpipe_laws`."""

import sys

from funcpipe_laws.cli import main

sys.exit(main())
