"""An index in a SQLite file: exact search, nothing to install, durable at every commit."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import asynccontextmanager
from heapq import nlargest
from pathlib import Path
from typing import TypeVar

import numpy

from examples.rag.domain import Chunk, EmbeddedChunk, Hit, KnownChunk, Vectors
from examples.rag.ports import IndexUnusable

T = TypeVar("T")

SCHEMA = """
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS chunks (
    doc_id TEXT NOT NULL, number INTEGER NOT NULL, title TEXT NOT NULL, text TEXT NOT NULL,
    digest BLOB NOT NULL, vector BLOB NOT NULL, PRIMARY KEY (doc_id, number)
);
"""
BOUND_EMBEDDER = "SELECT value FROM settings WHERE name = 'embedder'"
KNOWN = "SELECT digest FROM chunks WHERE doc_id = ? AND number = ?"
ADD = "INSERT OR REPLACE INTO chunks VALUES (?, ?, ?, ?, ?, ?)"
SHORTEN = "DELETE FROM chunks WHERE doc_id = ? AND number > ?"
ROWS_AT_ONCE = 4096


class SqliteIndex:
    """An open index. Its connection lives in one thread, which does one thing after the other."""

    def __init__(
        self, connection: sqlite3.Connection, embedder: str, thread: ThreadPoolExecutor
    ) -> None:
        self.embedder = embedder
        self._connection = connection
        self._thread = thread

    async def known(self, chunks: Sequence[Chunk]) -> frozenset[str]:
        """The ids of those that are held already, unchanged."""
        return await self._in_thread(self._known, chunks)

    async def add(self, items: Sequence[EmbeddedChunk | KnownChunk]) -> None:
        """Store all of them in one transaction; it is on the disk when this returns."""
        await self._in_thread(self._add, items)

    async def count(self) -> int:
        """How many passages are held."""
        return await self._in_thread(self._count)

    async def search(self, vector: Vectors, limit: int) -> list[Hit]:
        """The passages nearest to a vector, nearest first. Reads the whole index."""
        return await self._in_thread(self._search, vector, limit)

    async def _in_thread(self, f: Callable[..., T], *arguments: object) -> T:
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._thread, f, *arguments)
        except sqlite3.Error as error:
            raise IndexUnusable(f"the index failed: {error}") from error

    def _known(self, chunks: Sequence[Chunk]) -> frozenset[str]:
        execute = self._connection.execute
        return frozenset(
            chunk.id
            for chunk in chunks
            if execute(KNOWN, (chunk.doc_id, chunk.number)).fetchone() == (chunk.digest,)
        )

    def _add(self, items: Sequence[EmbeddedChunk | KnownChunk]) -> None:
        new = [_row(item) for item in items if isinstance(item, EmbeddedChunk)]
        ends = [(item.chunk.doc_id, item.chunk.number) for item in items if item.chunk.last]
        with self._connection:
            self._connection.executemany(ADD, new)
            self._connection.executemany(SHORTEN, ends)

    def _count(self) -> int:
        (count,) = self._connection.execute("SELECT count(*) FROM chunks").fetchone()
        return int(count)

    def _search(self, vector: Vectors, limit: int) -> list[Hit]:
        best: list[tuple[float, int]] = []
        cursor = self._connection.execute("SELECT rowid, vector FROM chunks")
        while rows := cursor.fetchmany(ROWS_AT_ONCE):
            vectors = numpy.frombuffer(b"".join(row[1] for row in rows), "<f4")
            scores = vectors.reshape(len(rows), -1) @ vector
            scored = zip(scores.tolist(), (row[0] for row in rows), strict=True)
            best = nlargest(limit, [*best, *scored])
        return [Hit(score, *self._passage(row)) for score, row in best]

    def _passage(self, row: int) -> tuple[str, str, str]:
        query = "SELECT doc_id, title, text FROM chunks WHERE rowid = ?"
        doc_id, title, text = self._connection.execute(query, (row,)).fetchone()
        return doc_id, title, text


def _row(item: EmbeddedChunk) -> tuple[str, int, str, str, bytes, bytes]:
    chunk, vector = item.chunk, item.vector.astype("<f4").tobytes()
    return chunk.doc_id, chunk.number, chunk.title, chunk.text, chunk.digest, vector


@asynccontextmanager
async def opened_index(path: Path, embedder: str | None) -> AsyncIterator[SqliteIndex]:
    """The index in this file, open for the block; what was added before it ends stays.

    Parameters: with the name of an `embedder` the file is made if need be, and stays bound to that
    embedder; with None it has to be there.

    Raises `IndexUnusable`.
    """
    thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sqlite")
    connected = thread.submit(_connected, path, embedder)
    try:
        yield SqliteIndex(*await asyncio.wrap_future(connected), thread)
    finally:
        # Queued behind whatever the thread still does, opening included, and shielded: neither a
        # cancellation while it opens nor a second one here may leave the connection open.
        closing = thread.submit(_close, connected)
        thread.shutdown(wait=False)
        await asyncio.shield(asyncio.wrap_future(closing))


def _close(connected: Future[tuple[sqlite3.Connection, str]]) -> None:
    if not connected.cancelled() and connected.exception() is None:
        connected.result()[0].close()


def _connected(path: Path, embedder: str | None) -> tuple[sqlite3.Connection, str]:
    if embedder is None and not path.exists():
        raise IndexUnusable(f"{path}: no such index; make one: python -m examples.rag index INPUT")
    connection = None
    try:
        connection = sqlite3.connect(path)
        connection.execute("PRAGMA journal_mode = WAL")
        # FULL, not NORMAL: what was reported must survive a power cut too.
        connection.execute("PRAGMA synchronous = FULL")
        return connection, _bound_embedder(connection, path, embedder)
    except BaseException as error:
        if connection is not None:
            connection.close()
        if isinstance(error, sqlite3.Error):
            raise IndexUnusable(f"{path}: {error}") from error
        raise


def _bound_embedder(connection: sqlite3.Connection, path: Path, embedder: str | None) -> str:
    """The embedder that the index was made with; from now on it is made with `embedder`."""
    with connection:
        connection.executescript(SCHEMA)
        bound = connection.execute(BOUND_EMBEDDER).fetchone()
        if bound is None and embedder is not None:
            connection.execute("INSERT INTO settings VALUES ('embedder', ?)", (embedder,))
            return embedder
    if bound is None:
        raise IndexUnusable(f"{path}: not an index of this program")
    if embedder not in (None, bound[0]):
        mix = f"{path}: made with the embedder {bound[0]!r}, not {embedder!r}"
        raise IndexUnusable(f"{mix}: use that one, or another --index")
    return str(bound[0])
