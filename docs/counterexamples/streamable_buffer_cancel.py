"""A consumer that waits for a buffer cannot be cancelled while the source gives nothing.

Laws: C3
"""

import asyncio

from streamable import stream


async def quiet():
    await asyncio.Event().wait()
    yield 1


async def main():
    pull = asyncio.ensure_future(anext(aiter(stream(quiet()).buffer(1))))
    await asyncio.sleep(0.1)
    pull.cancel()
    _, waiting = await asyncio.wait({pull}, timeout=0.3)
    assert waiting


asyncio.new_event_loop().run_until_complete(main())
