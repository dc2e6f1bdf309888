"""Stopped at any moment: what was reported is in the index, and nothing stays open."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from examples.rag.embedders import HASHING, HashingEmbedding
from examples.rag.http_client import HttpxClient
from examples.rag.http_storage import HttpStorage
from examples.rag.pipeline import RagEnv, async_rag_pipeline_stream
from funcpipe_laws.simulation.loops.unwatched import unwatched
from funcpipe_streams import Ok, async_gen_chunk, closing_stream

from .places import Place
from .running import AT_ONCE, numbered
from .serving import STALL, serving, status

ROOT = Path(__file__).parent.parent.parent


@asynccontextmanager
async def indexing(source: str, place: Place) -> AsyncIterator[asyncio.subprocess.Process]:
    """The program at work; it warns of everything that it leaves open."""
    command = ["-W", "error", "-m", "examples.rag", "index", source, "--print-ids"]
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *command,
        f"--index={place.index}",
        cwd=ROOT,
        env={**os.environ, "PYTHONWARNINGS": ""},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def reported(lines: list[bytes]) -> set[str]:
    """The ids in whole lines of output."""
    assert all(line.startswith(b"indexed ") for line in lines)
    return {line.decode().split()[1] for line in lines if line.endswith(b"\n")}


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGKILL])
@pytest.mark.parametrize("lines_before", [1, 300, 1500])
@pytest.mark.asyncio
async def test_what_was_reported_is_in_the_index(
    place: Place, sent: signal.Signals, lines_before: int
) -> None:
    """After Ctrl-C or a kill each reported passage is held; Ctrl-C also closes the index well."""
    async with indexing("generated:30MB", place) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        lines = [await process.stdout.readline() for _ in range(lines_before)]
        process.send_signal(sent)
        lines += [line async for line in process.stdout]
        errors = (await process.stderr.read()).decode()
        code = await process.wait()
    assert len(lines) >= lines_before
    if sent == signal.SIGINT:
        assert place.closed_well()
        assert code == 130, errors
        assert errors.startswith("interrupted; the same command goes on from here\n")
        assert "Traceback" not in errors
        assert "Warning" not in errors
    else:
        assert code == -signal.SIGKILL
    assert reported(lines) <= place.held()


@pytest.mark.asyncio
async def test_interrupted_while_the_server_is_silent(place: Place) -> None:
    """Ctrl-C while nothing arrives ends at once; the server sees its connection closed."""
    content = numbered(400)
    head = f"HTTP/1.1 200 OK\r\ncontent-length: {len(content)}\r\n\r\n".encode()
    async with serving([head, content[:-20], STALL]) as server:
        async with indexing(server.url, place) as process:
            await server.stalling.wait()
            process.send_signal(signal.SIGINT)
            output, errors = await process.communicate()
        await server.all_closed()
    assert process.returncode == 130
    assert b"Traceback" not in errors
    assert b"Warning" not in errors
    assert reported(output.splitlines(keepends=True)) <= place.held()


@pytest.mark.asyncio
async def test_cancelled_at_any_step(place: Place) -> None:
    """Cancelled after any number of the loop's turns, the same holds, and the task is cancelled."""
    content = numbered(60)
    env = RagEnv(batch=4, concurrency=3, retry=AT_ONCE)
    stored: set[str] = set()
    completed = 0
    async with serving([status("200 OK", content)]) as server:

        async def run() -> None:
            async with HttpxClient() as client, place.opened(HASHING) as index:
                stream = async_rag_pipeline_stream(
                    HttpStorage(client, AT_ONCE), server.url, env, HashingEmbedding(), index
                )
                async with closing_stream(async_gen_chunk(stream, 8)()) as groups:
                    async for group in groups:
                        assert isinstance(group, Ok)
                        await index.add(group.value)
                        stored.update(item.chunk.id for item in group.value)

        for turns in range(0, 400, 9):
            # Cancelled at some of these turns, httpx2 leaves a stream of httpcore2 to the
            # collector; at which, the machine decides: no mark could say whether it is left.
            with unwatched():
                task = asyncio.create_task(run())
                for _ in range(turns):
                    await asyncio.sleep(0)
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
            await server.all_closed()
            assert place.closed_well()
            held = place.held()
            assert stored <= held
            assert len(held) % 8 == 0 or len(held) == 60  # whole groups
            completed += len(stored) == 60
            stored.clear()
            place.clear()
    assert completed < 40
