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

from funcpipe_streams.running.release import close, releasing

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
        with releasing():
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


async def unwind(frames: list[Frame], scope: Frame | None, error: BaseException) -> bool:
    """Close frames, innermost first, until a manager swallows the error or none is left.

    `scope` is the manager around the place where the error was raised. Returns True if a manager
    swallowed the error (the frames below it are still open), False if the error goes on. Raises
    what a release raised instead, with the earlier error as its context.

    A stream that is closed because of an error elsewhere may have managers of its own around what
    fails in that closing: they are told of the failure, and may swallow it; then the error from
    elsewhere goes on. So the errors under way are a stack, each with the scope that it is leaving.
    """
    under_way = [(error, scope)]
    while frames:
        frame = frames.pop()
        current, scope = under_way[-1]
        left = await _shut(frame, frame is scope, current, error)
        if left is None:
            under_way.pop()
            if not under_way:
                return True
        elif frame is scope or left is not current:
            if frame is scope or frame.scope is scope:
                under_way.pop()
            under_way.append((left, frame.scope))
            if len(under_way) > 1 and under_way[-2][1] is frame.scope:
                del under_way[-2]  # what replaced it has got as far as it had
    ((going_on, _),) = under_way
    if going_on is error:
        return False
    context = going_on.__context__
    try:
        raise going_on
    except BaseException:
        going_on.__context__ = context  # `raise` has put `error` there, which is being handled
        raise
    finally:
        del going_on, current, left, context, under_way  # tracebacks hold this frame: cycles


async def _shut(
    frame: Frame, inside: bool, error: BaseException, first: BaseException
) -> BaseException | None:
    """Close one frame, `inside` whose block the error was raised, or not.

    Returns the error that is under way afterwards, None if the frame's manager swallowed it.
    """
    try:
        if not inside or frame.manager is None:
            await frame.close()
        elif await leave(frame.manager, error) and not isinstance(error, GeneratorExit):
            return None  # but a stream that is being closed cannot go on
    except BaseException as failure:
        if failure is not error:
            _set_context(failure, error, first)
        return failure
    return error


def _set_context(failure: BaseException, earlier: BaseException, first: BaseException) -> None:
    """Have `earlier` shown below `failure`, where Python put the exception under way, `first`."""
    innermost = failure
    while (context := innermost.__context__) is not None and context is not first:
        if context is earlier:
            return
        innermost = context
    innermost.__context__ = earlier
