"""A decorator of the team makes a manager of a generator."""

import functools
from contextlib import aclosing, asynccontextmanager

import trio


def through_a_channel(function):
    @functools.wraps(function)
    @asynccontextmanager
    async def manager(*args):
        send, receive = trio.open_memory_channel(0)

        async def drive():
            async with send, aclosing(function(*args)) as items:
                async for item in items:
                    await send.send(item)

        async with trio.open_nursery() as nursery:
            nursery.start_soon(drive)
            yield receive
            nursery.cancel_scope.cancel()

    return manager


@through_a_channel
async def beats(seconds):
    with trio.move_on_after(seconds):
        while True:
            await trio.sleep(1)
            yield trio.current_time()
