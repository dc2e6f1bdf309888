"""What a run has done so far: counted, shown as a bar, and summed up."""

from __future__ import annotations

import resource
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)

from examples.rag.domain import EmbeddedChunk
from examples.rag.pipeline import Indexable
from funcpipe_streams import ErrInfo

SHOWN_ERRORS = 10


class Meter:
    """Counts, on standard error. Only what the index has stored for good counts as indexed."""

    def __init__(self) -> None:
        self.indexed = 0
        self.known = 0
        self.failed: Counter[str] = Counter()
        self._console = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)
        self._progress = Progress(
            TextColumn("{task.fields[count]} passages"),
            BarColumn(),
            DownloadColumn(),
            TimeRemainingColumn(),
            console=self._console,
            disable=not self._console.is_terminal,
            transient=True,
        )
        self._task = TaskID(0)
        self._started = time.monotonic()

    @contextmanager
    def bar(self, total: int | None) -> Iterator[None]:
        """Show a bar while the block runs, where standard error is a terminal."""
        self._task = self._progress.add_task("index", total=total, count=0)
        with self._progress:
            yield

    def stored(self, items: Sequence[Indexable]) -> None:
        """Count passages that the index holds now."""
        new = sum(isinstance(item, EmbeddedChunk) for item in items)
        self.indexed += new
        self.known += len(items) - new
        position = max(item.chunk.position for item in items)
        self._progress.update(self._task, completed=position, count=self.indexed + self.known)

    def lost(self, error: ErrInfo) -> None:
        """Count, and for the first few of a kind show, what could not be indexed."""
        self.failed[error.code] += 1
        if self.failed[error.code] <= SHOWN_ERRORS or error.code == "INPUT":
            self._console.print(f"{error.code}: {error.msg}")
        elif self.failed[error.code] == SHOWN_ERRORS + 1:
            self._console.print(f"{error.code}: more of these are counted, not shown")

    def summary(self) -> str:
        """The run in a few lines."""
        seconds = time.monotonic() - self._started
        rate = (self.indexed + self.known) / seconds if seconds else 0.0
        lines = [
            f"{self.indexed} passages indexed, {self.known} were there already, unchanged",
            f"{seconds:.1f} s, {rate:.0f} passages a second, {_peak_megabytes():.0f} MB of memory",
        ]
        lines += [f"{count} x {code}" for code, count in sorted(self.failed.items())]
        return "\n".join(lines)


def _peak_megabytes() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)
