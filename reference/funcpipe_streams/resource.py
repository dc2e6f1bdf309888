"""Streams that hold a resource while they run."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import TypeVar

from funcpipe_streams.running.description import AsyncGen, Using

__all__ = ["async_gen_using"]

T = TypeVar("T")
R = TypeVar("R")


def async_gen_using(
    cm_thunk: Callable[[], AbstractAsyncContextManager[R]],
    make_stream: Callable[[R], AsyncGen[T]],
) -> AsyncGen[T]:
    """Acquire a resource when the stream starts, and release it, once, however the stream ends.

    Parameters: `cm_thunk` makes the context manager of one run, at its first pull; `make_stream`
    describes the stream that is run with what the manager gave. Its items are yielded while the
    resource is held.

    The release is complete before the end of the iteration, `aclose()`, an exception or a
    cancellation reaches the caller; the inner stream is closed before it, resources that were
    acquired earlier are released after it. After a bare `break` it starts at once; clean-up that
    suspends is then finished by the loop. What a release raises surfaces, and outer releases still
    run. A named iterator counts as dropped at `del`, not at `break`:
    `async with closing_stream(stream())` is the form that holds everywhere.

    The manager's exit receives the truth: nothing at the end of the stream; an exception or
    cancellation that was raised within `make_stream` or its stream, which it may swallow to end
    the stream there; and `GeneratorExit` when the stream is closed, or fails outside of its block.
    A task group as manager cancels its tasks at `GeneratorExit`, and the exception group that it
    raises for that alone goes no further.
    """
    return Using(cm_thunk, make_stream)
