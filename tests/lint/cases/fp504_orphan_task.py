# options: select = ["FP504"]
"""Tasks that a closed stream leaves running."""

import asyncio
import asyncio as aio
from asyncio import create_task, ensure_future as spawn
from contextlib import asynccontextmanager, suppress

import anyio


# ---------------------------------------------------------------- silence

async def cancelled_in_finally(queue, fill):
    task = asyncio.create_task(fill(queue))
    try:
        while item := await queue.get():
            yield item
    finally:
        task.cancel()


async def named_in_any_finally(queue, fill, stop):
    task = asyncio.create_task(fill(queue))
    yield 1
    try:
        yield 2
    finally:
        stop(task)


async def the_finally_awaits(queue, fill):
    asyncio.create_task(fill(queue))
    try:
        yield 1
    finally:
        await queue.join()


async def a_broad_handler_cancels(queue, fill):
    tasks = [asyncio.create_task(fill(queue))]
    try:
        yield 1
    except BaseException:
        for task in tasks:
            task.cancel()
        raise


async def awaited_before_the_yield(fetch):
    task = asyncio.ensure_future(fetch())
    item = await task
    yield item


async def awaited_together(fetch):
    first = asyncio.create_task(fetch(1))
    second = asyncio.create_task(fetch(2))
    one, two = await asyncio.gather(first, second)
    yield one
    yield two


async def awaited_in_the_call(fetch):
    yield await asyncio.create_task(fetch())
    yield await asyncio.wait_for(asyncio.create_task(fetch()), 1)


async def with_a_done_callback(fetch, running):
    task = asyncio.create_task(fetch())
    running.add(task)
    task.add_done_callback(running.discard)
    yield 1


async def in_a_group(group, fetch):
    task = group.create_task(fetch())
    yield task


async def in_a_task_group(fetch):
    async with asyncio.TaskGroup() as tg:
        task = tg.create_task(fetch())
    yield task.result()


async def after_the_last_yield(fetch):
    yield 1
    asyncio.create_task(fetch())


async def not_a_stream(fetch):
    asyncio.create_task(fetch())


async def a_stub(fetch):
    asyncio.create_task(fetch())
    return
    yield


@asynccontextmanager
async def a_manager(fetch):
    asyncio.create_task(fetch())
    yield


async def spawned_by_an_inner_function(fetch, on_event):
    def handle(event):
        asyncio.create_task(fetch(event))

    on_event(handle)
    yield 1


async def kept_by_an_object(self, fetch):
    self.task = asyncio.create_task(fetch())
    yield 1


async def handed_to_the_consumer(fetch):
    yield asyncio.create_task(fetch())


async def handed_over_by_name(fetch):
    task = asyncio.create_task(fetch())
    yield task


async def raced_and_nothing_known_of_it(fetch, stop):
    first = asyncio.create_task(fetch())
    while not stop.is_set():
        await asyncio.wait([first, asyncio.create_task(stop.wait())], return_when="FIRST_COMPLETED")
        yield first.done()


async def raced_by_name(fetch, stop):
    first = asyncio.create_task(fetch())
    stopped = asyncio.create_task(stop.wait())
    done, _ = await asyncio.wait({first, stopped}, return_when="FIRST_COMPLETED")
    yield len(done)


async def the_losers_are_cancelled(fetches):
    tasks = [asyncio.create_task(fetch()) for fetch in fetches]
    done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in pending:
        task.cancel()
    yield done.pop().result()


async def cancelled_before_the_yield(fetch, ring):
    timer = asyncio.create_task(ring())
    item = await fetch()
    timer.cancel()
    yield item


async def cancelled_in_a_loop_that_ends_before(fetch, ring):
    while True:
        timer = asyncio.create_task(ring())
        for item in await fetch():
            if item:
                timer.cancel()
                break
        yield 1


async def each_is_awaited_before(fetches):
    tasks = [asyncio.create_task(fetch()) for fetch in fetches]
    items = []
    for task in tasks:
        items.append(await task)
    yield items


async def each_is_awaited_in_a_comprehension(fetches):
    tasks = [asyncio.create_task(fetch()) for fetch in fetches]
    items = [await task for task in tasks]
    yield items


async def each_is_awaited_as_it_ends(fetches):
    tasks = [asyncio.create_task(fetch()) for fetch in fetches]
    items = []
    for first in asyncio.as_completed(tasks):
        items.append(await first)
    yield items


async def emptied_before_the_yield(fetches):
    tasks = [asyncio.create_task(fetch()) for fetch in fetches]
    items = []
    while tasks:
        items.append(await tasks.pop())
    yield items


async def awaited_by_its_key(fetch):
    tasks = {"first": asyncio.create_task(fetch())}
    await tasks["first"]
    yield 1


async def awaited_in_the_next_turn(fetch):
    task = asyncio.create_task(fetch())
    while True:
        item = await task
        yield item
        task = asyncio.create_task(fetch())


async def shielded_where_the_stream_ends(source, report):
    task = None
    async for item in source:
        if item.is_last:
            task = asyncio.create_task(report(item))  # goes on whoever leaves: it is shielded
        yield item
    if task is not None:
        await asyncio.shield(task)


async def dropped_before_the_last_items(fetch, report):
    item = await fetch()
    asyncio.create_task(report(item))  # goes on past the end of the stream as well
    print(item)
    yield item
    yield item.sum


async def dropped_where_the_loop_ends(fetch, report):
    while True:
        item = await fetch()
        if item.is_last:
            asyncio.create_task(report(item))
            if item.failed:
                yield item.error
                break
            yield item
            break
        yield item


# ---------------------------------------------------------------- violations

async def one_of_many_is_awaited(sources, fetch, deque):
    window = deque()
    for source in sources:
        window.append(asyncio.create_task(fetch(source)))  # error: FP504
        if len(window) > 3:
            yield await window.popleft()
    while window:
        yield await window.popleft()


async def awaited_only_where_the_stream_ends(queue, fill):
    task = asyncio.create_task(fill(queue))  # error: FP504
    while True:
        item = await queue.get()
        if item is None:
            await task
            break
        yield item


async def cancelled_only_where_the_stream_ends(queue, fill):
    task = asyncio.create_task(fill(queue))  # error: FP504
    while True:
        if not queue:
            task.cancel()
            return
        yield await queue.get()


async def cancelled_only_where_it_is_too_late(queue, fill, late):
    task = asyncio.create_task(fill(queue))  # error: FP504
    while True:
        if late():
            for each in (task, queue):
                each.cancel()
            raise TimeoutError
        yield await queue.get()


async def cancelled_where_the_failure_is_caught(queue, fill, late):
    task = asyncio.create_task(fill(queue))
    while True:
        try:
            if late():
                task.cancel()
                raise TimeoutError
        except TimeoutError:
            print("late")
        yield 1


async def started_before_the_item_goes_on(fetch):
    task = asyncio.create_task(fetch())
    while True:
        item = await task
        task = asyncio.create_task(fetch())  # error: FP504
        yield item


async def cancelled_a_turn_later(fetch):
    task = None
    while True:
        if task is not None:
            task.cancel()
        task = asyncio.create_task(fetch())  # error: FP504
        yield 1


async def awaited_below_the_loop(sources, fetch):
    for source in sources:
        yield source
        task = asyncio.create_task(fetch(source))  # error: FP504
    await task


async def asked_whether_it_was_cancelled(fetch):
    task = asyncio.create_task(fetch())  # error: FP504
    print(task.cancelled())
    yield 1


async def a_set_of_which_the_first_ended(fetches):
    pending = {asyncio.create_task(fetch()) for fetch in fetches}  # error: FP504
    while pending:
        done, pending = await asyncio.wait(pending, return_when="FIRST_COMPLETED")
        for task in done:
            yield task.result()


async def several_of_which_the_first_ended(fetches):
    done, pending = await asyncio.wait(
        [asyncio.create_task(fetch()) for fetch in fetches],  # error: FP504
        return_when="FIRST_COMPLETED",
    )
    yield len(done)
    print(pending)



async def never_ended(queue, fill):
    task = asyncio.create_task(fill(queue))  # error: FP504
    while item := await queue.get():
        yield item
    await task


async def dropped(socket, pump):
    asyncio.create_task(pump(socket))  # error: FP504
    yield await socket.recv()


async def broken_out_of_only_the_inner_loop(fetch, report, tries):
    while True:
        for _ in tries:
            asyncio.create_task(report())  # error: FP504
            break
        yield await fetch()


async def dropped_before_more_is_awaited(fetch, report):
    item = await fetch()
    asyncio.create_task(report(item))  # error: FP504
    yield item
    yield await fetch()


async def dropped_in_a_loop_that_goes_on(fetch, report):
    while True:
        item = await fetch()
        asyncio.create_task(report(item))  # error: FP504
        yield item


async def dropped_before_a_loop(fetch, report):
    items = await fetch()
    asyncio.create_task(report(items))  # error: FP504
    for item in items:
        yield item


async def dropped_where_a_loop_may_end(fetch, report):
    while True:
        item = await fetch()
        if item.is_last:
            asyncio.create_task(report(item))  # error: FP504
            yield item
        else:
            break


async def kept_and_never_looked_at(fetch, report):
    item = await fetch()
    task = asyncio.create_task(report(item))  # error: FP504
    yield item
    print(task)


async def dropped_inside_what_waits(lock, fetch, report):
    async with lock:
        asyncio.create_task(report())  # error: FP504
        yield 1


async def another_is_shielded(fetch):
    task = asyncio.create_task(fetch(1))  # error: FP504
    other = asyncio.create_task(fetch(2))
    yield 1
    await asyncio.shield(other)
    await task


async def under_an_alias(socket, pump):
    aio.create_task(pump(socket))  # error: FP504
    yield await socket.recv()


async def imported_by_name(socket, pump):
    create_task(pump(socket))  # error: FP504
    spawn(pump(socket))  # error: FP504
    yield await socket.recv()


async def of_the_running_loop(socket, pump):
    asyncio.get_running_loop().create_task(pump(socket))  # error: FP504
    yield await socket.recv()


async def of_a_loop_by_name(socket, pump):
    loop = asyncio.get_event_loop()
    loop.create_task(pump(socket))  # error: FP504
    yield await socket.recv()


async def many(sources, fetch):
    tasks = {asyncio.create_task(fetch(source)) for source in sources}  # error: FP504
    for task in asyncio.as_completed(tasks):
        yield await task


async def in_a_loop_that_yields(sources, fetch):
    async for source in sources:
        yield source
        asyncio.create_task(fetch(source))  # error: FP504


async def only_one_exception_cancels(queue, fill):
    task = asyncio.create_task(fill(queue))  # error: FP504
    try:
        yield await queue.get()
    except ValueError:
        task.cancel()


async def finally_closes_something_else(queue, fill, log):
    task = asyncio.create_task(fill(queue))  # error: FP504
    try:
        yield await queue.get()
    finally:
        log.close()
    await task


async def awaited_too_late(queue, fill):
    task = asyncio.create_task(fill(queue))  # error: FP504
    yield 1
    await task
    yield 2


RUNNING = set()
latest = None


async def kept_by_the_module(fetch):
    RUNNING.add(asyncio.create_task(fetch()))
    yield 1


async def kept_by_a_global_name(fetch):
    global latest
    latest = asyncio.create_task(fetch())
    yield 1


async def kept_by_the_caller(fetch, tasks, named):
    tasks.append(asyncio.create_task(fetch()))
    named["fetch"] = asyncio.create_task(fetch())
    yield 1


async def cancelled_by_a_stack(fetch, AsyncExitStack):
    async with AsyncExitStack() as stack:
        task = asyncio.create_task(fetch())
        stack.callback(task.cancel)
        yield 1


async def kept_by_nobody_else(fetch):
    tasks = []
    tasks.append(asyncio.create_task(fetch()))  # error: FP504
    yield len(tasks)


async def let_go_before_what_may_fail(fetch, error):
    asyncio.create_task(fetch())  # error: FP504
    yield 1
    raise error


async def let_go_in_each_turn(fetch, more):
    for each in more:
        asyncio.create_task(fetch())  # error: FP504
        yield each
        continue
