"""Implementations that are right until something fails: a clean-up, an opening, a call."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Sequence
from contextlib import aclosing, suppress
from typing import Any

from tests.laws.mutants.model import (
    Calls,
    Gen,
    Items,
    Merge,
    Mutant,
    Ok,
    cancel_and_wait,
    mapped,
    merge_by,
    mutant,
    par_map_by,
    timed_pulls,
)


def bound_closing_in_turn(gen: Gen, f: Callable[[Any], Gen]) -> Gen:
    async def stream() -> Items:
        outer, inner = gen(), None
        try:
            async for item in outer:
                if not isinstance(item, Ok):
                    yield item
                    continue
                inner = f(item.value)()
                async for result in inner:
                    yield result
        finally:
            if inner is not None:
                await inner.aclose()
            await outer.aclose()

    return stream


def mapped_hiding_a_clean_up(gen: Gen, f: Callable[[Any], Any]) -> Gen:
    async def stream() -> Items:
        items = gen()
        try:
            async for item in items:
                yield Ok(f(item.value)) if isinstance(item, Ok) else item
        except Exception:
            with suppress(Exception):
                await items.aclose()
            raise
        finally:
            await items.aclose()

    return stream


class MadeByTheConsumer(Merge):
    """Tasks are started one by one, each after its source was made."""

    async def pump_made(self, made: Items) -> None:
        async with aclosing(made) as items:
            async for item in items:
                await self.free.acquire()
                self.arrived.put_nowait(item)

    def start(self) -> None:
        for source in self.sources:
            task = asyncio.ensure_future(self.pump_made(source()))
            task.add_done_callback(self.arrived.put_nowait)
            self.tasks.append(task)


def bound_skipping(gen: Gen, f: Callable[[Any], Gen]) -> Gen:
    async def stream() -> Items:
        async with aclosing(gen()) as items:
            async for item in items:
                if not isinstance(item, Ok):
                    yield item
                    continue
                make = f(item.value)
                try:
                    inner = make()
                except Exception:
                    continue
                async with aclosing(inner):
                    async for result in inner:
                        yield result

    return stream


class Reacquiring:
    """An iterator that holds a resource from its first pull that went well."""

    def __init__(self, acquire: Callable[[], Any], make_stream: Callable[[Any], Gen]) -> None:
        self.acquire, self.make_stream = acquire, make_stream
        self.manager: Any = None
        self.items: Items | None = None

    def __aiter__(self) -> Reacquiring:
        return self

    async def __anext__(self) -> Any:
        if self.items is None:
            manager = self.acquire()
            self.items = self.make_stream(await manager.__aenter__())()
            self.manager = manager
        return await anext(self.items)

    async def aclose(self) -> None:
        manager, self.manager = self.manager, None
        if manager is not None:
            assert self.items is not None
            await self.items.aclose()
            await manager.__aexit__(None, None, None)


def remembering(gen: Gen, f: Callable[[Any], Any]) -> Gen:
    failures: list[Exception] = []

    async def stream() -> Items:
        if failures:
            raise failures[0]
        try:
            async with aclosing(mapped(gen, f)()) as items:
                async for item in items:
                    yield item
        except Exception as exc:
            failures.append(exc)
            raise

    return stream


def fused(gen: Gen, f: Callable[[Any], Any]) -> Gen:
    """A map of a map has one loop; the list of functions is that of the inner one."""
    functions: list[Callable[[Any], Any]] = getattr(gen, "functions", [])
    source: Gen = getattr(gen, "source", gen)
    functions.append(f)

    async def stream() -> Items:
        async with aclosing(source()) as items:
            async for item in items:
                if not isinstance(item, Ok):
                    yield item
                    continue
                value = item.value
                for function in functions:
                    value = function(value)
                yield Ok(value)

    stream.functions, stream.source = functions, source  # type: ignore[attr-defined]
    return stream


class WaitsForItsCalls(Calls):
    async def items(self) -> Items:
        reader = asyncio.ensure_future(self.read())
        reader.add_done_callback(self.arrived.put_nowait)
        try:
            while (task := await self.arrived.get()) is not reader:
                result = await asyncio.shield(task)
                self.tasks.remove(task)
                self.free.release()
                yield result
            reader.result()
        finally:
            await cancel_and_wait([reader])
            if self.tasks:
                await asyncio.wait(self.tasks)
            for left in (reader, *self.tasks):
                _ = left.cancelled() or left.exception()


def impatient(gen: Gen, size: int) -> Gen:
    """A pause is taken for the end."""

    async def stream() -> Items:
        async with aclosing(gen()) as items, aclosing(timed_pulls(items)) as pulls:
            await anext(pulls)
            while True:
                item = await pulls.asend(0.5)
                if isinstance(item, Exception):
                    raise item
                if item is None or isinstance(item, type):
                    return
                yield item

    return stream


def ending_with_its_release(cm_thunk: Callable[[], Any], make_stream: Callable[[Any], Gen]) -> Gen:
    async def stream() -> Items:
        manager = cm_thunk()
        resource = await manager.__aenter__()
        try:
            async with aclosing(make_stream(resource)()) as items:
                async for item in items:
                    yield item
        except BaseException as exc:
            try:
                await manager.__aexit__(type(exc), exc, exc.__traceback__)
            except Exception:
                return
            raise
        await manager.__aexit__(None, None, None)

    return stream


def mapped_closing_generators(gen: Gen, f: Callable[[Any], Any]) -> Gen:
    async def stream() -> Items:
        items = gen()
        try:
            async for item in items:
                yield Ok(f(item.value)) if isinstance(item, Ok) else item
        finally:
            if inspect.isasyncgen(items):
                await items.aclose()

    return stream


MUTANTS: Sequence[Mutant] = (
    mutant("bind closes streams in turn, unguarded", "D1", "D8", bind=bound_closing_in_turn),
    mutant(
        "merge keeps its tasks when a source cannot be made",
        "D1",
        merge=merge_by(MadeByTheConsumer),
    ),
    mutant("bind skips streams that cannot be made", "D2", bind=bound_skipping),
    mutant(
        "using acquires again after a failure",
        "D3",
        using=lambda acquire, make: lambda: Reacquiring(acquire, make),
    ),
    mutant("map remembers a failure", "D4", map=remembering),
    mutant("map of a map changes the inner one", "D5", map=fused),
    mutant("par_map waits for its calls", "D6", par_map=par_map_by(WaitsForItsCalls)),
    mutant("buffer takes a pause for the end", "D7", buffer=impatient),
    mutant("map hides a clean-up behind an exception", "D8", map=mapped_hiding_a_clean_up),
    mutant("using ends when its release fails", "D8", using=ending_with_its_release),
    mutant("map closes generators only", "D9", map=mapped_closing_generators),
)
