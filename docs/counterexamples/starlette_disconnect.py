"""When the client leaves, a StreamingResponse ends and its stream stays suspended.

Leak: suspended
"""

import asyncio

from starlette.responses import StreamingResponse


async def rows():
    try:
        yield b"a row"
    finally:
        await asyncio.sleep(0)


async def send(message):
    if message.get("body"):
        raise OSError  # what servers of ASGI 2.4 do when the client has left


async def main():
    stream, scope = rows(), {"type": "http", "asgi": {"spec_version": "2.4"}}
    await asyncio.gather(StreamingResponse(stream)(scope, None, send), return_exceptions=True)
    assert stream.ag_frame is not None


asyncio.run(main())
