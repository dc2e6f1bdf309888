"""A proxy hands a download on without keeping it."""

import httpx
from starlette.responses import StreamingResponse


async def fetch(name):
    async def body():
        async with httpx.AsyncClient() as web:
            async with web.stream("GET", f"https://files.example/{name}") as reply:
                async for part in reply.aiter_bytes():
                    yield part

    return StreamingResponse(body())
