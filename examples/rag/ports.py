"""What the pipeline needs from the world; the adapters provide it, tests replace it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from examples.rag.domain import Chunk, EmbeddedChunk, Hit, KnownChunk, Vectors
from funcpipe_streams import AsyncGen, ErrInfo, Result


class StoragePort(Protocol):
    """Where inputs are."""

    def open_input(self, path: str) -> AbstractAsyncContextManager[AsyncGen[bytes]]:
        """The input, open: a stream of its lines, ends of line included.

        An input that cannot be opened, or read to its end, is an `Err` with the code `INPUT`, after
        which the stream ends.
        """

    def size(self, path: str) -> int | None:
        """How many bytes the input has, where that is known beforehand."""


class AsyncResponse(Protocol):
    """An answer whose body has not been read yet."""

    @property
    def status_code(self) -> int:
        """The status of the answer."""

    def aiter_lines(self) -> AsyncGenerator[bytes, None]:
        """The body's lines as they arrive, ends of line included.

        Raises `TimeoutError` when the server stalls, another `OSError` when the connection is lost.
        """


class HttpClientCap(Protocol):
    """The right to speak HTTP."""

    def stream(
        self, method: str, url: str
    ) -> AbstractAsyncContextManager[Result[AsyncResponse, ErrInfo]]:
        """Send a request; the connection is given back when the block is left.

        What goes wrong before the answer's head has arrived is an `Err`.
        """

    async def post_json(self, url: str, body: Mapping[str, object]) -> Result[object, ErrInfo]:
        """Send a JSON document; the answer's, or an `Err` whose code says what went wrong."""


class EmbeddingCap(Protocol):
    """The right to turn texts into vectors."""

    @property
    def name(self) -> str:
        """What an index remembers: vectors of different embedders cannot be compared."""

    async def embed(self, texts: Sequence[str]) -> Result[Vectors, ErrInfo]:
        """One row for each text, of length 1; an `Err` if none could be made."""


class IndexPort(Protocol):
    """Where passages end up."""

    async def known(self, chunks: Sequence[Chunk]) -> frozenset[str]:
        """The ids of those that are held already, unchanged."""

    async def add(self, items: Sequence[EmbeddedChunk | KnownChunk]) -> None:
        """Store all of them or, if that fails or is cut off, none; durable when this returns.

        A document's passages after one marked `last` are removed: it has become shorter.
        """


class SearchableIndex(IndexPort, Protocol):
    """An index that can be asked, too."""

    embedder: str
    """The name of the embedder that its vectors come from."""

    async def search(self, vector: Vectors, limit: int) -> list[Hit]:
        """The passages nearest to a vector, nearest first."""


class IndexUnusable(Exception):
    """The index cannot be opened, read or written, or was made with another embedder."""
