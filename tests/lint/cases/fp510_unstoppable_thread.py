"""Threads that fill streams."""

import asyncio
import threading


# ---------------------------------------------------------------- silence

async def asks_an_event(model):
    loop, queue, stop = asyncio.get_running_loop(), asyncio.Queue(), threading.Event()

    def work():
        for token in model.tokens():
            if stop.is_set():
                break
            loop.call_soon_threadsafe(queue.put_nowait, token)

    threading.Thread(target=work).start()
    try:
        while True:
            yield await queue.get()
    finally:
        stop.set()


async def waits_for_each_step(cursor):
    def work():
        return cursor.fetch()

    while row := await asyncio.to_thread(work):
        yield row


async def one_thing(model):
    loop, queue = asyncio.get_running_loop(), asyncio.Queue()

    def work():
        loop.call_soon_threadsafe(queue.put_nowait, model.answer())

    threading.Thread(target=work).start()
    yield await queue.get()


async def of_another_place(worker):
    threading.Thread(target=worker.run).start()
    while True:
        yield await worker.queue.get()


async def while_it_is_wanted(model):
    loop, queue, wanted = asyncio.get_running_loop(), asyncio.Queue(), [True]

    def work():
        while wanted:
            loop.call_soon_threadsafe(queue.put_nowait, model.token())

    threading.Thread(target=work).start()
    try:
        while True:
            yield await queue.get()
    finally:
        wanted.clear()


# ---------------------------------------------------------------- violations

async def to_the_end(model):
    loop, queue = asyncio.get_running_loop(), asyncio.Queue()

    def work():
        for token in model.tokens():
            loop.call_soon_threadsafe(queue.put_nowait, token)
        loop.call_soon_threadsafe(queue.put_nowait, None)

    thread = threading.Thread(target=work, daemon=True)  # error: FP510
    thread.start()
    while (token := await queue.get()) is not None:
        yield token


async def in_a_task(model):
    loop, queue = asyncio.get_running_loop(), asyncio.Queue()

    def work():
        for token in model.tokens():
            asyncio.run_coroutine_threadsafe(queue.put(token), loop).result()

    task = asyncio.create_task(asyncio.to_thread(work))  # error: FP510
    while not task.done():
        yield await queue.get()
    await task
