"""Programs that heed Ctrl-C however the tests were started."""

from __future__ import annotations

import signal


def heed_interrupts() -> None:
    """A shell has its background jobs ignore SIGINT, and what they start inherits that."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
