"""Many calls of one function at once, their results in order or as they are ready."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

from funcpipe_streams.result import Err, Ok
from funcpipe_streams.running.description import AsyncGen, open_stream
from funcpipe_streams.running.feeding import Tasks, cancelled_from_within
from funcpipe_streams.running.fuse import not_a_result
from funcpipe_streams.running.release import close

__all__ = ["Workers"]


class _Cell:
    """A place in the order of results: None until there is one; an exception is to be raised."""

    __slots__ = ("item", "value")

    def __init__(self, value: Any, item: Any = None) -> None:
        self.value = value
        self.item = item


class Workers(Tasks):
    """One task that pulls the source, and up to `concurrency` that work on what it pulled."""

    def __init__(
        self,
        gen: AsyncGen[Any],
        fn: Callable[[Any], Awaitable[Any]],
        concurrency: int,
        ordered: bool,
    ) -> None:
        super().__init__()
        self._gen = gen
        self._fn = fn
        self._concurrency = concurrency
        # As many again as run: a call that ends finds the next job at once, without a task switch,
        # and a slow one at the head does not leave the others idle.
        self._places = self._free = 2 * concurrency
        self._ordered = ordered
        self._jobs: deque[_Cell] = deque()
        self._idle: list[asyncio.Future[None]] = []
        self._slot: asyncio.Future[None] | None = None
        self._source_ended = False
        self.window: deque[_Cell] = deque()

    async def __aenter__(self) -> Workers:
        self._start(self._pull)
        return self

    @property
    def ended(self) -> bool:
        """Whether no result will come any more."""
        finished = self._source_ended and self._free == self._places
        return finished or self._failure is not None

    def one_taken(self) -> None:
        """Free the place of a result that was taken from `window`."""
        self._free += 1
        if self._slot is not None and not self._slot.done():
            self._slot.set_result(None)

    async def _pull(self) -> None:
        try:
            stream = open_stream(self._gen)
            try:
                async for item in stream:
                    if self._closing:
                        break  # the source has swallowed its cancellation
                    if type(item) is not Ok and type(item) is not Err:
                        raise not_a_result(item)
                    if not self._free:
                        await self._place()
                    self._free -= 1
                    if type(item) is Ok:
                        self._hand_out(_Cell(item.value))
                    else:
                        self.window.append(_Cell(None, item))
                        self._wake()
            finally:
                await close(stream)
        except asyncio.CancelledError as error:
            if self._closing:
                raise
            await self._end_with(cancelled_from_within(error))
        except BaseException as error:
            if self._closing or isinstance(error, KeyboardInterrupt | SystemExit):
                raise
            await self._end_with(error)
        finally:
            self._source_ended = True

    async def _place(self) -> None:
        """Wait for a free place in the window."""
        while not self._free:
            self._slot = self._loop.create_future()
            await self._slot

    async def _end_with(self, error: BaseException) -> None:
        """Have an error of the source raised after the results of all that it gave before."""
        for _ in range(self._places):
            await self._place()
            self._free -= 1
        self.window.append(_Cell(None, error))

    def _hand_out(self, cell: _Cell) -> None:
        if self._ordered:
            self.window.append(cell)
        self._jobs.append(cell)
        if self._idle:
            idle = self._idle.pop()
            if not idle.done():  # else it is being closed
                idle.set_result(None)
        elif self._live <= self._concurrency:  # the puller is one; an eager one is in no list yet
            self._start(self._work)

    async def _work(self) -> None:
        fn, jobs, window, idle = self._fn, self._jobs, self.window, self._idle
        while True:
            while jobs:
                cell = jobs.popleft()
                try:
                    item = await fn(cell.value)
                    if type(item) is not Ok and type(item) is not Err:
                        raise not_a_result(item)
                    cell.item = item
                except asyncio.CancelledError as error:
                    if self._closing:
                        raise
                    cell.item = cancelled_from_within(error)
                except BaseException as error:
                    if isinstance(error, KeyboardInterrupt | SystemExit):
                        raise
                    cell.item = error
                if not self._ordered:
                    window.append(cell)
                if self._awaited is not None and cell is window[0]:
                    self._wake()
                if self._closing:
                    return  # the call has swallowed its cancellation
                del cell  # it may hold an exception, whose traceback holds this frame: a cycle
            idle.append(job := self._loop.create_future())
            await job
