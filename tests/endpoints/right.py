"""Applications that are right, each in another way: nothing may be said of any of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import Annotated, Any

from fastapi import Depends, FastAPI
from sse_starlette import EventSourceResponse
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, StreamingResponse
from starlette.routing import Route, Router

from examples.closing_response import ClosingResponse
from tests.endpoints.parts import (
    END,
    START,
    Message,
    Receive,
    Send,
    chunk,
    disconnected,
    first_of,
    http,
    rows,
)


async def lines() -> AsyncGenerator[bytes, None]:
    """The nested form, with its source closed."""
    async with aclosing(rows()) as source:
        async for row in source:
            yield row + b"\n"


async def _stream(send: Send) -> None:
    async with aclosing(lines()) as source:
        async for line in source:
            await send(chunk(line))
    await send(END)


@http
async def by_hand(scope: Message, receive: Receive, send: Send) -> None:
    """Streams beside a task that waits for the client to leave."""
    await send(START)
    await first_of(_stream(send), disconnected(receive))


@http
async def in_a_task_group(scope: Message, receive: Receive, send: Send) -> None:
    """A producer, a bounded queue and a consumer, in one task group."""
    queue: asyncio.Queue[bytes | None] = asyncio.Queue(2)

    async def produce() -> None:
        async with aclosing(rows()) as source:
            async for row in source:
                await queue.put(row)
        await queue.put(None)

    async def exchange() -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(produce())
            while (row := await queue.get()) is not None:
                await send(chunk(row))
        await send(END)

    await send(START)
    await first_of(exchange(), disconnected(receive))


@http
async def with_a_heartbeat(scope: Message, receive: Receive, send: Send) -> None:
    """Two tasks send; both are ended whatever happens."""
    lock = asyncio.Lock()

    async def beat() -> None:
        while True:
            await asyncio.sleep(0.25)
            async with lock:
                await send(chunk(b": beat"))

    async def stream() -> None:
        async with aclosing(rows()) as source:
            async for row in source:
                async with lock:
                    await send(chunk(row))

    await send(START)
    await first_of(stream(), beat(), disconnected(receive))
    await send(END)


@http
async def long_poll(scope: Message, receive: Receive, send: Send) -> None:
    """Waits for news or for the client to leave, whichever is first."""
    await first_of(asyncio.sleep(30), disconnected(receive))
    await send(START)
    await send({**END, "body": b"no news"})


@http
async def upload(scope: Message, receive: Receive, send: Send) -> None:
    """Reads a body piece by piece, and gives up when the client leaves."""
    length = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        length += len(message["body"])
        if not message["more_body"]:
            break
    await send(START)
    await send({**END, "body": b"%d" % length})


@http
async def open_ended(scope: Message, receive: Receive, send: Send) -> None:
    """A stream without an end, whose next event never comes."""

    async def forever() -> AsyncGenerator[bytes, None]:
        try:
            yield b"first"
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)

    async def stream() -> None:
        async with aclosing(forever()) as source:
            async for row in source:
                await send(chunk(row))

    await send(START)
    await first_of(stream(), disconnected(receive))


async def _json(request: Request) -> JSONResponse:
    return JSONResponse({"body": (await request.body()).decode()})


async def _closing(request: Request) -> ClosingResponse:
    return ClosingResponse(lines())


async def _nothing_to_close(request: Request) -> StreamingResponse:
    async def numbers() -> AsyncGenerator[bytes, None]:
        for number in range(3):
            await asyncio.sleep(0)
            yield b"%d" % number

    return StreamingResponse(numbers())


async def _events(request: Request) -> EventSourceResponse:
    async def events() -> AsyncGenerator[dict[str, int], None]:
        number = 0
        try:
            while True:
                await asyncio.sleep(1)
                yield {"data": number}
                number += 1
        finally:
            await asyncio.sleep(0.1)

    return EventSourceResponse(events())


@asynccontextmanager
async def _lifespan(app: Starlette) -> AsyncIterator[dict[str, Any]]:
    task = asyncio.create_task(asyncio.sleep(3_600))
    try:
        yield {"ready": True}
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _session() -> AsyncGenerator[str, None]:
    try:
        yield "session"
    finally:
        await asyncio.sleep(0)


fastapi = FastAPI()


@fastapi.get("/")
async def _with_a_dependency(session: Annotated[str, Depends(_session)]) -> ClosingResponse:
    return ClosingResponse(lines())


json = Router([Route("/", _json, methods=["POST"])])
closing = Router([Route("/", _closing)])
nothing_to_close = Router([Route("/", _nothing_to_close)])
events = Router([Route("/", _events)])
with_a_lifespan = Starlette(routes=[Route("/", _closing)], lifespan=_lifespan)

UPLOAD = {"path": "/", "method": "POST", "body": "x" * 2_500}
RIGHT: dict[str, tuple[Any, Any]] = {
    "by_hand": (by_hand, "GET /"),
    "in_a_task_group": (in_a_task_group, "GET /"),
    "with_a_heartbeat": (with_a_heartbeat, "GET /"),
    "long_poll": (long_poll, "GET /"),
    "upload": (upload, UPLOAD),
    "open_ended": (open_ended, "GET /"),
    "json": (json, UPLOAD),
    "closing": (closing, "GET /"),
    "nothing_to_close": (nothing_to_close, "GET /"),
    "events": (events, "GET /"),
    "with_a_lifespan": (with_a_lifespan, "GET /"),
    "fastapi": (fastapi, "GET /"),
}
"""Name -> an application, and the request that is sent to it."""
