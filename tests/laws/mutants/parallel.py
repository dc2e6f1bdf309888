"""Wrong ways to map in parallel and to run ahead."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing, suppress
from typing import Any

from tests.laws.mutants.model import (
    Calls,
    Err,
    Gen,
    Item,
    Items,
    buffer,
    cancel_and_wait,
    mutant,
    par_map_by,
)

Fn = Callable[[Any], Awaitable[Item]]


class HoldsResultsBack(Calls):
    """Nothing goes out before as many calls run as may, or the source has ended."""

    async def items(self) -> Items:
        try:
            async with aclosing(self.gen()) as items:
                async for item in items:
                    self.tasks.append(asyncio.ensure_future(self.one(item)))
                    if len(self.tasks) == self.free._value:
                        yield await self.tasks[0]
                        self.tasks.pop(0)
            async with aclosing(self.rest()) as results:
                async for result in results:
                    yield result
        finally:
            await cancel_and_wait(self.tasks)

    async def rest(self) -> Items:
        """What is still under way when the source has ended."""
        while self.tasks:
            yield await self.tasks[0]
            self.tasks.pop(0)


class EndsBeforeItsResults(HoldsResultsBack):
    """It ends once the source has ended and no call runs, though results wait."""

    async def rest(self) -> Items:
        while not all(task.done() for task in self.tasks):
            yield await self.tasks[0]
            self.tasks.pop(0)


class LosesTheLastFailure(HoldsResultsBack):
    """A call that raises after the source has ended is taken for the end."""

    async def rest(self) -> Items:
        while self.tasks:
            await asyncio.wait(self.tasks[:1])
            if self.tasks[0].exception() is not None:
                return
            yield self.tasks.pop(0).result()


class FailuresKeepTheirPlace(Calls):
    """A call that gave a failed item takes its place with it."""

    async def one(self, item: Item) -> Item:
        result = await super().one(item)
        if isinstance(result, Err):
            await self.free.acquire()
        return result


class NeverMoreThan(Calls):
    """The number of calls has a bound of its own, as thread pools have."""

    def __init__(self, gen: Gen, fn: Fn, concurrency: int) -> None:
        super().__init__(gen, fn, min(concurrency, 32))


def takes_zero(gen: Gen, fn: Fn, concurrency: int) -> Gen:
    return lambda: Calls(gen, fn, max(concurrency, 0)).items()


def changed(change: Callable[[Items], Items]) -> Callable[[Gen, int], Gen]:
    """A buffer of a stream that is not quite the one that was given."""
    return lambda gen, size: buffer(lambda: change(gen()), size)


async def every_second(items: Items) -> Items:
    keep = True
    async with aclosing(items):
        async for item in items:
            if keep:
                yield item
            keep = not keep


async def first_32(items: Items) -> Items:
    count = 0
    async with aclosing(items):
        async for item in items:
            count += 1
            if count <= 32:
                yield item


async def quiet(items: Items) -> Items:
    async with aclosing(items):
        with suppress(Exception):
            async for item in items:
                yield item


def closes_behind_its_back(gen: Gen, size: int) -> Gen:
    """Closing cancels the task, and does not wait; that one tells its end to a full queue."""

    async def stream() -> Items:
        queue: asyncio.Queue[Any] = asyncio.Queue(size)

        async def read() -> None:
            try:
                async with aclosing(gen()) as items:
                    async for item in items:
                        await queue.put(item)
            finally:
                await queue.put(None)

        task = asyncio.ensure_future(read())
        try:
            while (item := await queue.get()) is not None:
                yield item
            await task
        finally:
            task.cancel()

    return stream


MUTANTS = (
    mutant("parallel map holds results back", "Z7", par_map=par_map_by(HoldsResultsBack)),
    mutant("parallel map ends before its results", "A1", par_map=par_map_by(EndsBeforeItsResults)),
    mutant(
        "parallel map loses a failure at the end",
        *("E9", "E5"),
        par_map=par_map_by(LosesTheLastFailure),
    ),
    mutant(
        "parallel map's failures keep their place",
        "G12",
        par_map=par_map_by(FailuresKeepTheirPlace),
    ),
    mutant("parallel map has a bound of its own", "G13", par_map=par_map_by(NeverMoreThan)),
    mutant("parallel map takes a limit of 0 and waits", "B8", par_map=takes_zero),
    mutant("buffer drops every second item", "A1", buffer=changed(every_second)),
    mutant("buffer loses what is beyond the 32nd item", "A1", buffer=changed(first_32)),
    mutant("buffer swallows an exception of its source", "E4", buffer=changed(quiet)),
    mutant("buffer does not wait for its task to end", "S14", "C2", buffer=closes_behind_its_back),
)
