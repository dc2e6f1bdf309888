"""Streams that run several things at once; the only module that starts tasks.

Every source is pulled and closed by one task, so that what it binds to its task (context variables,
timeouts, task groups) holds. The tasks are started at the first pull and have ended when the stream
has: at its end, at `aclose()`, at an exception, at a cancellation.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Iterator
from typing import Any, TypeVar

from funcpipe_streams.description import AsyncGen, Generated, open_stream
from funcpipe_streams.fuse import not_a_result
from funcpipe_streams.release import close
from funcpipe_streams.result import Err, ErrInfo, Ok, Result

__all__ = ["Pumps", "async_gen_buffer", "async_gen_gather", "async_gen_par_map", "at_least_one"]

T = TypeVar("T")
U = TypeVar("U")


def at_least_one(name: str, value: Any) -> int:
    """The value, checked: `ValueError` or `TypeError` that names the parameter otherwise."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{name} must be a whole number, not {value!r}")
    if value < 1:
        raise ValueError(f"{name} must be at least 1, not {value}")
    return int(value)


def async_gen_gather(gens: Iterable[AsyncGen[T]], *, max_buffer: int = 16) -> AsyncGen[T]:
    """Run all streams at once, and yield their items in order of arrival.

    Parameters: `gens` are the sources, each in a task of its own; a list is copied, another
    iterable is iterated anew for every run. At most `max_buffer` items wait for the consumer, and
    one more in the hands of each source: a stopped consumer stops all sources.

    The order within a source is kept. Sources that are always ready take turns, first come first
    served, of at most a quarter of the buffer; a source that hangs holds nobody up. The stream ends
    when all sources have ended.

    An exception of one source closes the others; the items that had arrived before are delivered,
    then it surfaces. A source that is cancelled from within surfaces as `RuntimeError`: the
    consumer was not cancelled. When closing, all sources are closed, and all releases run; what one
    of them raises surfaces, several as a `BaseExceptionGroup`.

    Raises `ValueError` if `max_buffer` is below 1, `TypeError` for an iterator of sources, which
    could be run only once. O(sources + max_buffer) memory, O(1) time for each item.
    """
    at_least_one("max_buffer", max_buffer)
    if isinstance(gens, Iterator):
        raise TypeError(
            f"{gens!r} can be iterated only once, and a description runs again and again: "
            "give async_gen_gather a list or tuple of streams"
        )
    return Generated(_gathered, tuple(gens) if isinstance(gens, list) else gens, max_buffer)


def async_gen_buffer(gen: AsyncGen[T], max_buffer: int) -> AsyncGen[T]:
    """Let the stream run ahead of its consumer, in a task of its own.

    At most `max_buffer` items wait, and one more in the hands of the task. All else is as for
    `async_gen_gather` with one source. Raises `ValueError` if `max_buffer` is below 1.
    """
    return async_gen_gather([gen], max_buffer=max_buffer)


def async_gen_par_map(
    gen: AsyncGen[T],
    fn: Callable[[T], Awaitable[Result[U, ErrInfo]]],
    *,
    concurrency: int,
    ordered: bool = True,
) -> AsyncGen[U]:
    """Apply a coroutine function to every `Ok` value, several at a time; an `Err` passes unchanged.

    Parameters: at most `concurrency` calls of `fn` run at once, and at most twice as many items are
    under way: waiting for a call, in one, or waiting behind a slow one. With `ordered` the results
    come in the order of the source, each `Err` at its place; without, as they are ready.

    An exception of `fn` surfaces in place of its result, one of `gen` after the results of what was
    pulled before; then the calls that still run are cancelled and awaited. A call that is cancelled
    from within surfaces as `RuntimeError`. Raises `ValueError` if `concurrency` is below 1.
    O(concurrency) memory; the tasks are reused, so a call costs no task of its own.
    """
    return Generated(_par_mapped, gen, fn, at_least_one("concurrency", concurrency), ordered)


async def _gathered(
    gens: Iterable[AsyncGen[T]], max_buffer: int
) -> AsyncGenerator[Result[T, ErrInfo], None]:
    async with Pumps(gens, max_buffer) as pumps:
        items = pumps.items
        while True:
            while items:
                item = items.popleft()
                pumps.one_taken()
                yield item
            if pumps.ended:
                return
            await pumps.arrival()


async def _par_mapped(
    gen: AsyncGen[T],
    fn: Callable[[T], Awaitable[Result[U, ErrInfo]]],
    concurrency: int,
    ordered: bool,
) -> AsyncGenerator[Result[U, ErrInfo], None]:
    async with _Workers(gen, fn, concurrency, ordered) as workers:
        window = workers.window
        while True:
            while window and window[0].item is not None:
                item = window.popleft().item
                workers.one_taken()
                if isinstance(item, BaseException):
                    try:
                        raise item
                    finally:
                        del item  # its traceback holds this frame: a cycle
                yield item
            if workers.ended:
                return
            await workers.arrival()


def _cancelled_from_within(error: asyncio.CancelledError) -> RuntimeError:
    """What the consumer gets: a CancelledError would say that the consumer was cancelled."""
    failure = RuntimeError("a task of a concurrent stream was cancelled from within")
    failure.__cause__ = error
    return failure


class _Tasks:
    """Tasks that feed one consumer: how it waits for them, and how they end."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._tasks: list[asyncio.Task[None]] = []
        self._live = 0
        self._awaited: asyncio.Future[None] | None = None
        self._closing = False
        self._failure: BaseException | None = None  # what the consumer has yet to be told
        self._errors: list[BaseException] = []  # what else was raised, while closing

    def _start(self, work: Callable[..., Awaitable[None]], *arguments: object) -> None:
        if not self._closing:
            self._live += 1
            self._tasks.append(self._loop.create_task(self._watched(work, arguments)))

    async def _watched(
        self, work: Callable[..., Awaitable[None]], arguments: tuple[object, ...]
    ) -> None:
        try:
            await work(*arguments)
        except asyncio.CancelledError as error:
            if self._closing:
                raise
            self._fail(_cancelled_from_within(error))
        except Exception as error:
            if self._closing:
                self._errors.append(error)
            else:
                self._fail(error)
        finally:
            self._live -= 1
            self._wake()

    def _fail(self, failure: BaseException) -> None:
        self._failure = failure
        self._stop()

    def _stop(self) -> None:
        self._closing = True
        current = asyncio.current_task(self._loop)
        for task in self._tasks:
            if task is not current:
                task.cancel()

    def _wake(self) -> None:
        awaited, self._awaited = self._awaited, None
        if awaited is not None and not awaited.done():
            awaited.set_result(None)

    async def arrival(self, until: float | None = None) -> None:
        """Wait until something has arrived or ended, or until that time of the loop's clock."""
        self._awaited = self._loop.create_future()
        alarm = None if until is None else self._loop.call_at(until, self._wake)
        try:
            await self._awaited
        finally:
            if alarm is not None:
                alarm.cancel()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: object
    ) -> None:
        """Cancel what still runs, and wait until all clean-up is done.

        A cancellation that arrives meanwhile is passed on to the clean-up, and raised at the end.
        """
        if not self._closing:
            self._stop()
        cancelled: asyncio.CancelledError | None = None
        while running := [task for task in self._tasks if not task.done()]:
            try:
                await asyncio.wait(running)
            except asyncio.CancelledError as again:
                cancelled = again
                for task in running:
                    task.cancel()
        undelivered, self._failure = self._failure, None
        others, self._errors = self._errors, []
        surfacing: BaseException | None = cancelled
        if surfacing is None and error is None:
            surfacing = undelivered
        if surfacing is None and others:
            several = "several sources failed to be closed"
            surfacing = others[0] if len(others) == 1 else BaseExceptionGroup(several, others)
            others = []
        if undelivered is not None and undelivered is not surfacing:
            others.append(undelivered)
        self._report(others)
        try:
            if surfacing is not None:
                raise surfacing
        finally:
            del surfacing, undelivered, others, cancelled  # tracebacks hold this frame: cycles

    def _report(self, errors: list[BaseException]) -> None:
        message = "a concurrent stream met this error besides the one that it raises, if any"
        for error in errors:
            self._loop.call_exception_handler({"message": message, "exception": error})


class _Turn:
    """A source's right to fill some slots of the buffer before the next source's turn."""

    __slots__ = ("granted", "slots")

    def __init__(self) -> None:
        self.slots = 0
        self.granted: asyncio.Future[None] | None = None


class Pumps(_Tasks):
    """Sources that are pulled into one bounded buffer, each by a task, while a block runs.

    The consumer takes from `items`, calls `one_taken` for each, and awaits `arrival` when there is
    none, until `ended`. Leaving the block closes the sources, and raises what one has raised.

    A source with an item in hand and no free slot, or with others waiting, waits for its turn, in
    the order of coming; a turn is several slots, so that a task switch is not paid for each item.
    Slots that the source does not fill before it suspends go back at once: nobody holds any idle.
    """

    def __init__(self, gens: Iterable[AsyncGen[Any]], max_buffer: int) -> None:
        super().__init__()
        self._gens = gens
        self._free = max_buffer
        self._turn_size = max(1, max_buffer // 4)
        self._turns_under_way = 0
        self._shared = 0  # 1 if there are others to be fair to
        self._waiting: deque[_Turn] = deque()
        self.items: deque[Any] = deque()

    async def __aenter__(self) -> Pumps:
        try:
            for gen in self._gens:
                self._start(self._pump, gen)
        except BaseException as error:
            await self.__aexit__(type(error), error, None)
            raise
        self._shared = int(len(self._tasks) > 1)
        return self

    @property
    def ended(self) -> bool:
        """Whether nothing will arrive any more."""
        return self._live == 0 or self._failure is not None

    def one_taken(self) -> None:
        """Free the slot of an item that was taken from `items`."""
        self._free += 1
        if self._waiting:
            self._give_turn()

    async def _pump(self, gen: AsyncGen[Any]) -> None:
        turn = _Turn()
        stream = open_stream(gen)
        try:
            async for item in stream:
                if turn.slots:
                    turn.slots -= 1
                elif self._free and not (self._waiting or self._turns_under_way):
                    self._free -= 1
                else:
                    turn.granted = self._loop.create_future()
                    self._waiting.append(turn)
                    await turn.granted
                    turn.slots -= 1
                self.items.append(item)
                if self._awaited is not None:
                    self._wake()
        finally:
            await close(stream)

    def _give_turn(self) -> None:
        if self._free < self._turn_size and self.items:
            return  # the consumer has something to do: wait until a whole turn can be given
        while self._waiting and self._free:
            turn = self._waiting.popleft()
            if turn.granted is None or turn.granted.done():
                continue  # its task was cancelled
            turn.slots = min(self._turn_size, self._free)
            self._free -= turn.slots
            self._turns_under_way += self._shared
            turn.granted.set_result(None)
            # Runs just after the source's task, which has been scheduled by the line above.
            self._loop.call_soon(self._take_back, turn)
            return

    def _take_back(self, turn: _Turn) -> None:
        self._turns_under_way -= self._shared
        self._free += turn.slots
        turn.slots = 0
        if self._waiting:
            self._give_turn()


class _Cell:
    """A place in the order of results: None until there is one; an exception is to be raised."""

    __slots__ = ("item", "value")

    def __init__(self, value: Any, item: Any = None) -> None:
        self.value = value
        self.item = item


class _Workers(_Tasks):
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

    async def __aenter__(self) -> _Workers:
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
        except Exception as error:
            if self._closing:
                raise
            await self._end_with(error)
        except asyncio.CancelledError as error:
            if self._closing:
                raise
            await self._end_with(_cancelled_from_within(error))
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
        elif len(self._tasks) <= self._concurrency:
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
                except Exception as error:
                    cell.item = error
                except asyncio.CancelledError as error:
                    if self._closing:
                        raise
                    cell.item = _cancelled_from_within(error)
                if not self._ordered:
                    window.append(cell)
                if self._awaited is not None and cell is window[0]:
                    self._wake()
                del cell  # it may hold an exception, whose traceback holds this frame: a cycle
            idle.append(job := self._loop.create_future())
            await job
