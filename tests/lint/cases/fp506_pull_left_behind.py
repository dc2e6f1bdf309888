"""Pulls in tasks of their own."""

import asyncio


# ---------------------------------------------------------------- silence

async def awaited(iterator, stop):
    pull = asyncio.ensure_future(anext(iterator))
    await asyncio.wait({pull, stop})
    pull.cancel()
    await asyncio.wait({pull})


async def gathered(iterator, stop):
    pull = asyncio.ensure_future(anext(iterator))
    pull.cancel()
    await asyncio.gather(pull, stop, return_exceptions=True)


async def never_cancelled(iterator):
    pull = asyncio.create_task(anext(iterator))
    return await pull


async def handed_on(iterator, tasks):
    pull = asyncio.create_task(anext(iterator))
    tasks.append(pull)
    pull.cancel()


async def returned(iterator):
    pull = asyncio.create_task(anext(iterator))
    pull.cancel()
    return pull


async def no_pull(work):
    task = asyncio.create_task(work())
    task.cancel()


# ---------------------------------------------------------------- violations

async def left(iterator, stop):
    pull = asyncio.ensure_future(anext(iterator))  # error: FP506
    done, _ = await asyncio.wait({pull, stop}, return_when=asyncio.FIRST_COMPLETED)
    if pull in done:
        return pull.result()
    pull.cancel()


async def closed_at_once(iterator):
    pull = asyncio.create_task(iterator.__anext__())  # error: FP506
    await asyncio.sleep(1)
    pull.cancel()
    await iterator.aclose()
