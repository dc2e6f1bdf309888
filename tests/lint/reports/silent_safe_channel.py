"""A generator that trio drives through a channel."""

import trio


@trio.as_safe_channel
async def beats(seconds):
    with trio.move_on_after(seconds):
        while True:
            await trio.sleep(1)
            yield trio.current_time()
