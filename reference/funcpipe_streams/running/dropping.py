"""Streams that are dropped half-way, `break` without `aclosing`: released at the drop itself.

asyncio closes such an asynchronous generator by a hook that it installs. That only *schedules*
`aclose()`, so the code after the loop runs first; a stream that was given to `release_on_drop`
starts its release where it is dropped.
"""

from __future__ import annotations

import asyncio
import contextvars
import gc
import sys
import types
import warnings
from collections import deque
from collections.abc import AsyncGenerator, Callable, Coroutine
from typing import Any, TypeVar, cast

from funcpipe_streams.running.driving import carry_on

__all__ = ["adopt", "adopt_foreign", "release_on_drop"]

T = TypeVar("T")
AnyGenerator = AsyncGenerator[Any, Any]


class _Attached(Exception):
    """Raised by the first-iteration hook, when the hooks have been stored in the generator."""


def _stop_at_hooks(stream: AnyGenerator) -> None:
    raise _Attached


def _attach(stream: AnyGenerator, finaliser: Callable[[AnyGenerator], None]) -> None:
    """Fix the finaliser of this one generator, which must not have been started.

    A generator copies the thread's hooks at its first `__anext__()`, then calls the first-iteration
    hook; one that raises ends the call before an awaitable (that would be "never awaited") exists.
    """
    hooks = sys.get_asyncgen_hooks()
    sys.set_asyncgen_hooks(_stop_at_hooks, finaliser)
    try:
        stream.__anext__()  # type: ignore[unused-coroutine]
    except _Attached:
        pass
    finally:
        sys.set_asyncgen_hooks(*hooks)


def _leave_alone(stream: AnyGenerator) -> None:
    """Finaliser of an owned generator. With none at all CPython would close it, in any order."""


_released_on_drop: set[types.CodeType] = set()


def adopt(stream: AnyGenerator) -> None:
    """Take a fresh generator from the loop: whoever opened it closes it, in the right order."""
    _attach(stream, _leave_alone)


def adopt_foreign(stream: object) -> None:
    """Adopt what a user's function returned, unless its hooks are fixed already.

    They are if it has been started, or if it is one of ours that the user's function called.
    """
    if (
        isinstance(stream, types.AsyncGeneratorType)
        and stream.ag_code not in _released_on_drop
        and stream.ag_frame is not None
        and not stream.ag_running
        and not getattr(stream, "ag_suspended", False)  # absent, and not needed, before 3.12
    ):
        adopt(stream)


def release_on_drop(stream: AsyncGenerator[T, None]) -> AsyncGenerator[T, None]:
    """Have a fresh generator released at the moment when it is dropped half-way.

    On the loop that it was made on, clean-up runs at the drop up to its first real suspension; the
    loop does the rest, in the context of the consumer (3.12 and later). Dropped by another thread
    or by a garbage collection, it is handed to that loop. Dropped after that loop was closed,
    clean-up runs up to its first suspension, and a `ResourceWarning` says that it was cut off
    there.

    What clean-up raises then has no caller to go to: the loop's exception handler gets it.
    """
    hooks = sys.get_asyncgen_hooks()
    _released_on_drop.add(cast(types.AsyncGeneratorType[T, None], stream).ag_code)
    _attach(stream, _Finaliser(asyncio._get_running_loop(), hooks.finalizer))
    if hooks.firstiter is not None:
        hooks.firstiter(stream)  # so that the loop's shutdown_asyncgens() knows the stream
    return stream


class _Finaliser:
    __slots__ = ("_loop", "_loop_hook")

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop | None,
        loop_hook: Callable[[AnyGenerator], None] | None,
    ) -> None:
        self._loop = loop
        self._loop_hook = loop_hook

    def __call__(self, stream: AnyGenerator) -> None:
        running = asyncio._get_running_loop()
        owner = self._loop or running
        if owner is None or owner.is_closed():
            _close_without_loop(stream)
        elif _collecting:
            _dropped_by_collection.append((self._loop_hook, stream))
        elif running is owner:
            _close_now(stream, owner)
        elif self._loop_hook is not None:
            self._loop_hook(stream)  # asyncio's own: thread-safe, closes on its own thread


# No clean-up starts while the garbage collector is at work, not even on the loop's own thread: the
# collector may be about to finalise the inner generators of the same cycle, and would cut a
# clean-up that is under way in them.
_collecting = False
_dropped_by_collection: deque[tuple[Callable[[AnyGenerator], None] | None, AnyGenerator]] = deque()


def _on_collection(phase: str, _info: dict[str, int]) -> None:
    global _collecting
    _collecting = phase == "start"
    if phase == "stop":
        while _dropped_by_collection:
            loop_hook, stream = _dropped_by_collection.popleft()
            if loop_hook is not None:
                loop_hook(stream)


gc.callbacks.append(_on_collection)


def _close_without_loop(stream: AnyGenerator) -> None:
    closing = stream.aclose()
    try:
        closing.send(None)
    except StopIteration:
        return
    message = f"{stream!r} was dropped after its event loop ended: its clean-up is cut off"
    closing.close()
    warnings.warn(message, ResourceWarning, stacklevel=2, source=stream)


_unfinished: set[asyncio.Task[None]] = set()  # the loop itself holds its tasks only weakly


def _close_now(stream: AnyGenerator, loop: asyncio.AbstractEventLoop) -> None:
    """Run `aclose()` up to its first suspension, as the task that will do the rest.

    The task must exist before the first step: a timeout or task group that clean-up opens binds to
    the current task, and the consumer's would then be cancelled by it. It must not be an eager one:
    that copies the context, and a ContextVar could not be reset.
    """
    consumer = asyncio.current_task(loop)
    context: contextvars.Context | None = None
    if consumer is not None and sys.version_info >= (3, 12):
        context = consumer.get_context()
    closing: Any = stream.aclose()
    suspended_on: list[Any] = []
    task = asyncio.Task(_finish_closing(stream, closing, suspended_on), loop=loop, context=context)
    if consumer is not None:
        asyncio._leave_task(loop, consumer)
    asyncio._enter_task(loop, task)
    try:
        suspended_on.append(closing.send(None))
    except (StopIteration, asyncio.CancelledError):
        pass
    except Exception as error:
        _report(stream, error, loop)
    finally:
        asyncio._leave_task(loop, task)
        if consumer is not None:
            asyncio._enter_task(loop, consumer)
    if suspended_on:
        _unfinished.add(task)
        task.add_done_callback(_unfinished.discard)
    else:
        asyncio._unregister_task(task)  # its one step is scheduled, and finds nothing to do


async def _finish_closing(
    stream: AnyGenerator, closing: Coroutine[Any, Any, None], suspended_on: list[Any]
) -> None:
    if not suspended_on:
        return
    try:
        await carry_on(closing, suspended_on.pop())
    except asyncio.CancelledError:
        raise
    except Exception as error:
        _report(stream, error, asyncio.get_running_loop())


def _report(stream: AnyGenerator, error: Exception, loop: asyncio.AbstractEventLoop) -> None:
    loop.call_exception_handler(
        {
            "message": f"an error occurred while releasing the dropped stream {stream!r}",
            "exception": error,
            "asyncgen": stream,
        }
    )
