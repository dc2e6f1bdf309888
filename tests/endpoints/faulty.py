"""Applications that are wrong on purpose: each must be found, by what it does and at no other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import Any

from sse_starlette import EventSourceResponse
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.routing import Route, Router

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


@http
async def nested(scope: Message, receive: Receive, send: Send) -> None:
    """The idiom that everybody copies: a loop in a loop, and nobody closes the inner one."""

    async def lines() -> AsyncGenerator[bytes, None]:
        async for row in rows():
            yield row + b"\n"

    await send(START)
    async for line in lines():
        await send(chunk(line))
    await send(END)


@http
async def leaves_the_loop(scope: Message, receive: Receive, send: Send) -> None:
    """It looks for the client before each item, and breaks out of the loop."""
    gone = asyncio.ensure_future(disconnected(receive))
    try:
        await send(START)
        async for row in rows():
            if gone.done():
                break
            await send(chunk(row))
        else:
            await send(END)
    finally:
        gone.cancel()
        await asyncio.gather(gone, return_exceptions=True)


@http
async def forgets_its_producer(scope: Message, receive: Receive, send: Send) -> None:
    """A task that fills a queue is ended at the end of the stream, and only there."""
    queue: asyncio.Queue[bytes | None] = asyncio.Queue(1)

    async def produce() -> None:
        async with aclosing(rows()) as source:
            async for row in source:
                await queue.put(row)
        await queue.put(None)

    async def consume() -> None:
        producer = asyncio.create_task(produce())
        while (row := await queue.get()) is not None:
            await send(chunk(row))
        await producer

    await send(START)
    await first_of(consume(), disconnected(receive))
    await send(END)


@http
async def never_looks(scope: Message, receive: Receive, send: Send) -> None:
    """It does not ask whether there is a client."""
    await send(START)
    async with aclosing(rows()) as source:
        async for row in source:
            await send(chunk(row))
    await send(END)


@http
async def carries_on(scope: Message, receive: Receive, send: Send) -> None:
    """An OSError of `send` is taken for something that passes."""

    async def stream() -> None:
        async with aclosing(rows()) as source:
            async for row in source:
                try:
                    await send(chunk(row))
                except OSError:
                    continue
        await send(END)

    await send(START)
    if scope["asgi"]["spec_version"] == "2.4":
        await stream()
    else:
        await first_of(stream(), disconnected(receive))


@http
async def waits_for_news(scope: Message, receive: Receive, send: Send) -> None:
    """It waits for the next event, and for nothing else."""
    await send(START)
    await send(chunk(b"hello"))
    await asyncio.Event().wait()


@http
async def swallows_the_cancel(scope: Message, receive: Receive, send: Send) -> None:
    """Whatever ends the stream, it waits for the client to say goodbye."""
    try:
        await never_looks(scope, receive, send)
    except (asyncio.CancelledError, OSError):
        await asyncio.Event().wait()


@http
async def beats_on(scope: Message, receive: Receive, send: Send) -> None:
    """The heartbeat is ended at the end of the stream, and only there."""
    heart = asyncio.create_task(asyncio.sleep(3_600))
    await send(START)
    await first_of(never_looks_after_start(send), disconnected(receive))
    await send(END)
    heart.cancel()
    await asyncio.gather(heart, return_exceptions=True)


async def never_looks_after_start(send: Send) -> None:
    """The rows, whoever is there."""
    async with aclosing(rows()) as source:
        async for row in source:
            await send(chunk(row))


@asynccontextmanager
async def connection() -> AsyncIterator[str]:
    """A connection that has to be given back."""
    try:
        yield "connection"
    finally:
        await asyncio.sleep(0)


@http
async def enters_by_hand(scope: Message, receive: Receive, send: Send) -> None:
    """A manager is entered and left by hand: an exception passes by."""
    manager = connection()
    await manager.__aenter__()
    await send(START)
    await first_of(never_looks_after_start(send), disconnected(receive))
    await send(END)
    await manager.__aexit__(None, None, None)


@http
async def closes_in_passing(scope: Message, receive: Receive, send: Send) -> None:
    """The source is closed in a task that nobody waits for."""
    source = rows()
    tasks = set()
    try:
        await send(START)
        async for row in source:
            await send(chunk(row))
        await send(END)
    finally:
        task = asyncio.create_task(source.aclose())
        tasks.add(task)


async def _streaming(request: Request) -> StreamingResponse:
    return StreamingResponse(rows())


async def _events(request: Request) -> EventSourceResponse:
    async def events() -> AsyncGenerator[dict[str, str], None]:
        async for row in rows():
            yield {"data": row.decode()}

    return EventSourceResponse(events())


starlette = Router([Route("/", _streaming)])
"""Starlette's own response leaves its body open when the client leaves between two chunks."""
nested_events = Router([Route("/", _events)])
"""sse-starlette closes its body; the nested loop inside stays open."""

FAULTY: dict[str, tuple[Any, set[str]]] = {
    "nested": (nested, {"open stream", "sent to nobody"}),
    "leaves_the_loop": (leaves_the_loop, {"open stream"}),
    "forgets_its_producer": (forgets_its_producer, {"live task", "open stream"}),
    "never_looks": (never_looks, {"sent to nobody"}),
    "carries_on": (carries_on, {"sent to nobody"}),
    "waits_for_news": (waits_for_news, {"hangs"}),
    "swallows_the_cancel": (swallows_the_cancel, {"hangs", "sent to nobody"}),
    "beats_on": (beats_on, {"live task"}),
    "enters_by_hand": (enters_by_hand, {"open stream"}),
    "closes_in_passing": (closes_in_passing, {"live task", "open stream", "sent to nobody"}),
    "starlette": (starlette, {"open stream"}),
    "nested_events": (nested_events, {"open stream"}),
}
"""Name -> an application, and the kinds of fault that it may be found by; one of them at least."""
