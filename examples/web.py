"""A web application with one stream, served twice: as most people write it, and so that it closes.

pytest --stream-endpoints examples.web:app --stream-request 'GET /orders'
pytest --stream-endpoints examples.web:app --stream-request 'GET /orders-closing'
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.routing import Route

from examples.closing_response import ClosingResponse


async def rows() -> AsyncGenerator[str, None]:
    """Rows of a database: the connection is given back when the stream is closed."""
    try:
        for number in range(5):
            await asyncio.sleep(1)
            yield f"order {number}"
    finally:
        await asyncio.sleep(0.1)


async def lines() -> AsyncGenerator[str, None]:
    """A loop in a loop: nobody closes the inner one."""
    async for row in rows():
        yield f"{row}\n"


async def closed_lines() -> AsyncGenerator[str, None]:
    """The same; whoever closes this one closes the rows."""
    async with aclosing(rows()) as source:
        async for row in source:
            yield f"{row}\n"


async def orders(request: Request) -> StreamingResponse:
    """Starlette's response, around the loop in a loop."""
    return StreamingResponse(lines())


async def orders_closing(request: Request) -> StreamingResponse:
    """The response of `closing_response.py`, around the stream that closes its source."""
    return ClosingResponse(closed_lines())


app = Starlette(routes=[Route("/orders", orders), Route("/orders-closing", orders_closing)])
