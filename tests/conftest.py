"""What holds for every test."""

from __future__ import annotations

import signal

# A shell has its background jobs ignore SIGINT, and what they start inherits that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
