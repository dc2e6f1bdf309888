"""What is running and what has ended: on a terminal one line that is kept up to date, elsewhere a
line for each process that ends."""

from __future__ import annotations

import os
import sys
import time
from typing import TextIO

from funcpipe_lint.model.visible import visible, visible_line

_ERASE = "\r\x1b[K"
_WIDTH = 79


class Progress:
    """Written to the standard error output, so that reports on the other stay whole."""

    def __init__(self, is_wanted: bool, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._is_wanted = is_wanted
        dumb = os.environ.get("TERM") == "dumb" or bool(os.environ.get("CI"))
        self._is_live = is_wanted and self._stream.isatty() and not dumb
        self._running: dict[str, float] = {}

    def started(self, label: str) -> None:
        """A process begins."""
        self._running[label] = time.monotonic()
        self.tick()

    def ended(self, label: str, said: str) -> None:
        """A process is done."""
        seconds = time.monotonic() - self._running.pop(label)
        self.erase()
        if self._is_wanted:
            self._stream.write(f"{visible_line(f'{label}: {said}')} ({seconds:.1f} s)\n")
            self._stream.flush()
        self.tick()

    def tick(self) -> None:
        """Bring the line up to date."""
        if not self._is_live or not self._running:
            return
        now = time.monotonic()
        parts = [f"{label} {now - begun:.0f} s" for label, begun in self._running.items()]
        line = visible("running: " + ", ".join(parts))
        if len(line) > _WIDTH:
            line = line[: _WIDTH - 3] + "..."
        self._stream.write(_ERASE + line)
        self._stream.flush()

    def erase(self) -> None:
        """Leave no trace of the line."""
        if self._is_live:
            self._stream.write(_ERASE)
            self._stream.flush()
