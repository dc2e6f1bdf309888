"""A web server on loopback that does what a test tells it to: also stall, and hang up."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Literal

STALL: Literal["stall"] = "stall"
DROP: Literal["drop"] = "drop"
Step = bytes | Literal["stall", "drop"]


class Server:
    """Answers each request with the next script; the last one repeats."""

    def __init__(self, scripts: tuple[list[Step] | Callable[[bytes], list[Step]], ...]) -> None:
        self.scripts = scripts
        self.url = ""
        self.requests = 0
        self.open_connections = 0
        self.stalling = asyncio.Event()
        self.idle = asyncio.Event()
        self.idle.set()

    async def all_closed(self) -> None:
        """Wait until no client holds a connection."""
        await asyncio.wait_for(self.idle.wait(), 10)

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open_connections += 1
        self.idle.clear()
        try:
            while head := await self._request_head(reader):
                script = self.scripts[min(self.requests, len(self.scripts) - 1)]
                self.requests += 1
                body = await reader.readexactly(_length(head))
                for step in script(body) if callable(script) else script:
                    if step == "stall":
                        self.stalling.set()
                        await reader.read()  # until the client gives up
                        return
                    if step == "drop":
                        return
                    writer.write(step)
                    await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.transport.abort()
            self.open_connections -= 1
            if not self.open_connections:
                self.idle.set()

    async def _request_head(self, reader: asyncio.StreamReader) -> bytes:
        try:
            return await reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError:
            return b""


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.partition(b":")[2])
    return 0


def status(line: str, body: bytes = b"") -> bytes:
    """A whole answer with this status line."""
    return f"HTTP/1.1 {line}\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body


def ok(body: bytes) -> bytes:
    """A whole answer with this body."""
    return status("200 OK", body)


def as_json(document: object) -> bytes:
    """A whole answer with this document."""
    return ok(json.dumps(document).encode())


@asynccontextmanager
async def serving(
    *scripts: list[Step] | Callable[[bytes], list[Step]],
) -> AsyncIterator[Server]:
    """A server for the block; at its end every connection has to be closed by the client."""
    server = Server(scripts)
    listener = await asyncio.start_server(server.answer, "127.0.0.1", 0)
    host, port = listener.sockets[0].getsockname()
    server.url = f"http://{host}:{port}/docs.csv"
    async with listener:
        yield server
        await server.all_closed()
