# options: select = ["FP307"]
"""Locks that are held through a context manager of the program."""

from contextlib import asynccontextmanager, contextmanager


class Store:
    @asynccontextmanager
    async def counted(self):
        async with self._lock:
            self.count += 1
        yield self.count

    @asynccontextmanager
    async def either(self, is_shared):
        if is_shared:
            yield self
            return
        async with self._lock:
            yield self

    @asynccontextmanager
    async def guarded(self):
        async with self._lock:
            yield self

    @contextmanager
    def guarded_twice(self):
        with self.guarded():
            yield self

    async def items_after(self):
        async with self.guarded():
            items = list(self.items)
        for item in items:
            yield item

    async def items_counted(self):
        async with self.counted() as count:
            yield count

    async def items_of_either(self):
        async with self.either(True):
            yield 1

    async def items_read(self):
        async with self.guarded():
            async for item in self.file:
                yield item  # error: FP307

    async def items_given(self, other):
        async with other.guarded():
            yield 1

    async def items_held(self):
        async with self.guarded():
            for item in self.items:
                yield item  # error: FP307

    async def items_held_twice(self):
        with self.guarded_twice():
            yield 1  # error: FP307


async def of_another(store: Store):
    async with store.guarded():
        yield 1  # error: FP307
