"""What other modules held that have not changed: the facts that a run asks for beside the reports.

A row holds for the content that it is of, under this release to the letter of what reads facts, and
under this Python. Settings do not matter to it, nor does the current folder.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

from funcpipe_lint.check.runs.store import Store
from funcpipe_lint.read.source import Stamp


class KnownFacts:
    """The facts of modules by path. What a run has found out of one is made a row of when it is
    written, for it grows as long as somebody asks."""

    def __init__(self, store: Store, key: Callable[[], str]) -> None:
        self._store = store
        self._make_key = key
        self._waiting: dict[str, Callable[[], bytes | None]] = {}
        self._rows: dict[str, bytes] = {}
        self.stamps: dict[str, Stamp | None] = {}
        """What files looked like a moment ago, for who asks next: a run asks twice for most."""

    def held(self, path: str) -> bytes | None:
        """What was kept of a file. One look-up."""
        return self._rows.get(path) or self._store.read(self._key, [path]).get(path)

    def keep(self, path: str, row: Callable[[], bytes | None]) -> None:
        """Keeps of a file what it comes to when all that wait are let go, or at the end."""
        self._waiting[path] = row

    def let_go(self) -> None:
        """Makes rows of all that wait: what a row is made of takes more memory."""
        made = {path: row() for path, row in self._waiting.items()}
        self._rows |= {path: row for path, row in made.items() if row is not None}
        self._waiting = {}

    def write(self) -> None:
        """Keeps what the run has found out."""
        self.stamps = {}
        self.let_go()
        if self._rows:
            self._store.write(self._key, self._rows)
            self._rows = {}

    @cached_property
    def _key(self) -> str:
        return self._make_key()
