"""Tasks that feed a stream; the only module that starts any.

They are started by a stream at its first pull, and have ended when the stream has. Until then their
loop keeps them alive: asyncio itself refers to tasks weakly, and the garbage collector would end
those of a stream that dies in a reference cycle, where no source can be awaited, before the stream
is closed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from funcpipe_streams.running.release import BEING_CLOSED, interrupt, releasing

__all__ = ["Tasks", "cancelled_from_within"]


CANCELLED = "a task of a concurrent stream was cancelled from within"


def cancelled_from_within(error: asyncio.CancelledError) -> RuntimeError:
    """What the consumer gets: a CancelledError would say that the consumer was cancelled."""
    failure = RuntimeError(CANCELLED)
    failure.__cause__ = error
    return failure


_elsewhere: dict[str, Any] = {}


def _kept_by(loop: asyncio.AbstractEventLoop) -> set[Tasks]:
    """What the loop keeps alive, as long as the loop itself lives."""
    # An attribute: a table of loops elsewhere would keep them, since a task refers to its loop.
    attributes: dict[str, Any] = getattr(loop, "__dict__", _elsewhere)
    kept: set[Tasks] = attributes.setdefault("_tasks_of_streams", set())
    return kept


class Tasks:
    """Tasks that feed one consumer: how it waits for them, and how they end."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._tasks: list[asyncio.Task[None]] = []
        self._live = 0
        self._kept = _kept_by(self._loop)
        self._awaited: asyncio.Future[None] | None = None
        self._closing = False
        self._failure: BaseException | None = None  # what the consumer has yet to be told
        self._errors: list[BaseException] = []  # what else was raised, while closing

    def _start(self, work: Callable[..., Awaitable[None]], *arguments: object) -> None:
        if not self._closing:
            self._live += 1
            self._kept.add(self)
            self._tasks.append(self._loop.create_task(self._watched(work, arguments)))

    async def _watched(
        self, work: Callable[..., Awaitable[None]], arguments: tuple[object, ...]
    ) -> None:
        try:
            await work(*arguments)
        except asyncio.CancelledError as error:
            if self._closing:
                raise
            self._fail(cancelled_from_within(error))
        except BaseException as error:
            if self._loop.is_closed():
                raise  # GeneratorExit: the task was dropped
            if self._closing:
                self._errors.append(error)
            else:
                self._fail(error)
            if isinstance(error, KeyboardInterrupt | SystemExit):
                raise  # asyncio stops its loop for these
        finally:
            self._live -= 1
            if not self._live:
                self._kept.discard(self)
            self._wake()

    def _fail(self, failure: BaseException) -> None:
        self._failure = failure
        self._stop()

    def _stop(self, end: Callable[[asyncio.Task[None]], object] = interrupt) -> None:
        self._closing = True
        current = asyncio.current_task(self._loop)
        for task in self._tasks:
            if task is not current:
                end(task)

    def _wake(self) -> None:
        awaited, self._awaited = self._awaited, None
        if awaited is not None:
            try:  # noqa: SIM105 - once an item: `suppress` would cost a call of Python
                awaited.set_result(None)
            except asyncio.InvalidStateError:
                pass  # it was cancelled: by Ctrl-C, after any look at it that could be had here

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
        """Stop what still runs, and wait until all clean-up is done.

        A cancellation of the consumer, the one that ends the block or one that arrives meanwhile,
        is passed on to the clean-up, and raised at the end.
        """
        if self._loop.is_closed():
            await asyncio.sleep(0)  # nothing can be done; whoever drives this says so
            return
        if isinstance(error, asyncio.CancelledError) and BEING_CLOSED not in error.args:
            self._stop(asyncio.Task.cancel)
        elif not self._closing:
            self._stop()
        cancelled: asyncio.CancelledError | None = None
        while running := [task for task in self._tasks if not task.done()]:
            try:
                with releasing():
                    await asyncio.wait(running)
            except asyncio.CancelledError as again:
                cancelled = again
                for task in running:
                    task.cancel()
        for task in self._tasks:
            if not task.cancelled():
                task.exception()  # an exit request: told by the loop, not to be logged as well
        self._kept.discard(self)  # if tasks were cancelled before their first step
        running = self._tasks = []  # a cancelled task's traceback holds this object: a cycle
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
            if isinstance(error, KeyboardInterrupt | SystemExit) or error.args == (CANCELLED,):
                continue  # the loop raises the first two; a cancellation is no error
            self._loop.call_exception_handler({"message": message, "exception": error})
