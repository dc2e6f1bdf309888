"""Closing aiter_lines() does not close the body of the response, which stays suspended.

Leak: suspended
"""

import asyncio

import httpx

log = []


async def body():
    try:
        yield b"one\ntwo\n"
    finally:
        log.append("closed")


async def main():
    response = httpx.Response(200, content=body())
    lines = response.aiter_lines()
    assert await anext(lines) == "one"
    await lines.aclose()
    assert log == []


asyncio.run(main())
