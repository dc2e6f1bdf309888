"""A manager that yields inside a nursery."""

from contextlib import asynccontextmanager

import trio


@asynccontextmanager
async def running(server):
    async with trio.open_nursery() as nursery:
        nursery.start_soon(server.run)
        yield server
        nursery.cancel_scope.cancel()
