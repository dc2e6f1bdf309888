"""Where an index can be, and what it holds, as the database itself says."""

from __future__ import annotations

import sqlite3
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from examples.rag import pgvector_index, sqlite_index
from examples.rag.ports import SearchableIndex

from .postgres import Server


class Place(Protocol):
    """Of one index."""

    @property
    def index(self) -> str:
        """What `--index` takes."""

    def opened(self, embedder: str) -> AbstractAsyncContextManager[SearchableIndex]:
        """The index, open in this process."""

    def held(self) -> set[str]:
        """The ids of the passages that it holds with a vector of the hashing embedder."""

    def closed_well(self) -> bool:
        """Whether the program has closed its connections, rather than the system with it."""

    def clear(self) -> None:
        """Remove the index; fails while somebody is connected to it."""


@dataclass(frozen=True)
class InSqlite:
    """A file."""

    path: Path

    @property
    def index(self) -> str:
        return str(self.path)

    def opened(self, embedder: str) -> AbstractAsyncContextManager[SearchableIndex]:
        return sqlite_index.opened_index(self.path, embedder)

    def held(self) -> set[str]:
        if not self.path.exists():
            return set()
        connection = sqlite3.connect(self.path)
        try:
            query = "SELECT doc_id, number FROM chunks WHERE length(vector) = 1024"
            return {f"{doc}#{number}" for doc, number in connection.execute(query)}
        except sqlite3.OperationalError:
            return set()  # no tables yet
        finally:
            connection.close()

    def closed_well(self) -> bool:
        # A connection that is left open leaves its write-ahead log behind.
        return not self.path.with_name(self.path.name + "-wal").exists()

    def clear(self) -> None:
        self.path.unlink(missing_ok=True)


@dataclass(frozen=True)
class InPostgres:
    """A database; the tests before may have left their own complaints in the server's log."""

    server: Server
    name: str
    log_before: str

    @property
    def index(self) -> str:
        return self.server.url(self.name)

    def opened(self, embedder: str) -> AbstractAsyncContextManager[SearchableIndex]:
        return pgvector_index.opened_index(self.index, embedder)

    def held(self) -> set[str]:
        if self.server.ask(self.name, "SELECT to_regclass('rag_chunks')") == [(None,)]:
            return set()
        query = "SELECT doc_id, number FROM rag_chunks WHERE vector_dims(embedding) = 256"
        return {f"{doc}#{number}" for doc, number in self.server.ask(self.name, query)}

    def closed_well(self) -> bool:
        # The server logs it otherwise: the client's end of the socket was closed without a word.
        return "unexpected EOF on client connection" not in self.server.log().removeprefix(
            self.log_before
        )

    def clear(self) -> None:
        self.server.drop(self.name)
        self.server.create(self.name)
