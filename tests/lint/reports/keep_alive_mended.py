"""A comment is sent while a slow source says nothing."""

import asyncio


async def kept_alive(source):
    letters = aiter(source)
    coming = asyncio.ensure_future(anext(letters, None))
    try:
        while True:
            await asyncio.wait({coming}, timeout=5)
            if not coming.done():
                yield ": alive"
                continue
            letter = coming.result()
            if letter is None:
                break
            yield letter
            coming = asyncio.ensure_future(anext(letters, None))
    finally:
        coming.cancel()
