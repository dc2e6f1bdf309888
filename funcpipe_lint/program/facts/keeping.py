"""Facts of files that have not changed, kept between runs, as JSON by path and content."""

from __future__ import annotations

import json
from typing import Protocol

from funcpipe_lint.program.facts.records import Facts, from_plain, to_plain
from funcpipe_lint.read.store import Store


class Kept(Protocol):
    """What keeps facts between runs."""

    def known(self, path: str, digest: str) -> Facts | None:
        """The facts of a file, if it has the content of that digest."""

    def keep(self, path: str, digest: str, facts: Facts) -> None:
        """Keeps the facts of a file."""


class StoredFacts:
    """Facts in the store of the reports; one look-up a file. What is no such row is not known."""

    def __init__(self, store: Store, key: str) -> None:
        self._store = store
        self._key = key
        self._new: dict[str, bytes] = {}

    def known(self, path: str, digest: str) -> Facts | None:
        """The facts of a file, if it has the content of that digest."""
        body = self._store.read(self._key, [path]).get(path, b"")
        head, _, rest = body.partition(b"\n")
        if head != digest.encode():
            return None
        try:
            return from_plain(json.loads(rest))
        except (ValueError, TypeError, RecursionError):
            return None

    def keep(self, path: str, digest: str, facts: Facts) -> None:
        """Keeps the facts of a file, from `write` on."""
        text = json.dumps(to_plain(facts), separators=(",", ":"))
        self._new[path] = f"{digest}\n{text}".encode("ascii")

    def write(self) -> None:
        """Writes what is new."""
        if self._new:
            self._store.write(self._key, self._new)
            self._new = {}
