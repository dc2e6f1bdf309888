"""Producers of streams, and their exceptions."""

import asyncio


# ---------------------------------------------------------------- silence

async def awaited(queue, fill):
    producer = asyncio.create_task(fill(queue))
    try:
        while (item := await queue.get()) is not None:
            yield item
        await producer
    finally:
        producer.cancel()


async def asked(queue, fill):
    producer = asyncio.create_task(fill(queue))
    try:
        yield await queue.get()
        print(producer.exception())
    finally:
        producer.cancel()


async def gathered(queue, fill):
    producer = asyncio.create_task(fill(queue))
    try:
        yield await queue.get()
    finally:
        producer.cancel()
        await asyncio.gather(producer, return_exceptions=True)


async def called_back(queue, fill, log):
    producer = asyncio.create_task(fill(queue))
    producer.add_done_callback(log)
    try:
        yield await queue.get()
    finally:
        producer.cancel()


async def a_coroutine(queue, fill):
    producer = asyncio.create_task(fill(queue))
    await queue.get()
    producer.cancel()


async def that_hands_its_errors_on(queue, fill):
    async def produce():
        try:
            await fill(queue)
        except Exception as error:
            await queue.put(error)
        finally:
            await queue.put(None)

    producer = asyncio.create_task(produce())
    try:
        while (item := await queue.get()) is not None:
            yield item
    finally:
        producer.cancel()


# ---------------------------------------------------------------- violations

async def cancelled_alone(queue, fill):
    producer = asyncio.create_task(fill(queue))  # error: FP507
    try:
        while (item := await queue.get()) is not None:
            yield item
    finally:
        producer.cancel()


async def that_hands_one_error_on(queue, fill):
    async def produce():
        try:
            await fill(queue)
        except OSError as error:
            await queue.put(error)

    producer = asyncio.create_task(produce())  # error: FP507
    try:
        while (item := await queue.get()) is not None:
            yield item
    finally:
        producer.cancel()
