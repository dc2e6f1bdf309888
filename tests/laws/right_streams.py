"""Right implementations that differ from the model; none of them may break a law.

None declares a policy. What each has chosen is something that its maintainer could defend.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass
from typing import Any

from funcpipe_laws import ResultType, StreamInstance
from tests.laws.mutants import model

# Classes: iterators with `__anext__` and `aclose`, and descriptions with `__aiter__`


@dataclass(frozen=True)
class Good:
    """An item that succeeded."""

    value: Any


@dataclass(frozen=True)
class Bad:
    """An item that failed."""

    error: Any


@dataclass
class Description:
    """What an `async for` can be run over, any number of times."""

    make: Callable[[], AsyncIterator[Any]]

    def __aiter__(self) -> AsyncIterator[Any]:
        return self.make()


async def close(iterator: Any) -> None:
    """Close what can be closed."""
    if hasattr(iterator, "aclose"):
        await iterator.aclose()


class Iterator(AsyncIterator[Any]):
    """An iterator that ends, fails or is closed once, and lets go of what it holds then."""

    done = False

    async def __anext__(self) -> Any:
        if self.done:
            raise StopAsyncIteration
        try:
            return await self.step()
        except StopAsyncIteration:
            await self.finish(None)
            raise
        except BaseException as exc:
            await self.finish(exc)
            raise

    async def aclose(self) -> None:
        """As async generators have it."""
        await self.finish(None)

    async def finish(self, exc: BaseException | None) -> None:
        """Let go, once."""
        if not self.done:
            self.done = True
            await self.let_go(exc)

    async def step(self) -> Any:
        """The next item."""
        raise NotImplementedError

    async def let_go(self, exc: BaseException | None) -> None:
        """Close and release."""


class Once(Iterator):
    """The item of one coroutine."""

    def __init__(self, make: Callable[[], Awaitable[Any]]) -> None:
        self.make: Callable[[], Awaitable[Any]] | None = make

    async def step(self) -> Any:
        make, self.make = self.make, None
        if make is None:
            raise StopAsyncIteration
        return await make()


class Mapping(Iterator):
    """A map."""

    def __init__(self, source: Description, f: Callable[[Any], Any]) -> None:
        self.items, self.f = aiter(source), f

    async def step(self) -> Any:
        item = await anext(self.items)
        return Good(self.f(item.value)) if isinstance(item, Good) else item

    async def let_go(self, exc: BaseException | None) -> None:
        await close(self.items)


class Binding(Iterator):
    """A bind."""

    def __init__(self, source: Description, f: Callable[[Any], Description]) -> None:
        self.items, self.f = aiter(source), f
        self.inner: AsyncIterator[Any] | None = None

    async def step(self) -> Any:
        while True:
            if self.inner is None:
                item = await anext(self.items)
                if isinstance(item, Bad):
                    return item
                self.inner = aiter(self.f(item.value))
            try:
                return await anext(self.inner)
            except StopAsyncIteration:
                inner, self.inner = self.inner, None
                await close(inner)

    async def let_go(self, exc: BaseException | None) -> None:
        try:
            await close(self.inner)
        finally:
            await close(self.items)


class Holding(Iterator):
    """A using."""

    def __init__(self, acquire: Callable[[], Any], make: Callable[[Any], Description]) -> None:
        self.acquire, self.make = acquire, make
        self.manager: Any = None
        self.items: AsyncIterator[Any] | None = None

    async def step(self) -> Any:
        if self.manager is None:
            manager = self.acquire()
            resource = await manager.__aenter__()
            self.manager = manager
            self.items = aiter(self.make(resource))
        assert self.items is not None
        return await anext(self.items)

    async def let_go(self, exc: BaseException | None) -> None:
        try:
            await close(self.items)
        finally:
            if self.manager is not None:
                await self.manager.__aexit__(exc and type(exc), exc, exc and exc.__traceback__)


class Merging(Iterator):
    """A merge without buffer or pumps: one pull of each source under way, in a task of its own."""

    def __init__(self, sources: Sequence[Description]) -> None:
        self.sources = sources
        self.pulls: dict[asyncio.Task[Any], AsyncIterator[Any]] | None = None
        self.items: list[AsyncIterator[Any]] = []

    def pull(self, items: AsyncIterator[Any]) -> None:
        """Begin a pull."""

        async def one() -> Any:
            return await anext(items)

        assert self.pulls is not None
        self.pulls[asyncio.ensure_future(one())] = items

    async def step(self) -> Any:
        if self.pulls is None:
            self.pulls = {}
            self.items = [aiter(source) for source in self.sources]
            for items in self.items:
                self.pull(items)
        while self.pulls:
            await asyncio.wait(self.pulls, return_when=asyncio.FIRST_COMPLETED)
            done = next(task for task in self.pulls if task.done())
            items = self.pulls.pop(done)
            try:
                item = done.result()
            except StopAsyncIteration:
                continue
            self.pull(items)
            return item
        raise StopAsyncIteration

    async def let_go(self, exc: BaseException | None) -> None:
        await model.cancel_and_wait(self.pulls or ())
        async with AsyncExitStack() as stack:
            for items in self.items:
                stack.push_async_callback(close, items)


async def _good(value: Any) -> Good:
    return Good(value)


RESULT = ResultType(
    ok=Good,
    err=Bad,
    is_ok=lambda item: isinstance(item, Good),
    is_err=lambda item: isinstance(item, Bad),
    value=lambda item: item.value,
    error=lambda item: item.error,
)

CLASSES = StreamInstance(
    name="iterator classes",
    embed=Description,
    open=aiter,
    result=RESULT,
    pure=lambda value: Description(lambda: Once(lambda: _good(value))),
    lift=lambda fn: lambda value: Description(lambda: Once(lambda: fn(value))),
    map=lambda source, f: Description(lambda: Mapping(source, f)),
    bind=lambda source, f: Description(lambda: Binding(source, f)),
    using=lambda acquire, make: Description(lambda: Holding(acquire, make)),
    merge=lambda sources: Description(lambda: Merging(tuple(sources))),
)

# Reading ahead: a task pulls into a bounded queue

_END = object()


def ahead(gen: model.Gen, size: int) -> model.Gen:
    """The stream, pulled into a queue of this size by a task of its own."""

    async def stream() -> AsyncGenerator[Any, None]:
        queue: asyncio.Queue[Any] = asyncio.Queue(size)
        failure: list[BaseException] = []

        async def pump() -> None:
            try:
                async with aclosing(gen()) as items:
                    async for item in items:
                        await queue.put(item)
            except BaseException as exc:
                failure.append(exc)
                if asyncio.current_task().cancelling():  # type: ignore[union-attr]
                    raise
            await queue.put(_END)

        task = asyncio.ensure_future(pump())
        try:
            while (item := await queue.get()) is not _END:
                yield item
            if failure:
                raise failure[0]
        finally:
            await model.cancel_and_wait([task])

    return stream


def bound_ahead(gen: model.Gen, f: Callable[[Any], model.Gen], size: int) -> model.Gen:
    """A bind that starts the next inner streams while one is read."""

    async def started() -> AsyncGenerator[Any, None]:
        async with aclosing(gen()) as items:
            async for item in items:
                yield item if isinstance(item, model.Err) else ahead(f(item.value), size)

    async def stream() -> AsyncGenerator[Any, None]:
        async with aclosing(ahead(started, size)()) as items:
            async for item in items:
                if isinstance(item, model.Err):
                    yield item
                    continue
                async with aclosing(item()) as inner:
                    async for result in inner:
                        yield result

    return stream


def reading_ahead(name: str, **operations: Any) -> StreamInstance:
    """The model's plain operations, and these in place of some."""
    plain = {"pure": model.pure, "lift": model.lift, "using": model.using, "merge": model.merge}
    return StreamInstance(name=name, result=model.RESULT, **{**plain, **operations})


AHEAD = reading_ahead(
    "reads its source ahead",
    map=lambda gen, f: model.mapped(ahead(gen, 3), f),
    bind=lambda gen, f: bound_ahead(gen, f, 2),
)
FAR_AHEAD = reading_ahead(
    "reads far ahead",
    map=lambda gen, f: model.mapped(ahead(gen, 100), f),
    bind=lambda gen, f: model.bound(ahead(gen, 500), f),
    using=lambda acquire, make: model.using(acquire, lambda held: ahead(make(held), 64)),
)
WORKS_AHEAD = reading_ahead(
    "works ahead",
    map=lambda gen, f: ahead(model.mapped(gen, f), 2),
    bind=lambda gen, f: ahead(model.bound(gen, f), 2),
)

# Structured: every run has a task group, whose exceptions are groups


def grouped(gen: model.Gen) -> model.Gen:
    """The stream, pulled by a task of a group that ends with it, through a hand-over of one."""

    async def stream() -> AsyncGenerator[Any, None]:
        queue: asyncio.Queue[Any] = asyncio.Queue(1)

        async def pump() -> None:
            try:
                async with aclosing(gen()) as items:
                    async for item in items:
                        await queue.put(item)
            except asyncio.CancelledError as exc:
                # A group does not hear of a task that ends by a CancelledError of its own.
                if asyncio.current_task().cancelling():  # type: ignore[union-attr]
                    raise
                failure.append(exc)
            await queue.put(_END)

        failure: list[BaseException] = []
        group: Any = asyncio.TaskGroup()
        leaving: BaseException | None = None
        await group.__aenter__()
        task = group.create_task(pump())
        try:
            while (item := await queue.get()) is not _END:
                yield item
            if failure:
                raise failure[0]
        except GeneratorExit:
            # A task group takes it for a failure of its body, and would raise a group.
            task.cancel()
        except BaseException as exc:
            leaving = exc
            raise
        finally:
            await group.__aexit__(leaving and type(leaving), leaving, None)

    return stream


GROUPED = reading_ahead(
    "task groups",
    map=lambda gen, f: grouped(model.mapped(gen, f)),
    bind=lambda gen, f: grouped(model.bound(gen, f)),
)

RIGHT = (CLASSES, AHEAD, FAR_AHEAD, WORKS_AHEAD, GROUPED)
