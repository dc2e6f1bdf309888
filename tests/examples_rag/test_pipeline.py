"""The description alone, on the simulated loop: pure, bounded, rate-limited, in order."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tracemalloc
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy

from examples.rag.domain import EmbeddedChunk, Vectors
from examples.rag.pipeline import Indexable, RagEnv, async_rag_pipeline_stream
from examples.rag.storage import GeneratedStorage
from funcpipe_laws.simulation.loops import sim
from funcpipe_streams import (
    Err,
    ErrInfo,
    Ok,
    RateLimit,
    Result,
    RetryPolicy,
    async_gen_fold,
    collect,
)

from .running import LinesInMemory, NothingKnown, Zeros, numbered

T = TypeVar("T")
ROOT = Path(__file__).parent.parent.parent


def simulated(program: Coroutine[Any, Any, T]) -> tuple[T, float]:
    """What a program returns, and how many virtual seconds it took."""
    # The type of asyncio's loop declares methods abstract that the simulated one refuses.
    make_loop: Any = sim.SimLoop
    loop = make_loop(limit=1_000_000)
    try:
        return loop.run_until_complete(program), loop.time()
    finally:
        loop.close()


class Slow:
    """An embedder that takes a second for a batch, and fails as often as it is told."""

    name = "slow"

    def __init__(self, failures: dict[str, list[str]] | None = None) -> None:
        self.running = self.most = self.calls = 0
        self.failures = failures or {}

    async def embed(self, texts: Sequence[str]) -> Result[Vectors, ErrInfo]:
        self.calls += 1
        self.running += 1
        self.most = max(self.most, self.running)
        await asyncio.sleep(1)
        self.running -= 1
        if failures := self.failures.get(texts[0].split()[1]):
            return Err(ErrInfo(failures.pop(0), "told to"))
        return Ok(numpy.zeros((len(texts), 4), numpy.float32))


def run(embedder: Slow, env: RagEnv, documents: int) -> tuple[list[Any], float]:
    """The ids and error codes that come out, and the virtual seconds."""
    storage = LinesInMemory(numbered(documents))
    items, seconds = simulated(
        collect(async_rag_pipeline_stream(storage, "", env, embedder, NothingKnown()))
    )
    assert storage.open == 0
    return [i.value.chunk.id if isinstance(i, Ok) else i.error.code for i in items], seconds


def ids(*numbers: int) -> list[str]:
    return [f"d{number}#0" for number in numbers]


def test_building_the_description_does_nothing() -> None:
    """Nothing is asked of any capability before the stream is pulled."""
    storage, embedder = LinesInMemory(numbered(1)), Slow()
    async_rag_pipeline_stream(storage, "", RagEnv(), embedder, NothingKnown())()
    assert (storage.open, embedder.calls) == (0, 0)


def test_batches_are_embedded_at_once_up_to_the_bound() -> None:
    """Twelve batches of a second, three at a time, take four seconds; order is kept."""
    embedder = Slow()
    found, seconds = run(embedder, RagEnv(batch=2, concurrency=3), 24)
    assert found == ids(*range(24))
    assert (seconds, embedder.most, embedder.calls) == (4, 3, 12)


def test_rate_limit() -> None:
    """At half a batch a second the sixth batch begins after ten seconds."""
    embedder = Slow()
    env = RagEnv(batch=2, concurrency=3, rate=RateLimit(per_second=0.5))
    found, seconds = run(embedder, env, 12)
    assert found == ids(*range(12))
    assert embedder.most == 1
    assert 11 <= seconds <= 13  # the source's end is asked for at the next tick


def test_transient_failures_are_tried_again_others_not() -> None:
    """A batch that fails for a while waits and comes at its place; one refused is one Err there."""
    embedder = Slow({"0": ["HTTP_503", "STALLED"], "2": ["HTTP_400"], "4": ["HTTP_503"] * 9})
    policy = RetryPolicy(attempts=3, delays=(10,), codes=frozenset({"HTTP_503", "STALLED"}))
    found, seconds = run(embedder, RagEnv(batch=2, concurrency=1, retry=policy), 8)
    assert found == [*ids(0, 1), "HTTP_400", "HTTP_503", *ids(6, 7)]
    assert seconds == (3 + 20) + 1 + (3 + 20) + 1


def peak_bytes(size: str) -> tuple[int, int]:
    """Passages that came through, and the most memory that was held meanwhile."""

    def count(passages: int, item: Result[Indexable, ErrInfo]) -> int:
        assert isinstance(item, Ok)
        assert isinstance(item.value, EmbeddedChunk)
        return passages + 1

    stream = async_rag_pipeline_stream(GeneratedStorage(), size, RagEnv(), Zeros(), NothingKnown())
    tracemalloc.start()
    try:
        passages = asyncio.run(async_gen_fold(stream, 0, count))
        return passages, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_does_not_grow_with_the_input() -> None:
    """Ten times the input, the same peak, within a tenth of what the input grew by."""
    few, small = peak_bytes("generated:300KB")
    many, large = peak_bytes("generated:3MB")
    assert many > 9 * few
    assert large < small + 270_000


MISTYPED = """
from examples.rag.documents import parse_docs_stream
from examples.rag.pipeline import Indexable, RagEnv, async_rag_stream
from examples.rag.ports import EmbeddingCap, IndexPort, StoragePort
from funcpipe_streams import AsyncGen, async_gen_and_then, async_gen_using


def pipeline(
    storage: StoragePort, path: str, env: RagEnv, embedder: EmbeddingCap, index: IndexPort
) -> AsyncGen[Indexable]:
    docs = async_gen_using(lambda: storage.open_input(path), parse_docs_stream(env.columns))
    return async_gen_and_then(docs, lambda doc: async_rag_stream(doc, env, embedder, index))
"""


def test_binding_the_whole_stream_is_a_type_error(tmp_path: Path) -> None:
    """The composition by bind, which passes one document where a stream is due, is rejected."""
    program = tmp_path / "mistyped.py"
    program.write_text(MISTYPED)
    checked = subprocess.run(
        [sys.executable, "-m", "mypy", str(program)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 1, checked.stdout + checked.stderr
    assert checked.stdout.count("error:") == 1
    assert 'Argument 1 to "async_rag_stream" has incompatible type "RawDoc"' in checked.stdout
