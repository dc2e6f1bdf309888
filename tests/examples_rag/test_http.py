"""Inputs and embeddings over real connections that stall, break and change."""

from __future__ import annotations

import json

import pytest

from examples.rag.domain import EmbeddedChunk
from examples.rag.embedders import ServiceEmbedding
from examples.rag.http_client import HttpxClient
from examples.rag.http_storage import HttpStorage, async_stream_http_lines
from examples.rag.pipeline import Indexable, RagEnv, async_rag_pipeline_stream
from funcpipe_streams import Err, ErrInfo, Ok, Result, closing_stream, collect

from .running import AT_ONCE, LinesInMemory, NothingKnown, numbered
from .serving import DROP, STALL, Server, Step, as_json, ok, serving, status

CONTENT = numbered(400)
HEAD = f"HTTP/1.1 200 OK\r\ncontent-length: {len(CONTENT)}\r\n\r\n".encode()
HALF = len(CONTENT) // 2


async def lines_of(server: Server) -> tuple[bytes, list[str]]:
    """What arrives, and the errors, at three attempts in a row."""
    async with HttpxClient(stall_seconds=0.1) as client:
        storage = HttpStorage(client, AT_ONCE)
        async with storage.open_input(server.url) as lines:
            items = await collect(lines)
    content = b"".join(item.value for item in items if isinstance(item, Ok))
    return content, [item.error.msg for item in items if isinstance(item, Err)]


BREAKS: dict[str, list[Step]] = {
    "drops before the head": [DROP],
    "drops in the head": [HEAD[:20], DROP],
    "drops in the body": [HEAD, CONTENT[:HALF], DROP],
    "stalls before the head": [STALL],
    "stalls in the body": [HEAD, CONTENT[:HALF], STALL],
    "is busy": [status("503 Service Unavailable")],
    "speaks something else": [b"SSH-2.0-OpenSSH_9.2\r\n", DROP],
}


@pytest.mark.parametrize("break_", BREAKS)
@pytest.mark.asyncio
async def test_broken_connection_is_resumed(break_: str) -> None:
    """After any break, twice, the lines are all there, once, in order."""
    async with serving(BREAKS[break_], BREAKS[break_], [ok(CONTENT)]) as server:
        assert await lines_of(server) == (CONTENT, [])
    assert server.requests == 3


@pytest.mark.asyncio
async def test_progress_starts_the_attempts_anew() -> None:
    """A connection that breaks more often than there are attempts is fine while it gets further."""
    step = len(CONTENT) // 10
    scripts: list[list[Step]] = [[HEAD, CONTENT[: n * step], DROP] for n in range(1, 10)]
    async with serving(*scripts, [ok(CONTENT)]) as server:
        assert await lines_of(server) == (CONTENT, [])


@pytest.mark.asyncio
async def test_attempts_end() -> None:
    """A server that breaks at the same place each time costs an error, after what it gave."""
    async with serving([HEAD, CONTENT[:HALF], DROP]) as server:
        content, errors = await lines_of(server)
    assert content == CONTENT[: CONTENT[:HALF].rindex(b"\n") + 1]
    (error,) = errors
    assert error.startswith(f"{server.url}: ")
    assert error.endswith("(CONNECTION)")
    # Three attempts that got no further, after the one that did.
    assert server.requests == 3


@pytest.mark.asyncio
async def test_missing_resource_is_not_asked_for_again() -> None:
    """A status that will not change is an error at once, and names the address."""
    async with serving([status("404 Not Found")]) as server:
        content, (error,) = await lines_of(server)
    assert (content, server.requests) == (b"", 1)
    assert error == f"{server.url}: 404 Not Found (HTTP_404)"


@pytest.mark.asyncio
async def test_refused_connection() -> None:
    """A server that is gone is an error, not an exception."""
    async with serving([DROP]) as server:
        pass
    content, (error,) = await lines_of(server)
    assert content == b""
    assert error.endswith("(CONNECTION)")


@pytest.mark.parametrize(
    "other", [b"id,title,text\nx,X,other\n", numbered(400).replace(b"d1,", b"e1,")]
)
@pytest.mark.stream_leaks("allow", reason="httpx2 leaves the generators of a response open")
@pytest.mark.asyncio
async def test_changed_input_is_not_mixed(other: bytes) -> None:
    """If the input has changed between two attempts, no line of the new one is given."""
    async with serving([HEAD, CONTENT[:HALF], DROP], [ok(other)]) as server:
        content, (error,) = await lines_of(server)
    assert CONTENT.startswith(content)
    assert error == "the input changed between two attempts (CHANGED)"


@pytest.mark.stream_leaks("allow", reason="httpx2 leaves the generators of a response open")
@pytest.mark.asyncio
async def test_leaving_early_closes_the_connection() -> None:
    """When a stream is closed after one line, its connection is closed before that returns."""
    async with serving([HEAD, CONTENT[:HALF], STALL]) as server, HttpxClient() as client:
        stream = async_stream_http_lines(server.url, client)
        async with closing_stream(stream()) as lines:
            async for line in lines:
                assert line == Ok(b"id,title,text\r\n")
                break
        # Without this client's pool being closed: the server's side ends because ours has.
        await server.all_closed()


def vectors_for(body: bytes) -> list[Step]:
    """A service's answer: a vector for each text, as long as that, in no order."""
    texts = json.loads(body)["input"]
    entries = [{"index": n, "embedding": [len(text), 0.0]} for n, text in enumerate(texts)]
    return [as_json({"data": entries[::-1]})]


async def embedded(server: Server) -> list[Result[Indexable, ErrInfo]]:
    """What a service makes of three documents, in batches of two."""
    env = RagEnv(batch=2, concurrency=1, retry=AT_ONCE)
    async with HttpxClient(stall_seconds=0.1) as client:
        service = ServiceEmbedding(server.url, client)
        stream = async_rag_pipeline_stream(
            LinesInMemory(numbered(3)), "", env, service, NothingKnown()
        )
        return await collect(stream)


@pytest.mark.asyncio
async def test_embedding_service_is_tried_again() -> None:
    """A service that is busy, stalls and hangs up is asked until it answers."""
    busy: list[Step] = [status("429 Too Many Requests")]
    async with serving(busy, [STALL], vectors_for, [DROP], vectors_for) as server:
        items = await embedded(server)
    chunks = [item.value for item in items if isinstance(item, Ok)]
    assert server.requests == 5
    assert len(chunks) == len(items) == 3
    for chunk in chunks:
        assert isinstance(chunk, EmbeddedChunk)
        assert chunk.vector.tolist() == [1.0, 0.0]


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (status("400 Bad Request"), "HTTP_400"),
        (ok(b"<html>"), "ANSWER"),
        (as_json({"data": []}), "ANSWER"),
        (as_json({"data": [{"index": 0, "embedding": [1.0]}]}), "ANSWER"),
        (as_json([1]), "ANSWER"),
        (
            as_json({"data": [{"index": 0, "embedding": "x"}, {"index": 1, "embedding": 1}]}),
            "ANSWER",
        ),
    ],
)
@pytest.mark.asyncio
async def test_refused_batch_is_one_error(answer: bytes, code: str) -> None:
    """An answer that is no good costs its batch, once, with the ids; the next batch is embedded."""
    async with serving([answer], vectors_for) as server:
        failed, item = await embedded(server)
    assert isinstance(failed, Err)
    assert failed.error.code == code
    assert failed.error.msg.startswith("not embedded: 2 passages, d0#0 to d1#0: ")
    assert isinstance(item, Ok)
    assert server.requests == 2
