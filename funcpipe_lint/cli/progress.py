"""How far a long run is: one line on the terminal, which leaves no trace."""

from __future__ import annotations

import os
import sys
import time
from typing import TextIO

# A run that ends sooner shows nothing.
_AFTER_SECONDS = 1.0
_EVERY_SECONDS = 0.1
_ERASE = "\r\x1b[K"


class Progress:
    """Counts files; from the second second on, says so. Leaving the context erases the line."""

    def __init__(self, total: int, is_wanted: bool, stream: TextIO | None = None) -> None:
        self._total = total
        self._stream = stream or sys.stderr
        self._is_shown = False
        self._done = 0
        is_watched = self._stream.isatty() and os.environ.get("TERM") != "dumb"
        can_show = is_wanted and is_watched and not os.environ.get("CI")
        self._next = time.monotonic() + _AFTER_SECONDS
        self.step = self._step if can_show else int
        """What is called for one more file that is done."""

    def _step(self) -> None:
        self._done += 1
        now = time.monotonic()
        if now >= self._next:
            self._next = now + _EVERY_SECONDS
            self._is_shown = True
            self._stream.write(f"{_ERASE}checked {self._done} of {self._total} files")
            self._stream.flush()

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *raised: object) -> None:
        if self._is_shown:
            self._stream.write(_ERASE)
            self._stream.flush()
