"""Stream descriptions, and how they run.

A description is a small object: a source, or a step on another description. Nothing happens until
it is called and the stream that it returns is pulled. Straight pipelines run as one fused loop
(`fuse.py`). What opens streams within streams is interpreted: one generator with an explicit stack,
so that recursion limits neither the depth of binds nor that of resources, and a leaf below 10,000
right-nested binds costs what any other costs.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable
from contextlib import AbstractAsyncContextManager
from typing import Any, Generic, TypeAlias, TypeVar

from funcpipe_streams.result import Err, ErrInfo, Ok, Result
from funcpipe_streams.running.dropping import adopt, adopt_foreign, release_on_drop
from funcpipe_streams.running.fuse import (
    AWAIT,
    BIND,
    FILTER,
    ITERABLE,
    MAP,
    MAX_STAGES,
    RESULTS,
    VALUES,
    fused_loop,
    not_a_result,
)
from funcpipe_streams.running.unwinding import Frame, Rest, unwind

__all__ = [
    "AsyncGen",
    "Foreign",
    "Generated",
    "Lifted",
    "Return",
    "Step",
    "Stream",
    "Using",
    "Values",
    "open_iterator",
    "open_stream",
]

T = TypeVar("T")
U = TypeVar("U")

AsyncGen: TypeAlias = Callable[[], AsyncIterator[Result[T, ErrInfo]]]
"""A replayable description of a stream: each call gives a fresh, independent run."""

Run: TypeAlias = AsyncGenerator[Any, None]
Stages: TypeAlias = tuple[tuple[str, Callable[[Any], Any]], ...]


class Stream(Generic[T]):
    """A description of ours; its runs are released when they are dropped."""

    __slots__ = ()

    def __call__(self) -> AsyncGenerator[Result[T, ErrInfo], None]:
        return release_on_drop(_run(self))


class Return(Stream[T]):
    """One value."""

    __slots__ = ("value",)

    def __init__(self, value: T) -> None:
        self.value = value


class Awaited(Stream[U]):
    """One item, awaited when it is pulled."""

    __slots__ = ("argument", "function")

    def __init__(self, function: Callable[[T], Awaitable[Result[U, ErrInfo]]], argument: T) -> None:
        self.function: Callable[[Any], Awaitable[Result[U, ErrInfo]]] = function
        self.argument = argument


class Lifted(Generic[T, U]):
    """A function from a value to a stream of one item; known to `Step`, so that it is fused."""

    __slots__ = ("function",)

    def __init__(self, function: Callable[[T], Awaitable[Result[U, ErrInfo]]]) -> None:
        self.function = function

    def __call__(self, value: T) -> AsyncGen[U]:
        return Awaited(self.function, value)


class Values(Stream[T]):
    """The values of an iterable that can be iterated again and again."""

    __slots__ = ("values",)

    def __init__(self, values: Iterable[T]) -> None:
        self.values = values


class Foreign(Stream[T]):
    """The values of an asynchronous iterator that a user's function makes."""

    __slots__ = ("make_aiter",)

    def __init__(self, make_aiter: Callable[[], AsyncIterator[T]]) -> None:
        self.make_aiter = make_aiter


class Generated(Stream[T]):
    """What a generator function of this package yields, called with these arguments."""

    __slots__ = ("arguments", "function")

    def __init__(
        self, function: Callable[..., AsyncGenerator[Result[T, ErrInfo], None]], *arguments: object
    ) -> None:
        self.function = function
        self.arguments = arguments


class Using(Stream[T]):
    """A stream made from a resource, which is held while the stream runs."""

    __slots__ = ("make_stream", "manager")

    def __init__(
        self,
        manager: Callable[[], AbstractAsyncContextManager[Any]],
        make_stream: Callable[[Any], AsyncGen[T]],
    ) -> None:
        self.manager = manager
        self.make_stream = make_stream


class Step(Stream[T]):
    """One stage applied to the items of another description."""

    __slots__ = ("before", "function", "kind")

    def __init__(self, before: AsyncGen[Any], kind: str, function: Callable[[Any], Any]) -> None:
        self.before = before
        if kind == BIND and type(function) is Lifted:
            kind, function = AWAIT, function.function
        self.kind = kind
        self.function = function


def open_stream(description: Any) -> AsyncIterator[Any]:
    """Start a run for a caller that closes it itself.

    Raises `TypeError` for what is no description, naming the value.
    """
    if isinstance(description, Stream):
        run = _run(description)
        adopt(run)
        return run
    if not callable(description):
        raise TypeError(
            f"a stream description is a function without arguments, not {description!r}"
            + ("; pass the function, not its call" if hasattr(description, "__aiter__") else "")
        )
    return open_iterator(description)


def open_iterator(make_aiter: Any) -> AsyncIterator[Any]:
    """Call a user's function, and take what it returns from the loop: the caller closes it."""
    if not callable(make_aiter):
        hint = f"pass the function that makes the iterator, not {make_aiter!r}"
        raise TypeError(f"an iterator can be run only once: {hint}")
    stream = make_aiter()
    if not hasattr(type(stream), "__aiter__"):
        raise TypeError(f"{make_aiter!r} returned {stream!r}, which is no asynchronous iterator")
    iterator: AsyncIterator[Any] = aiter(stream)
    adopt_foreign(iterator)
    return iterator


def _run(description: Stream[Any], within_bind: bool = False) -> Run:
    """A fresh generator for one run; nobody's yet, neither the loop's nor a caller's."""
    if type(description) is Generated:
        return description.function(*description.arguments)
    source: Any = description
    reverse_stages = []
    while type(source) is Step:
        reverse_stages.append((source.kind, source.function))
        source = source.before
    stages = tuple(reversed(reverse_stages))
    shape = "".join(kind for kind, _ in stages)
    if (
        isinstance(source, Return | Awaited | Using)
        or len(shape) > MAX_STAGES
        or (within_bind and BIND in shape)  # else right-nested binds would be nested loops
    ):
        return _interpret(description)
    if type(source) is Values:
        return fused_loop(shape, ITERABLE)(source.values, iter, _run_rest, Return, stages)
    if type(source) is Foreign:
        loop = fused_loop(shape, VALUES)
        return loop(source.make_aiter, open_iterator, _run_rest, Return, stages)
    return fused_loop(shape, RESULTS)(source, open_stream, _run_rest, Return, stages)


def _run_rest(description: Any, stages: Stages) -> AsyncIterator[Any]:
    """An inner description, followed by the stages behind the bind that returned it."""
    if stages:
        run = _interpret(description, stages)
    elif isinstance(description, Stream):
        run = _run(description, within_bind=True)
    else:
        return open_stream(description)
    adopt(run)
    return run


_NOTHING: Any = object()


async def _interpret(description: Any, stages: Stages = ()) -> Run:
    """Run a description, then the given stages, with all that is open on one explicit stack.

    `scope` follows the code that runs: it is the frame of the manager around it, and so decides
    what that manager is told if the code raises. The consumer stands outside of every manager,
    except that a resource's stream with no stage behind it yields from within the resource's block.

    One long function, because a `yield` cannot be moved into another, and a call for each item and
    stage would cost as much as the generators that this replaces.
    """
    frames: list[Frame] = []
    scope: Frame | None = None
    scope_of_yield: Frame | None = None
    rest: Rest = None
    for stage, function in reversed(stages):
        rest = (stage, function, None, rest)
    item: Any
    opening = description  # what to open next; if nothing, the innermost frame goes on
    while True:
        try:
            while opening is not _NOTHING or frames:
                if opening is not _NOTHING:
                    source, opening = opening, _NOTHING
                    while type(source) is Step:
                        rest = (source.kind, source.function, scope, rest)
                        source = source.before
                    if type(source) is Return:
                        item = Ok(source.value)
                    elif type(source) is Awaited:
                        item = await source.function(source.argument)
                    elif type(source) is Using:
                        manager, resource = await _enter(source)
                        scope = Frame(rest, scope, manager=manager)
                        if rest is None and not frames:
                            scope_of_yield = scope
                        frames.append(scope)
                        opening = source.make_stream(resource)
                        continue
                    else:
                        frames.append(_open_frame(source, rest, scope))
                        continue
                else:
                    frame = frames[-1]
                    rest, scope = frame.rest, frame.scope
                    if frame.stream is None:
                        value = _NOTHING if frame.values is None else next(frame.values, _NOTHING)
                        item = _NOTHING if value is _NOTHING else Ok(value)
                    elif rest is None:
                        async for item in frame.stream:
                            scope = scope_of_yield
                            yield item
                            scope = frame.scope
                        item = _NOTHING
                    else:
                        try:
                            item = await frame.stream.__anext__()
                        except StopAsyncIteration:
                            item = _NOTHING
                    if item is _NOTHING:
                        frames.pop()
                        await frame.end()
                        continue
                if type(item) is not Ok:
                    if type(item) is not Err:
                        raise not_a_result(item)
                elif rest is not None:
                    value = item.value
                    while rest is not None:
                        stage, function, scope, rest = rest
                        if stage == MAP:
                            value = function(value)
                        elif stage == BIND:
                            opening = function(value)
                            item = _NOTHING
                            break
                        elif stage != FILTER:
                            item = await function(value) if stage == AWAIT else function(value)
                            if type(item) is not Ok:
                                if type(item) is not Err:
                                    raise not_a_result(item)
                                break
                            value = item.value
                        elif not function(value):
                            item = _NOTHING
                            break
                    else:
                        item = Ok(value)
                if item is not _NOTHING:
                    scope = scope_of_yield
                    yield item
            return
        except BaseException as error:
            opening = _NOTHING
            if not await unwind(frames, scope, error):
                raise


async def _enter(using: Using[Any]) -> tuple[AbstractAsyncContextManager[Any], Any]:
    manager = using.manager()
    if not (hasattr(type(manager), "__aenter__") and hasattr(type(manager), "__aexit__")):
        raise TypeError(
            f"async_gen_using needs an asynchronous context manager, not {manager!r}, "
            f"which {using.manager!r} returned"
        )
    # The generator inside an @asynccontextmanager: at the end of asyncio.run the loop would close
    # it side by side with the stream, not after it.
    adopt_foreign(getattr(manager, "gen", None))
    return manager, await type(manager).__aenter__(manager)


def _open_frame(source: Any, rest: Rest, scope: Frame | None) -> Frame:
    if type(source) is Values:
        return Frame(rest, scope, values=iter(source.values))
    return Frame(rest, scope, stream=open_stream(source))
