"""The next message, unless somebody presses stop."""

import asyncio


async def message_or_stop(messages, button):
    message = asyncio.ensure_future(anext(messages))  # error: FP506
    stopped = asyncio.ensure_future(button.wait())
    await asyncio.wait({message, stopped}, return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    if message.done():
        return message.result()
    message.cancel()
    raise LookupError
