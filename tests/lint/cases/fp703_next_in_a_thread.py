"""`next` handed to a thread."""

import asyncio
import itertools
from asyncio import to_thread
from functools import partial

import anyio
from anyio import to_thread as threads
from starlette.concurrency import run_in_threadpool

END = object()


# ---------------------------------------------------------------- silence

async def with_a_default(iterator):
    while (item := await asyncio.to_thread(next, iterator, None)) is not None:
        yield item


async def with_a_default_in_a_lambda(loop, iterator):
    return await loop.run_in_executor(None, lambda: next(iterator, END))


async def with_a_default_in_a_partial(iterator):
    return await run_in_threadpool(partial(next, iterator, END))


async def another_function(iterator, next_page):
    await asyncio.to_thread(next_page, iterator)
    return await asyncio.to_thread(iterator.next, 1)


async def shadowed(iterator, next):
    return await asyncio.to_thread(next, iterator)


async def endless():
    numbers = itertools.count()
    return await asyncio.to_thread(next, numbers)


async def counted(generate, limit):
    tokens = await run_in_threadpool(generate)
    for _ in range(limit):
        yield await run_in_threadpool(next, tokens)


async def prepared(iterator):
    try:
        return await asyncio.to_thread(next, iterator)
    except RuntimeError:
        return None


async def prepared_for_both(iterator):
    try:
        return await asyncio.to_thread(next, iterator)
    except (StopIteration, RuntimeError):
        return None


async def hidden(arguments):
    return await asyncio.to_thread(*arguments)


async def own_to_thread(to_thread, iterator):
    return await to_thread(next, iterator)


async def in_the_loop(iterator):
    return next(iterator)


async def own_loop(iterator):
    return await asyncio.to_thread(lambda: [next(iterator)])


# ---------------------------------------------------------------- violations

async def plainly(iterator):
    return await asyncio.to_thread(next, iterator)  # error: FP703


async def by_name(iterator):
    return await to_thread(next, iterator)  # error: FP703


async def in_an_executor(loop, iterator):
    return await loop.run_in_executor(None, next, iterator)  # error: FP703


async def in_the_running_loop(pool, iterator):
    return await asyncio.get_running_loop().run_in_executor(pool, next, iterator)  # error: FP703


async def of_starlette(iterator):
    return await run_in_threadpool(next, iterator)  # error: FP703


async def of_anyio(iterator):
    return await anyio.to_thread.run_sync(next, iterator)  # error: FP703


async def of_anyio_by_name(iterator):
    return await threads.run_sync(next, iterator, abandon_on_cancel=True)  # error: FP703


async def as_a_method(iterator):
    return await asyncio.to_thread(iterator.__next__)  # error: FP703


async def as_a_lambda(iterator):
    return await asyncio.to_thread(lambda: next(iterator))  # error: FP703


async def as_a_partial(iterator):
    return await asyncio.to_thread(partial(next, iterator))  # error: FP703


async def half_a_partial(iterator):
    return await asyncio.to_thread(partial(next), iterator)  # error: FP703


async def in_a_loop(iterator):
    while True:
        try:
            item = await asyncio.to_thread(next, iterator)  # error: FP703
        except StopIteration:
            break
        yield item


async def in_a_loop_with_more(pool, iterator):
    if pool:
        while pool.is_open:
            try:
                item = await run_in_threadpool(next, iterator)  # error: FP703
                yield item
            except StopIteration:
                return


async def with_other_handlers(iterator):
    while True:
        try:
            item = await asyncio.to_thread(next, iterator)  # error: FP703
        except StopIteration:
            print("the end")
            break
        yield item


async def counted_and_expected(iterator, limit):
    for _ in range(limit):
        try:
            item = await asyncio.to_thread(next, iterator)  # error: FP703
        except StopIteration:
            return
        yield item


async def of_each(iterators):
    for iterator in iterators:
        yield await asyncio.to_thread(next, iterator)  # error: FP703
