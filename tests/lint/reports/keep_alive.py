"""A comment is sent while a slow source says nothing."""

import asyncio


async def kept_alive(source):
    letters = aiter(source)
    while True:
        try:
            letter = await asyncio.wait_for(anext(letters), 5)  # error: FP505
        except TimeoutError:
            yield ": alive"
            continue
        except StopAsyncIteration:
            break
        yield letter
