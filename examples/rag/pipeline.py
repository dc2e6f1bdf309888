"""The pipeline: a description, from the lines of an input to passages with their vectors.

Nothing here reads a file, opens a connection or starts a task: that happens where the description
is driven.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from random import Random

from examples.rag.documents import parse_docs_stream
from examples.rag.domain import (
    Chunk,
    CleanDoc,
    Columns,
    EmbeddedChunk,
    KnownChunk,
    RawDoc,
    Vectors,
)
from examples.rag.passages import Passages, clean_item
from examples.rag.ports import EmbeddingCap, IndexPort, StoragePort
from funcpipe_streams import (
    AsyncGen,
    Err,
    ErrInfo,
    Ok,
    RateLimit,
    Result,
    RetryPolicy,
    async_gen_and_then,
    async_gen_chunk,
    async_gen_from_iterable,
    async_gen_par_map,
    async_gen_rate_limit,
    async_gen_using,
    async_retry,
    lift_async_item,
)

Indexable = EmbeddedChunk | KnownChunk

TRANSIENT = frozenset({"CONNECTION", "STALLED", "HTTP_429", "HTTP_500", "HTTP_502", "HTTP_503"})
"""Errors that are worth another attempt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RagEnv:
    """The settings of a run: all policies are data."""

    columns: Columns = field(default_factory=Columns)
    chunk_size: int = 1000
    chunk_overlap: int = 100
    batch: int = 64
    concurrency: int = 4
    retry: RetryPolicy = field(
        default_factory=lambda: RetryPolicy.exponential(
            attempts=5, first=0.2, ceiling=5.0, jitter=0.5, codes=TRANSIENT
        )
    )
    rate: RateLimit | None = None


def async_rag_stream(
    docs: AsyncGen[RawDoc], env: RagEnv, embedder: EmbeddingCap, index: IndexPort
) -> AsyncGen[Indexable]:
    """Clean, cut and embed documents.

    Passages are embedded `env.batch` at a time, at most `env.concurrency` batches at once, no
    faster than `env.rate`, each tried again as `env.retry` says. Order is kept, and every `Err`
    stands at its place; a batch that fails for good is one `Err`.
    """

    def passages(doc: CleanDoc) -> AsyncGen[Chunk]:
        return async_gen_from_iterable(Passages(doc, env.chunk_size, env.chunk_overlap))

    clean = async_gen_and_then(docs, lift_async_item(clean_item))
    batches = async_gen_chunk(async_gen_and_then(clean, passages), env.batch)
    paced = batches if env.rate is None else async_gen_rate_limit(batches, env.rate)
    embedded = async_gen_par_map(
        paced, embed_batch(env, embedder, index), concurrency=env.concurrency
    )
    return async_gen_and_then(embedded, async_gen_from_iterable)


def async_rag_pipeline_stream(
    storage: StoragePort,
    input_path: str,
    env: RagEnv,
    embedder: EmbeddingCap,
    index: IndexPort,
) -> AsyncGen[Indexable]:
    """The whole way from an input to what belongs into the index.

    The input is open while the stream runs. What it gives is a stream of documents, and the steps
    take such a stream: a function applied, no bind, which would hand over one document at a time.
    """
    docs = async_gen_using(lambda: storage.open_input(input_path), parse_docs_stream(env.columns))
    return async_rag_stream(docs, env, embedder, index)


def embed_batch(
    env: RagEnv, embedder: EmbeddingCap, index: IndexPort
) -> Callable[[list[Chunk]], Awaitable[Result[list[Indexable], ErrInfo]]]:
    """A function that embeds those passages of a batch that the index does not hold yet."""
    random = Random()

    async def embed(batch: list[Chunk]) -> Result[list[Indexable], ErrInfo]:
        known = await index.known(batch)
        new = [chunk for chunk in batch if chunk.id not in known]
        vectors: Iterator[Vectors] = iter(())
        if new:
            texts = [f"{chunk.title}\n{chunk.text}".strip() for chunk in new]
            plan = async_retry(lambda: embedder.embed(texts), env.retry, random=random)
            match await plan():
                case Ok(rows):
                    vectors = iter(rows)
                case Err(error):
                    return Err(_lost(batch, error))
        return Ok(
            [
                KnownChunk(chunk) if chunk.id in known else EmbeddedChunk(chunk, next(vectors))
                for chunk in batch
            ]
        )

    return embed


def _lost(batch: list[Chunk], error: ErrInfo) -> ErrInfo:
    which = f"{len(batch)} passages, {batch[0].id} to {batch[-1].id}"
    return ErrInfo(error.code, f"not embedded: {which}: {error.msg}", error.cause)
