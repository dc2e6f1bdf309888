"""What the applications of these tests are made of."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]

START: Message = {"type": "http.response.start", "status": 200, "headers": []}
END: Message = {"type": "http.response.body", "body": b"", "more_body": False}


def chunk(item: bytes) -> Message:
    """An item as a message."""
    return {"type": "http.response.body", "body": item, "more_body": True}


async def rows() -> AsyncGenerator[bytes, None]:
    """A source that holds something: closing it takes a moment."""
    try:
        for number in range(5):
            await asyncio.sleep(0.01)
            yield b"%d" % number
    finally:
        await asyncio.sleep(0.01)


def http(application: Application) -> Application:
    """An application without a lifespan."""

    async def guarded(scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await application(scope, receive, send)

    guarded.__name__ = application.__name__
    return guarded


async def disconnected(receive: Receive) -> None:
    """Wait until the client has left."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def first_of(*works: Any) -> None:
    """Run works side by side until one has ended; the others are cancelled and awaited."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
