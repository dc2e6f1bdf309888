# options: select = ["FP307"]
"""Locks held while the consumer runs."""

import asyncio
import threading
from contextlib import asynccontextmanager

import anyio


# ---------------------------------------------------------------- silence

class Quiet:
    async def a_copy_taken_under_the_lock(self):
        async with self._lock:
            items = list(self.items)
        for item in items:
            yield item

    async def only_the_count(self):
        async with self._lock:
            self.count += 1
        yield self.count

    @asynccontextmanager
    async def a_manager(self):
        async with self._lock:
            yield

    async def words_that_only_end_like_it(self):
        async with self.clock:
            yield 1
        async with self.block:
            yield 2
        with self.unlock:
            yield 3
        with self.deadlock:
            yield 4

    async def a_call_is_not_a_lock(self):
        async with self.redis.lock("name"):
            yield 1
        async with self.open_lock_file():
            yield 2

    async def in_an_inner_function(self):
        async with self._lock:
            async def later():
                yield 1

            self.later = later
        yield 2

    async def dead(self):
        async with self._lock:
            return
            yield

    def a_plain_method(self):
        with self._lock:
            return 1


# ---------------------------------------------------------------- violations

class Loud:
    async def attribute(self):
        async with self._lock:
            yield self.item  # error: FP307

    async def camel(self):
        async with self.readLock:
            yield self.item  # error: FP307

    async def deeper(self, request):
        async with self.context.lock:
            response = yield request  # error: FP307
            self.seen.append(response)

    async def semaphore(self):
        async with self.semaphore:
            async for item in self.source:
                yield item  # error: FP307

    async def sync_lock(self):
        with self.mutex:
            yield 1  # error: FP307

    async def condition(self):
        async with self._not_empty_condition as _:
            yield 1  # error: FP307


LOCK = threading.Lock()


async def a_module_lock(source):
    with LOCK:
        yield 1  # error: FP307


async def a_name(source, limiter):
    async with limiter:
        async for item in source:
            yield item  # error: FP307


async def one_of_several(source, write_lock):
    async with source as items, write_lock:
        yield items  # error: FP307


async def both_at_once(source, lock):
    async with lock:
        if source:
            yield 1  # error: FP307
        else:
            with source:
                yield 2  # the same lock: one cause, one finding
