"""Seconds that count against a limit: not those in which other programs had the processor."""

from __future__ import annotations

import os
import time


def seconds(thread: int | None = None) -> float:
    """A clock for differences: real time, less what a thread has waited for a processor.

    A limit that is right on a quiet machine is right on a busy one then; sleeping counts. `thread`
    is a native id, None the caller's own. Where the system does not tell (it is Linux that does),
    all of the time counts.
    """
    whose = "thread-self" if thread is None else f"self/task/{thread}"
    try:
        file = os.open(f"/proc/{whose}/schedstat", os.O_RDONLY)
    except OSError:
        return time.monotonic()
    try:
        waited = int(os.read(file, 100).split()[1])
    except (OSError, ValueError, IndexError):
        waited = 0
    finally:
        os.close(file)
    return time.monotonic() - waited / 1e9


class Limit:
    """A moment of this clock, for the thread that has made it, which asks often."""

    def __init__(self, until: float) -> None:
        self.until = until
        self._waited = time.monotonic() - seconds()

    def is_past(self, grace: float = 0.0) -> bool:
        """Whether it is over by more than `grace` seconds.

        The system is asked only where the answer could be yes: what was waited becomes no less.
        """
        until = self.until + grace
        if time.monotonic() - self._waited <= until:
            return False
        now = seconds()
        self._waited = time.monotonic() - now
        return now > until
