"""A handler for everything, behind one that re-raises what closes a stream."""

import asyncio


async def tried(source, log):
    while True:
        try:
            yield await source.get()
        except (GeneratorExit, asyncio.CancelledError):
            raise
        except BaseException as error:
            log(error)
