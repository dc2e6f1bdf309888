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


# ---------------------------------------------------------------- never cancelled

async def ended_by_a_finally(source):
    pull = asyncio.ensure_future(anext(source))
    try:
        while True:
            done, _ = await asyncio.wait({pull}, timeout=5)
            if done:
                yield pull.result()
                pull = asyncio.ensure_future(anext(source))
    finally:
        pull.cancel()
        await asyncio.wait({pull})


async def in_a_group(source):
    async with asyncio.TaskGroup() as group:
        pull = group.create_task(anext(source))
        await asyncio.wait({pull}, timeout=5)
        print(pull)
    yield 1


async def awaited_whole(source):
    pull = asyncio.create_task(anext(source))
    await asyncio.wait({pull})
    yield pull.result()


async def handed_on(source, keep):
    pull = asyncio.create_task(anext(source))
    keep(pull)
    await asyncio.wait({pull}, timeout=5)
    yield 1


async def no_stream(source):
    pull = asyncio.create_task(anext(source))
    await asyncio.wait({pull}, timeout=5)
    return pull.done()


async def or_stopped(source, stop):
    items = aiter(source)
    while True:
        pull = asyncio.create_task(anext(items))  # error: FP506
        await asyncio.wait({pull, stop}, return_when=asyncio.FIRST_COMPLETED)
        if not pull.done():
            return
        yield pull.result()


async def in_turns(source):
    pull = asyncio.ensure_future(source.__anext__())  # error: FP506
    while True:
        done, _ = await asyncio.wait([pull], timeout=5)
        if not done:
            yield None
            continue
        yield pull.result()
        pull = asyncio.ensure_future(source.__anext__())  # error: FP506
