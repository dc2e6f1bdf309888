"""Streams that run several things at once.

Every source is pulled and closed by one task, so that what it binds to its task (context variables,
timeouts, task groups) holds. The tasks are started at the first pull and have ended when the stream
has: at its end, at `aclose()`, at an exception, at a cancellation.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Iterator
from typing import Any, TypeVar

from funcpipe_streams.result import ErrInfo, Result
from funcpipe_streams.running.description import AsyncGen, Generated
from funcpipe_streams.running.pumps import Pumps
from funcpipe_streams.running.workers import Workers

__all__ = ["async_gen_buffer", "async_gen_gather", "async_gen_par_map", "at_least_one"]

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

    A pull that is under way when the stream is closed is cancelled. A release is not: what
    `async_gen_using` or a combinator is releasing then is completed, unless the consumer itself is
    cancelled. Only the clean-up of a user's generator at its own end looks like a pull.

    Raises `ValueError` if `max_buffer` is below 1, `TypeError` for one stream alone and for an
    iterator of sources, which could be run only once. O(sources + max_buffer) memory, O(1) time for
    each item.
    """
    at_least_one("max_buffer", max_buffer)
    if callable(gens) and not hasattr(gens, "__iter__"):
        raise TypeError(f"async_gen_gather takes several streams: [stream], not {gens!r}")
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
    O(concurrency) memory; the tasks are reused, so a call costs no task of its own, and a context
    variable that it sets is seen by later calls, as it is in a sequential stream.
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
    async with Workers(gen, fn, concurrency, ordered) as workers:
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
