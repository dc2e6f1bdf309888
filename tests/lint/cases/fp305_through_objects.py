# options: select = ["FP305"]
"""Cancel scopes that an object enters by hand when it is entered, and those that it leaves again."""

from contextlib import AsyncExitStack

import anyio


class Group:
    def __init__(self):
        self._tasks = anyio.create_task_group()

    async def __aenter__(self):
        await self._tasks.__aenter__()
        return self

    async def __aexit__(self, *error):
        return await self._tasks.__aexit__(*error)


class Below(Group):
    pass


class Stacked:
    async def __aenter__(self):
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(anyio.create_task_group())
            self._stack = stack.pop_all()
        return self

    async def __aexit__(self, *error):
        return await self._stack.__aexit__(*error)


class Left:
    async def __aenter__(self):
        scope = anyio.CancelScope()
        scope.__enter__()
        await self.connect()
        scope.__exit__(None, None, None)
        return self

    async def __aexit__(self, *error):
        await self.close()


class LeftByItself:
    async def __aenter__(self):
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(anyio.create_task_group())
        return self

    async def __aexit__(self, *error):
        await self.close()


class Sometimes:
    async def __aenter__(self):
        if self.is_open:
            return self
        self._tasks = anyio.create_task_group()
        await self._tasks.__aenter__()
        return self

    async def __aexit__(self, *error):
        await self.close()


async def of_group(queue):
    async with Group():
        yield await queue.get()  # error: FP305


async def of_below(queue):
    async with Below() as group:
        yield await group.get(queue)  # error: FP305


async def of_stacked(queue):
    async with Stacked():
        yield await queue.get()  # error: FP305


async def of_left(queue):
    async with Left():
        yield await queue.get()


async def of_left_by_itself(queue):
    async with LeftByItself():
        yield await queue.get()


async def of_sometimes(queue):
    async with Sometimes():
        yield await queue.get()


async def before(queue):
    async with Group():
        item = await queue.get()
    yield item
