"""Wrong ways to merge streams, and to map in parallel."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import aclosing, suppress
from typing import Any

from tests.laws.mutants.model import (
    Gen,
    Items,
    Merge,
    cancel_and_wait,
    merge_by,
    mutant,
)


class PutsDoneInFinally(Merge):
    """The end of a source goes through the bounded buffer, also when the merge is being closed."""

    def __init__(self, sources: Sequence[Gen], max_buffer: int) -> None:
        super().__init__(sources, max_buffer)
        self.arrived = asyncio.Queue(max_buffer)

    async def pump(self, source: Gen) -> None:
        try:
            async with aclosing(source()) as items:
                async for item in items:
                    await self.arrived.put(item)
        finally:
            await self.arrived.put(None)

    def start(self) -> None:
        self.tasks = [asyncio.ensure_future(self.pump(source)) for source in self.sources]

    async def receive(self) -> Items:
        for _ in self.tasks:
            while (entry := await self.arrived.get()) is not None:
                yield entry


class DropsDoneWhenFull(PutsDoneInFinally):
    """The end of a source is lost when there is no room for it."""

    async def pump(self, source: Gen) -> None:
        try:
            async with aclosing(source()) as items:
                async for item in items:
                    await self.arrived.put(item)
        finally:
            with suppress(asyncio.QueueFull):
                self.arrived.put_nowait(None)


class SkipsDoneOnError(PutsDoneInFinally):
    """A source that fails, or fails to close, is never announced as done."""

    async def pump(self, source: Gen) -> None:
        async with aclosing(source()) as items:
            async for item in items:
                await self.arrived.put(item)
        self.arrived.put_nowait(None)


class NeverCancels(Merge):
    async def finish(self) -> None:
        """The tasks are left to themselves."""


class DoesNotAwait(Merge):
    async def finish(self) -> None:
        for task in self.tasks:
            task.cancel()


class SwallowsCancelWhileClosing(Merge):
    async def finish(self) -> None:
        with suppress(asyncio.CancelledError):
            await super().finish()


class WaitsForSources(Merge):
    """Closing waits for the sources to end by themselves."""

    async def finish(self) -> None:
        await asyncio.gather(*self.tasks, return_exceptions=True)


class FirstOfDone(Merge):
    """Of the sources that are ready at the same time, only one is heard."""

    async def receive(self) -> Items:
        async with asyncio.timeout(None):
            pending: dict[asyncio.Future[Any], Items] = {}
            for source in self.sources:
                items = source()
                pending[asyncio.ensure_future(anext(items, None))] = items
            try:
                while pending:
                    done, _ = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
                    for lost in list(done)[1:]:
                        items = pending.pop(lost)
                        pending[asyncio.ensure_future(anext(items, None))] = items
                    first = next(iter(done))
                    items = pending.pop(first)
                    if first.result() is not None:
                        pending[asyncio.ensure_future(anext(items, None))] = items
                        yield first.result()
            finally:
                await cancel_and_wait(pending)  # type: ignore[arg-type]
                for items in pending.values():
                    await items.aclose()

    def start(self) -> None:
        """There are no tasks that outlive an item."""


class ChecksRoomOnce(Merge):
    """Whoever has waited for a free place takes it, though another may have been quicker."""

    def __init__(self, sources: Sequence[Gen], max_buffer: int) -> None:
        super().__init__(sources, max_buffer)
        self.room = asyncio.Condition()
        self.limit = max_buffer

    async def pump(self, source: Gen) -> None:
        async with aclosing(source()) as items:
            async for item in items:
                async with self.room:
                    if self.arrived.qsize() >= self.limit:
                        await self.room.wait()
                    self.arrived.put_nowait(item)

    async def receive(self) -> Items:
        for _ in self.tasks:
            while not isinstance(entry := await self.arrived.get(), asyncio.Task):
                async with self.room:
                    self.room.notify_all()
                yield entry
            if not entry.cancelled() and (failure := entry.exception()) is not None:
                raise failure


class ClearsAfterWaiting(Merge):
    """A flag that is cleared after the wait: what arrived in between is slept over."""

    def __init__(self, sources: Sequence[Gen], max_buffer: int) -> None:
        super().__init__(sources, max_buffer)
        self.buffer: list[Any] = []
        self.flag = asyncio.Event()
        self.running = len(sources)

    async def pump(self, source: Gen) -> None:
        async with aclosing(source()) as items:
            async for item in items:
                await self.free.acquire()
                self.buffer.append(item)
                self.flag.set()

    def start(self) -> None:
        super().start()
        for task in self.tasks:
            task.add_done_callback(self.ended)

    def ended(self, task: asyncio.Task[None]) -> None:
        self.running -= 1
        self.flag.set()

    async def receive(self) -> Items:
        while self.running or self.buffer:
            while self.buffer:
                self.free.release()
                yield self.buffer.pop(0)
            await self.flag.wait()
            await asyncio.sleep(0)
            self.flag.clear()
        for task in self.tasks:
            if not task.cancelled() and (failure := task.exception()) is not None:
                raise failure


class Unbounded(Merge):
    async def pump(self, source: Gen) -> None:
        async with aclosing(source()) as items:
            async for item in items:
                self.arrived.put_nowait(item)


class SwallowsExceptions(Merge):
    async def pump(self, source: Gen) -> None:
        with suppress(Exception):
            await super().pump(source)


class TakesTimeoutForTheEnd(Merge):
    async def pump(self, source: Gen) -> None:
        with suppress(TimeoutError):
            await super().pump(source)


class LeavesSuspendedSources(Merge):
    """A task that is cancelled between two items leaves its source as it is."""

    async def pump(self, source: Gen) -> None:
        async for item in source():
            await self.free.acquire()
            self.arrived.put_nowait(item)


class CountsASourceTwice(Merge):
    """A source that is empty says so, and so does its task."""

    async def pump(self, source: Gen) -> None:
        async with aclosing(source()) as items:
            first = await anext(items, None)
            if first is None:
                self.arrived.put_nowait(asyncio.current_task())
                return
            await self.free.acquire()
            self.arrived.put_nowait(first)
            async for item in items:
                await self.free.acquire()
                self.arrived.put_nowait(item)

    async def receive(self) -> Items:
        for _ in self.tasks:
            while not isinstance(entry := await self.arrived.get(), asyncio.Task):
                self.free.release()
                yield entry


class RaisesBeforeClosing(Merge):
    """The siblings of a source that failed are closed later, by nobody in particular."""

    async def items(self) -> Items:
        self.start()
        try:
            async with aclosing(self.receive()) as received:
                async for item in received:
                    yield item
        except Exception:
            for task in self.tasks:
                task.cancel()
            raise
        except BaseException:
            await self.finish()
            raise


class OpensOutsideTry(PutsDoneInFinally):
    """A source that cannot be opened is never announced as done."""

    async def pump(self, source: Gen) -> None:
        items = source()
        try:
            async with aclosing(items):
                async for item in items:
                    await self.arrived.put(item)
        finally:
            with suppress(asyncio.QueueFull):
                self.arrived.put_nowait(None)

    def __init__(self, sources: Sequence[Gen], max_buffer: int) -> None:
        super().__init__(sources, max_buffer)
        self.arrived = asyncio.Queue()


class WaitsForNobody(Merge):
    async def receive(self) -> Items:
        while not self.tasks:
            await asyncio.get_running_loop().create_future()
        async for item in super().receive():
            yield item


class OneAfterTheOther(Merge):
    """The sources are drained in turn."""

    def start(self) -> None:
        """There are no tasks."""

    async def receive(self) -> Items:
        for source in self.sources:
            async with aclosing(source()) as items:
                async for item in items:
                    yield item


class ClosedByConsumer(Merge):
    """The tasks only pull; the consumer's task closes the sources."""

    def __init__(self, sources: Sequence[Gen], max_buffer: int) -> None:
        super().__init__(sources, max_buffer)
        self.opened: list[Items] = []

    async def pump(self, source: Gen) -> None:
        items = source()
        self.opened.append(items)
        while True:
            pulled = await anext(items, None)
            if pulled is None:
                return
            await self.free.acquire()
            self.arrived.put_nowait(pulled)

    async def finish(self) -> None:
        # Cancelled only while they wait for room, so that the close finds the sources suspended.
        await super().finish()
        for items in self.opened:
            await items.aclose()


class PulledByManyTasks(ClosedByConsumer):
    """Every pull is a task of its own; the source is closed by whoever comes last."""

    async def pump(self, source: Gen) -> None:
        items = source()
        self.opened.append(items)
        while True:
            pulled = await asyncio.ensure_future(pull(items))
            if pulled is None:
                return
            await self.free.acquire()
            self.arrived.put_nowait(pulled)


async def pull(items: Items) -> Any:
    return await anext(items, None)


class CountsDoneItems(Merge):
    """The end is counted in items: a source that is done counts again with its buffered items."""

    async def receive(self) -> Items:
        done = 0
        while done < len(self.tasks):
            entry = await self.arrived.get()
            if isinstance(entry, asyncio.Task):
                done += 1
                continue
            self.free.release()
            yield entry
            done += sum(task.done() for task in self.tasks) > 1


class SourceCancelIsFatal(Merge):
    """A source's own cancellation is passed to the consumer's task."""

    async def receive(self) -> Items:
        task = asyncio.current_task()
        assert task is not None
        for _ in self.tasks:
            while not isinstance(entry := await self.arrived.get(), asyncio.Task):
                self.free.release()
                yield entry
            if entry.cancelled():
                task.cancel()
                await asyncio.sleep(0)
            if (failure := entry.exception()) is not None:
                raise failure


class SourceCancelHangs(SkipsDoneOnError):
    """A source that ends by its own cancellation is never announced as done."""


class TaskPerItem(Merge):
    """Every item is handed over by a task of its own, at its own pace."""

    async def pump(self, source: Gen) -> None:
        handing: list[asyncio.Task[None]] = []
        try:
            async with aclosing(source()) as items:
                async for item in items:
                    handing.append(asyncio.ensure_future(self.hand(item, len(handing))))
            await asyncio.gather(*handing)
        finally:
            await cancel_and_wait(handing)

    async def hand(self, item: Any, number: int) -> None:
        for _ in range(number % 2, 2):
            await asyncio.sleep(0)
        self.arrived.put_nowait(item)


class DrainsFirstReady(Merge):
    """A source that is pulled keeps the floor as long as it does not suspend."""

    async def pump(self, source: Gen) -> None:
        async with aclosing(source()) as items:
            async for item in items:
                if self.free.locked():
                    await self.free.acquire()
                self.arrived.put_nowait(item)


MUTANTS = (
    mutant("merge puts its end marker in finally", "G9", merge=merge_by(PutsDoneInFinally)),
    mutant("merge drops its end marker when full", "G4", merge=merge_by(DropsDoneWhenFull)),
    mutant("merge never cancels its tasks", "G10", "C2", merge=merge_by(NeverCancels)),
    mutant("merge cancels but does not await", "G10", merge=merge_by(DoesNotAwait)),
    mutant(
        "merge swallows a cancel while it closes",
        "C8",
        merge=merge_by(SwallowsCancelWhileClosing),
    ),
    mutant("merge waits for its sources on close", "G5", merge=merge_by(WaitsForSources)),
    mutant("merge keeps only the first of done", "G1", merge=merge_by(FirstOfDone)),
    mutant("merge checks for room only once", "B2", merge=merge_by(ChecksRoomOnce)),
    mutant("merge clears its flag after waiting", "G4", merge=merge_by(ClearsAfterWaiting)),
    mutant("merge has no bound", "B1", "B4", merge=merge_by(Unbounded)),
    mutant("merge swallows a source's exception", "G7", merge=merge_by(SwallowsExceptions)),
    mutant(
        "merge takes a source's timeout for its end", "E4", merge=merge_by(TakesTimeoutForTheEnd)
    ),
    mutant("merge leaves suspended sources", "G10", merge=merge_by(LeavesSuspendedSources)),
    mutant("merge counts a source twice", "G1", "G3", merge=merge_by(CountsASourceTwice)),
    mutant("merge raises before its sources are closed", "G7", merge=merge_by(RaisesBeforeClosing)),
    mutant("merge opens a source outside try", "G8", merge=merge_by(OpensOutsideTry)),
    mutant("merge of nothing waits for ever", "G3", merge=merge_by(WaitsForNobody)),
    mutant("merge drains its sources one by one", "G5", merge=merge_by(OneAfterTheOther)),
    mutant("merge closes sources from the consumer", "G14", merge=merge_by(ClosedByConsumer)),
    mutant("merge pulls each item in a task", "G14", merge=merge_by(PulledByManyTasks)),
    mutant("merge skips the end marker on an error", "G11", merge=merge_by(SkipsDoneOnError)),
    mutant("merge counts its end in items", "G1", "G4", merge=merge_by(CountsDoneItems)),
    mutant("merge passes a source's cancel on", "C5", merge=merge_by(SourceCancelIsFatal)),
    mutant("merge hands items over in tasks", "G2", "O2", merge=merge_by(TaskPerItem)),
    mutant("merge drains the first ready source", "G6", merge=merge_by(DrainsFirstReady)),
)
