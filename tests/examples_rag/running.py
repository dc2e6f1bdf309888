"""The pipeline's parts, ready to be run."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, redirect_stderr, redirect_stdout
from pathlib import Path

import numpy

from examples.rag.cli import main
from examples.rag.documents import parse_docs_stream
from examples.rag.domain import Chunk, Columns, EmbeddedChunk, KnownChunk, RawDoc, Vectors
from funcpipe_streams import (
    AsyncGen,
    ErrInfo,
    Ok,
    Result,
    RetryPolicy,
    async_gen_from_iterable,
    collect,
)

AT_ONCE = RetryPolicy(
    attempts=3, codes=frozenset({"STALLED", "CONNECTION", "HTTP_429", "HTTP_503"})
)


def rag(*arguments: str | Path) -> tuple[int, str, str]:
    """Run a command in this process: its exit code, output and messages."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as exit_:
            code = int(exit_.code or 0)
    return code, out.getvalue(), err.getvalue()


def as_csv(*documents: tuple[str, str, str]) -> bytes:
    """A CSV file with a header."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([("id", "title", "text"), *documents])
    return text.getvalue().encode()


def numbered(count: int) -> bytes:
    """A CSV file of that many short documents, d0, d1 and so on."""
    return as_csv(*((f"d{n}", f"Title {n}", f"text of number {n}") for n in range(count)))


async def documents(*lines: bytes) -> list[Result[RawDoc, ErrInfo]]:
    """What the parser makes of these lines."""
    return await collect(parse_docs_stream(Columns())(async_gen_from_iterable(lines)))


class LinesInMemory:
    """A storage that holds one input."""

    def __init__(self, content: bytes) -> None:
        self.lines = content.splitlines(keepends=True)
        self.open = 0

    @asynccontextmanager
    async def open_input(self, path: str) -> AsyncIterator[AsyncGen[bytes]]:
        self.open += 1
        try:
            yield async_gen_from_iterable(self.lines)
        finally:
            self.open -= 1

    def size(self, path: str) -> int | None:
        return None


class NothingKnown:
    """An index that forgets what it is given."""

    async def known(self, chunks: Sequence[Chunk]) -> frozenset[str]:
        return frozenset()

    async def add(self, items: Sequence[EmbeddedChunk | KnownChunk]) -> None:
        return


class Zeros:
    """An embedder that takes no time."""

    name = "zeros"

    async def embed(self, texts: Sequence[str]) -> Result[Vectors, ErrInfo]:
        return Ok(numpy.zeros((len(texts), 4), numpy.float32))
