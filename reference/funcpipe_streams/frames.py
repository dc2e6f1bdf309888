"""What an interpreted run has open, innermost last, and how it is unwound.

Unwinding does what nested generators with `aclosing` would do: an iterator is closed; the manager
of a resource sees the exception if that was raised inside its block, else `GeneratorExit`, because
for its block the stream was closed from outside.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from types import GeneratorType
from typing import Any, TypeAlias

from funcpipe_streams.release import close

__all__ = ["Frame", "Rest", "leave", "unwind"]

# The stages that items still go through: (kind, function, scope of that stage, rest), or None.
Rest: TypeAlias = tuple[str, Any, "Frame | None", Any] | None


class Frame:
    """Something open: an asynchronous iterator, a synchronous one, or a resource's manager.

    `rest` is what its items go through; `scope` is the frame of the manager around it.
    """

    __slots__ = ("manager", "rest", "scope", "stream", "values")

    def __init__(
        self,
        rest: Rest,
        scope: Frame | None,
        *,
        stream: Any = None,
        values: Iterator[Any] | None = None,
        manager: AbstractAsyncContextManager[Any] | None = None,
    ) -> None:
        self.rest = rest
        self.scope = scope
        self.stream = stream
        self.values = values
        self.manager = manager

    async def end(self) -> None:
        """Close it after its last item."""
        if self.manager is not None:
            await leave(self.manager, None)
        else:
            await self.close()

    async def close(self) -> None:
        """Close it as from outside; it has not failed itself."""
        if self.manager is not None:
            await leave(self.manager, GeneratorExit())
        elif self.stream is not None:
            await close(self.stream)
        elif isinstance(self.values, GeneratorType):
            self.values.close()


async def leave(manager: AbstractAsyncContextManager[Any], error: BaseException | None) -> bool:
    """Release a resource, telling its manager how the block ended; whether it swallows the error.

    A closed stream is told as `GeneratorExit`, which is the truth, and which makes a task group
    cancel its tasks rather than wait for them. A task group then raises a group around that
    `GeneratorExit`: it is taken out again, and only what else is in the group surfaces.
    """
    try:
        kind = None if error is None else type(error)
        traceback = None if error is None else error.__traceback__
        return bool(await type(manager).__aexit__(manager, kind, error, traceback))
    except BaseExceptionGroup as group:
        if not isinstance(error, GeneratorExit):
            raise
        others = group.split(lambda each: each is error)[1]
        if others is group:
            raise
    if others is not None:
        try:
            raise others
        finally:
            del others
    return False


async def unwind(
    frames: list[Frame], scope: Frame | None, error: BaseException
) -> BaseException | None:
    """Close frames, innermost first, until a manager swallows the error or none is left.

    `scope` is the manager around the place where the error was raised. Returns the error that goes
    on: `error`, or what a release raised instead, with the earlier one as its context; None if a
    manager swallowed it, in which case the frames below that manager are still open.
    """
    going_on = error
    while frames:
        frame = frames.pop()
        try:
            if frame is not scope:
                await frame.close()
                continue
            scope = frame.scope
            assert frame.manager is not None
            # A stream that is being closed cannot go on, whatever a manager makes of it.
            if await leave(frame.manager, going_on) and not isinstance(going_on, GeneratorExit):
                return None
        except BaseException as failure:
            if failure is not going_on:
                _set_context(failure, going_on, error)
                going_on = failure
    return going_on


def _set_context(failure: BaseException, earlier: BaseException, first: BaseException) -> None:
    """Have `earlier` shown below `failure`, where Python put the exception under way, `first`."""
    innermost = failure
    while (context := innermost.__context__) is not None and context is not first:
        if context is earlier:
            return
        innermost = context
    innermost.__context__ = earlier
