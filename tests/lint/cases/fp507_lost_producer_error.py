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


async def a_heartbeat(queue, interval):
    async def ping():
        while True:
            await asyncio.sleep(interval)
            await queue.put("ping")

    beats = asyncio.create_task(ping())
    try:
        while (item := await queue.get()) is not None:
            yield item
    finally:
        beats.cancel()


async def a_watcher(queue, request):
    watching = asyncio.create_task(request.seen(1))
    try:
        while (item := await queue.get()) is not None:
            yield item
    finally:
        watching.cancel()


async def reads_what_another_makes_of_it(queue, merged, run):
    task = asyncio.create_task(run(queue))
    try:
        async for item in merged(queue):
            yield item
    finally:
        task.cancel()


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


async def that_polls(queue, poll):
    async def produce():
        while True:
            for row in await poll():
                await queue.put(row)
            await asyncio.sleep(1)

    producer = asyncio.create_task(produce())  # error: FP507
    try:
        while (item := await queue.get()) is not None:
            yield item
    finally:
        producer.cancel()


async def through_a_loop(channel, fill):
    filling = asyncio.ensure_future(fill(channel))  # error: FP507
    try:
        async for item in channel:
            yield item
    finally:
        filling.cancel()
