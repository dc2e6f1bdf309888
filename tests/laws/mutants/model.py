"""The plain correct form of every operation, and what a mutant of it is.

A stream is a thunk of async generators. Whatever a generator iterates, it closes itself
(`aclosing`), and whatever starts tasks cancels and awaits them before it ends. Nothing is fast.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from funcpipe_laws.declared.instance import Policy, ResultType, StreamInstance
from tests.laws.mutants.tee import tee


@dataclass(frozen=True)
class ErrInfo:
    """What went wrong with one item."""

    code: str
    msg: str = ""


@dataclass(frozen=True)
class Ok:
    """An item that succeeded."""

    value: Any


@dataclass(frozen=True)
class Err:
    """An item that failed."""

    error: Any


Item: TypeAlias = Ok | Err
Items: TypeAlias = AsyncGenerator[Any, None]
Gen: TypeAlias = Callable[[], Items]


class _End:
    """What the last pull of a source gives."""


def pure(value: Any) -> Gen:
    """The stream of one value."""

    async def stream() -> Items:
        yield Ok(value)

    return stream


def empty() -> Gen:
    """The stream of nothing."""

    async def stream() -> Items:
        return
        yield

    return stream


def mapped(gen: Gen, f: Callable[[Any], Any]) -> Gen:
    """`f` on every item that succeeded."""

    async def stream() -> Items:
        async with aclosing(gen()) as items:
            async for item in items:
                yield Ok(f(item.value)) if isinstance(item, Ok) else item

    return stream


def bound(gen: Gen, f: Callable[[Any], Gen]) -> Gen:
    """The streams that `f` makes of the items that succeeded, one after the other."""

    async def stream() -> Items:
        async with aclosing(gen()) as items:
            async for item in items:
                if not isinstance(item, Ok):
                    yield item
                    continue
                async with aclosing(f(item.value)()) as inner:
                    async for result in inner:
                        yield result

    return stream


def using(cm_thunk: Callable[[], Any], make_stream: Callable[[Any], Gen]) -> Gen:
    """A resource, held open while the stream made from it runs."""

    async def stream() -> Items:
        async with cm_thunk() as resource, aclosing(make_stream(resource)()) as items:
            async for item in items:
                yield item

    return stream


def lift(fn: Callable[[Any], Awaitable[Item]]) -> Callable[[Any], Gen]:
    """A coroutine function over items, as one that makes streams of one item."""

    def lifted(value: Any) -> Gen:
        async def stream() -> Items:
            yield await fn(value)

        return stream

    return lifted


async def cancel_and_wait(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Return when all tasks are done; a cancel meanwhile reaches them too, and is passed on."""
    interrupted: asyncio.CancelledError | None = None
    pending = {task for task in tasks if not task.done()}
    while pending:
        for task in pending:
            task.cancel()
        try:
            _, pending = await asyncio.wait(pending)
        except asyncio.CancelledError as exc:
            interrupted = exc
            pending = {task for task in pending if not task.done()}
    if interrupted is not None:
        raise interrupted


class Merge:
    """One run of a merge: a task for each source, a queue between them and the consumer.

    A source is pulled ahead by one item, which waits for a free slot of the buffer.
    """

    def __init__(self, sources: Sequence[Gen], max_buffer: int) -> None:
        self.sources = sources
        self.free = asyncio.Semaphore(max_buffer)
        self.arrived: asyncio.Queue[Any] = asyncio.Queue()
        self.tasks: list[asyncio.Task[None]] = []

    async def pump(self, source: Gen) -> None:
        """Move one source's items into the queue, and close the source."""
        async with aclosing(source()) as items:
            async for item in items:
                await self.free.acquire()
                self.arrived.put_nowait(item)

    def start(self) -> None:
        """Start the tasks; each announces its end behind its last item."""
        for source in self.sources:
            task = asyncio.ensure_future(self.pump(source))
            task.add_done_callback(self.arrived.put_nowait)
            self.tasks.append(task)

    async def receive(self) -> Items:
        """Items, until all tasks have announced their end or one has failed."""
        for _ in self.tasks:
            while not isinstance(entry := await self.arrived.get(), asyncio.Task):
                self.free.release()
                yield entry
            if not entry.cancelled() and (failure := entry.exception()) is not None:
                raise failure

    async def finish(self) -> None:
        """Cancel what still runs, and wait for its clean-up."""
        running = [task for task in self.tasks if not task.done()]
        await cancel_and_wait(running)
        for task in running:
            if not task.cancelled() and (failure := task.exception()) is not None:
                raise failure

    async def items(self) -> Items:
        """The stream."""
        self.start()
        try:
            async with aclosing(self.receive()) as received:
                async for item in received:
                    yield item
        finally:
            await self.finish()


def merge_by(kind: type[Merge]) -> Callable[..., Gen]:
    """The merge operation whose runs are of this kind."""

    def merge(gens: Sequence[Gen], max_buffer: int = 16) -> Gen:
        if max_buffer < 1:
            raise ValueError(f"max_buffer must be at least 1, not {max_buffer}")
        sources = tuple(gens)
        return lambda: kind(sources, max_buffer).items()

    return merge


merge = merge_by(Merge)


def buffer(gen: Gen, size: int) -> Gen:
    """The stream, pulled ahead."""
    return merge([gen], max_buffer=size)


class Calls:
    """One run of a parallel map: a task reads the source, and each item has a task of its own.

    A finished result goes out whatever the source does; a call takes its place before its item is
    pulled, and gives it back when its result is delivered.
    """

    def __init__(self, gen: Gen, fn: Callable[[Any], Awaitable[Item]], concurrency: int) -> None:
        self.gen, self.fn = gen, fn
        self.free = asyncio.Semaphore(concurrency)
        self.arrived: asyncio.Queue[asyncio.Task[Any]] = asyncio.Queue()
        self.tasks: list[asyncio.Task[Any]] = []

    async def one(self, item: Item) -> Item:
        """The result of one item."""
        return await self.fn(item.value) if isinstance(item, Ok) else item

    async def read(self) -> None:
        """Begin a call for each item."""
        async with aclosing(self.gen()) as items:
            await self.free.acquire()
            async for item in items:
                self.add(self.one(item))
                await self.free.acquire()

    def add(self, call: Coroutine[Any, Any, Any]) -> None:
        """Begin a call, whose result comes behind those of the earlier ones."""
        task = asyncio.ensure_future(call)
        self.tasks.append(task)
        self.arrived.put_nowait(task)

    async def items(self) -> Items:
        """The stream."""
        reader = asyncio.ensure_future(self.read())
        reader.add_done_callback(self.arrived.put_nowait)
        try:
            while (task := await self.arrived.get()) is not reader:
                result = await task
                self.tasks.remove(task)
                self.free.release()
                yield result
            reader.result()
        finally:
            await cancel_and_wait([reader, *self.tasks])
            for left in (reader, *self.tasks):
                # What a clean-up raises now is lost, as is the second of two failures.
                _ = left.cancelled() or left.exception()


def par_map_by(kind: type[Calls]) -> Callable[..., Gen]:
    """The parallel map whose runs are of this kind."""

    def par_map(gen: Gen, fn: Callable[[Any], Awaitable[Item]], concurrency: int) -> Gen:
        if concurrency < 1:
            raise ValueError(f"concurrency must be at least 1, not {concurrency}")
        return lambda: kind(gen, fn, concurrency).items()

    return par_map


par_map = par_map_by(Calls)
"""`fn` on every item that succeeded, several at a time, in the order of the items."""


def chunk(gen: Gen, max_size: int, max_seconds: float | None = None) -> Gen:
    """Values in lists; one ends when full or too old, before a failed item, and at the end."""

    async def stream() -> Items:
        clock = asyncio.get_running_loop().time
        batch: list[Any] = []
        due: float | None = None
        async with aclosing(gen()) as items, aclosing(timed_pulls(items)) as pulls:
            await anext(pulls)
            while True:
                item = await pulls.asend(None if due is None or not batch else due - clock())
                if isinstance(item, Ok):
                    if not batch and max_seconds is not None:
                        due = clock() + max_seconds
                    batch.append(item.value)
                    if len(batch) < max_size:
                        continue
                if batch:
                    yield Ok(batch)
                    batch = []
                if isinstance(item, Exception):
                    raise item
                if item is _End:
                    return
                if isinstance(item, Err):
                    yield item

    return stream


async def timed_pulls(items: Items) -> AsyncGenerator[Any, float | None]:
    """Answer each timeout sent in with an item, an exception, `_End`, or None for "not yet"."""

    async def pull() -> Any:
        try:
            return await anext(items, _End)
        except Exception as exc:
            return exc

    pulling: asyncio.Task[Any] | None = None
    seconds = yield None
    try:
        while True:
            pulling = pulling or asyncio.ensure_future(pull())
            await asyncio.wait({pulling}, timeout=seconds)
            if not pulling.done():
                seconds = yield None
                continue
            answer, pulling = pulling.result(), None
            seconds = yield answer
    finally:
        if pulling is not None:
            await cancel_and_wait([pulling])


def retry(
    make: Callable[[], Awaitable[Item]],
    *,
    attempts: int,
    delays: Sequence[float] = (),
    retry_on: Sequence[str] = (),
) -> Gen:
    """The item of the first attempt that succeeds, fails for good, or is the last."""

    async def stream() -> Items:
        for attempt in range(attempts):
            item = await make()
            last = attempt == attempts - 1
            if last or isinstance(item, Ok) or item.error.code not in retry_on:
                yield item
                return
            await asyncio.sleep(delays[attempt])

    return stream


def timeout(gen: Gen, seconds: float) -> Gen:
    """The stream, as long as no item takes longer than this; else it raises TimeoutError."""

    async def stream() -> Items:
        async with aclosing(gen()) as items:
            while True:
                async with asyncio.timeout(seconds):
                    item = await anext(items, _End)
                # The loop goes round, and drops the timer: a source may always be ready.
                await asyncio.sleep(0)
                if item is _End:
                    return
                yield item

    return stream


RESULT = ResultType(
    ok=Ok,
    err=Err,
    is_ok=lambda item: isinstance(item, Ok),
    is_err=lambda item: isinstance(item, Err),
    value=lambda item: item.value,
    error=lambda item: item.error,
    error_for=lambda code: ErrInfo(code, f"about {code}"),
)

MODEL = StreamInstance(
    name="the plain correct model",
    pure=pure,
    map=mapped,
    bind=bound,
    using=using,
    lift=lift,
    empty=empty,
    merge=merge,
    par_map=par_map,
    buffer=buffer,
    chunk=chunk,
    retry=retry,
    timeout=timeout,
    tee=tee,
    result=RESULT,
    policy=Policy(
        in_step=True,
        exceptions="raise",
        merge_exceptions="raise",
        fairness=1,
        read_ahead=1,
        snapshots_arguments=True,
        one_task_a_source=True,
        stop_iteration="raise",
        frees_without_collector=True,
    ),
)


@dataclass(frozen=True, slots=True)
class Mutant:
    """The model with one defect, and the laws of which each must find it."""

    name: str
    killed_by: tuple[str, ...]
    instance: StreamInstance


def mutant(name: str, *killed_by: str, **operations: Any) -> Mutant:
    """The model with these operations in place of its own."""
    return Mutant(name, killed_by, replace(MODEL, name=name, **operations))
