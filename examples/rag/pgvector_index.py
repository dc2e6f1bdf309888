"""An index in PostgreSQL, with pgvector: exact search, on a server that others use too."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from traceback import clear_frames
from typing import Any, TypeAlias
from urllib.parse import urlsplit

import psycopg
from pgvector.psycopg import register_vector_async

from examples.rag.domain import Chunk, EmbeddedChunk, Hit, KnownChunk, Vectors
from examples.rag.ports import IndexUnusable

Connection: TypeAlias = psycopg.AsyncConnection[tuple[Any, ...]]

CONNECT_SECONDS = 10
LOCK = 7_305_803_385_241  # held while tables are made: two runs at once would collide
SCHEMA = """
CREATE TABLE IF NOT EXISTS rag_settings (name text PRIMARY KEY, value text NOT NULL);
CREATE TABLE IF NOT EXISTS rag_chunks (
    doc_id text NOT NULL, number integer NOT NULL, title text NOT NULL, text text NOT NULL,
    digest bytea NOT NULL, embedding vector NOT NULL, PRIMARY KEY (doc_id, number)
);
"""
BIND = "INSERT INTO rag_settings VALUES ('embedder', %s) ON CONFLICT DO NOTHING"
BOUND_EMBEDDER = "SELECT value FROM rag_settings WHERE name = 'embedder'"
KNOWN = """
SELECT held.doc_id, held.number FROM rag_chunks AS held
JOIN unnest(%s::text[], %s::integer[], %s::bytea[]) AS asked (doc_id, number, digest)
USING (doc_id, number, digest)
"""
ADD = """
INSERT INTO rag_chunks VALUES (%s, %s, %s, %s, %b, %b)
ON CONFLICT (doc_id, number) DO UPDATE SET title = excluded.title, text = excluded.text,
    digest = excluded.digest, embedding = excluded.embedding
"""
SHORTEN = "DELETE FROM rag_chunks WHERE doc_id = %s AND number > %s"
# Vectors have length 1, or 0: the inner product is the cosine, and is defined for both.
SEARCH = """
SELECT -(embedding <#> %b), doc_id, title, text FROM rag_chunks ORDER BY embedding <#> %b LIMIT %s
"""


class PgvectorIndex:
    """An open index: one connection that reads, and one that writes.

    A query that is cancelled spoils the transaction that it belongs to: the stream's look-ups,
    which are cancelled when the stream is closed, must not share a connection with `add`.
    """

    def __init__(self, name: str, embedder: str, reading: Connection, writing: Connection) -> None:
        self.embedder = embedder
        self._name = name
        self._reading = reading
        self._writing = writing

    async def known(self, chunks: Sequence[Chunk]) -> frozenset[str]:
        """The ids of those that are held already, unchanged."""
        asked = (
            [chunk.doc_id for chunk in chunks],
            [chunk.number for chunk in chunks],
            [chunk.digest for chunk in chunks],
        )
        with _named_errors(self._name):
            cursor = await self._reading.execute(KNOWN, asked)
            return frozenset(f"{doc_id}#{number}" for doc_id, number in await cursor.fetchall())

    async def add(self, items: Sequence[EmbeddedChunk | KnownChunk]) -> None:
        """Store all of them in one transaction; it is on the server's disk when this returns."""
        # In the order of their keys: two runs that store the same passages wait for each other's
        # rows, and in different orders they would do so for ever.
        new = sorted(_row(item) for item in items if isinstance(item, EmbeddedChunk))
        ends = sorted((item.chunk.doc_id, item.chunk.number) for item in items if item.chunk.last)
        with _named_errors(self._name):
            async with self._writing.transaction(), self._writing.cursor() as cursor:
                await cursor.executemany(ADD, new)
                await cursor.executemany(SHORTEN, ends)

    async def count(self) -> int:
        """How many passages are held."""
        with _named_errors(self._name):
            cursor = await self._reading.execute("SELECT count(*) FROM rag_chunks")
            ((count,),) = await cursor.fetchall()
            return int(count)

    async def search(self, vector: Vectors, limit: int) -> list[Hit]:
        """The passages nearest to a vector, nearest first. Reads the whole index."""
        with _named_errors(self._name):
            cursor = await self._reading.execute(SEARCH, (vector, vector, limit))
            return [Hit(*row) for row in await cursor.fetchall()]


def _row(item: EmbeddedChunk) -> tuple[str, int, str, str, bytes, Vectors]:
    chunk = item.chunk
    return chunk.doc_id, chunk.number, chunk.title, chunk.text, chunk.digest, item.vector


@asynccontextmanager
async def opened_index(url: str, embedder: str | None) -> AsyncIterator[PgvectorIndex]:
    """The index in this database, open for the block; what was added before it ends stays.

    Parameters: `url` is what libpq takes, as `postgresql://user@host/database`; with the name of an
    `embedder` the tables are made if need be, and stay bound to that embedder; with None they have
    to be there.

    Raises `IndexUnusable`.
    """
    name = _without_password(url)
    async with _connected(url, name) as writing:
        bound = await _prepared(writing, name, embedder)
        async with _connected(url, name) as reading:
            for connection in (reading, writing):
                await register_vector_async(connection)
            yield PgvectorIndex(name, bound, reading, writing)


@asynccontextmanager
async def _connected(url: str, name: str) -> AsyncIterator[Connection]:
    """A connection, closed at the end of the block; what is not committed is then rolled back."""
    try:
        with _named_errors(name):
            connection = await psycopg.AsyncConnection.connect(
                url, autocommit=True, connect_timeout=CONNECT_SECONDS
            )
    except asyncio.CancelledError as error:
        # The frames that were cut off hold the half-made connection: it would stay open until the
        # next garbage collection.
        clear_frames(error.__traceback__)
        raise
    try:
        yield connection
    finally:
        await connection.close()  # at once, without a word to the server: nothing can cut it off


async def _prepared(connection: Connection, name: str, embedder: str | None) -> str:
    """Make or find the tables; the embedder that they are bound to."""
    with _named_errors(name):
        # What was reported must survive a crash of the server, whatever its default is.
        await connection.execute("SET synchronous_commit = on")
        if embedder is not None:
            async with connection.transaction():
                await connection.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
                await _with_pgvector(connection, name)
                await connection.execute(SCHEMA)
                await connection.execute(BIND, (embedder,))
        try:
            cursor = await connection.execute(BOUND_EMBEDDER)
        except psycopg.errors.UndefinedTable:
            make = f"python -m examples.rag index INPUT --index {name}"
            raise IndexUnusable(f"{name}: no index in this database; make one: {make}") from None
        bound = await cursor.fetchone()
    if bound is None:
        raise IndexUnusable(f"{name}: not an index of this program: rag_settings is empty")
    if embedder not in (None, bound[0]):
        mix = f"{name}: made with the embedder {bound[0]!r}, not {embedder!r}"
        raise IndexUnusable(f"{mix}: use that one, or another --index")
    return str(bound[0])


async def _with_pgvector(connection: Connection, name: str) -> None:
    try:
        await connection.execute("CREATE EXTENSION IF NOT EXISTS vector")
    except (psycopg.errors.FeatureNotSupported, psycopg.errors.UndefinedFile) as error:
        missing = (
            f"{name}: the server has no pgvector; its packages are named postgresql-*-pgvector"
        )
        raise IndexUnusable(missing) from error
    except psycopg.errors.InsufficientPrivilege as error:
        ask = "ask the owner of the database for: CREATE EXTENSION vector"
        raise IndexUnusable(f"{name}: {ask}") from error


@contextmanager
def _named_errors(name: str) -> Iterator[None]:
    try:
        yield
    except psycopg.Error as error:
        raise IndexUnusable(f"{name}: {' '.join(str(error).split())}") from error
    except AssertionError as error:
        # `executemany` asserts that it has left its pipeline; cancelled at the end of entering it
        # (psycopg 3.3, on a busy loop), it has not: Ctrl-C would end in that.
        if isinstance(error.__context__, asyncio.CancelledError):
            raise error.__context__ from None
        raise


def _without_password(url: str) -> str:
    """The URL as it may be shown."""
    parts = urlsplit(url)
    user, at, host = parts.netloc.rpartition("@")
    shown = f"{parts.scheme}://{user.partition(':')[0]}{at}{host}{parts.path}"
    return f"{shown}?..." if parts.query else shown
