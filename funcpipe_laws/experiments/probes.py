"""What laws put into a library's hands: sources, functions and resources that log to the world.

What each of them does is told by a plain value of `scripts`; a `Bench` makes them.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import aclosing
from typing import Any

from funcpipe_laws.declared.instance import StreamInstance, Value
from funcpipe_laws.experiments.scripts import (
    Hang,
    ItemFn,
    ProbeError,
    Raise,
    Resource,
    Script,
    Step,
    pick,
)
from funcpipe_laws.simulation.loops.environment import Livelock
from funcpipe_laws.simulation.world import World

RUNAWAY = 3_000
"""An endless source stops a consumer that has pulled this many items."""


async def stream_of(
    world: World, instance: StreamInstance, name: str, script: Script
) -> AsyncGenerator[Any, None]:
    """One run of a source."""
    run = world.opening(name)
    reason = "end"
    callouts = world.callouts
    world.note(name, "open", run=run)
    try:
        if not script.ready:
            await world.point(f"{name} open")
        if callouts.watching:
            await callouts.awaited(name, "open", run)
        for index, step in enumerate(_steps(script)):
            world.note(name, "pull", index, run)
            if not script.ready:
                await world.point(f"{name} item {index}")
            if callouts.watching:
                await callouts.awaited(name, "item", run, index)
            if isinstance(step, Raise):
                raise step.make()
            if isinstance(step, Hang):
                await world.never()
            else:
                world.note(name, "give", step, run)
                yield instance.make_item(step)
        world.note(name, "pull", None, run)
        if not script.ready:
            await world.point(f"{name} end")
        if callouts.watching:
            await callouts.awaited(name, "end", run)
    except BaseException as exc:
        reason = "closed" if isinstance(exc, GeneratorExit) else type(exc).__name__
        raise
    finally:
        world.note(name, "closing", reason, run)
        if not script.ready:
            await world.point(f"{name} close", prompt=True)
        try:
            if callouts.watching:
                await callouts.awaited(name, "close", run)
        finally:
            world.note(name, "close", reason, run)


FORMS = {
    "aclose": "an iterator class",
    "no aclose": "an iterator class without aclose()",
    "aclose raises": "an iterator class whose aclose() raises",
    "yields on": "a generator that yields while it is closed",
}
"""Forms of a source besides a plain generator."""


class _Iterator:
    """One run of a source, by hand: it ends, fails or is closed once."""

    def __init__(self, items: AsyncGenerator[Any, None]) -> None:
        self._items = items

    def __aiter__(self) -> _Iterator:
        return self

    async def __anext__(self) -> Any:
        return await anext(self._items)


class _Closable(_Iterator):
    async def aclose(self) -> None:
        await self._items.aclose()


class _Failing(_Iterator):
    async def aclose(self) -> None:
        await self._items.aclose()
        raise ProbeError("aclose() fails")


async def _yielding_on(items: AsyncGenerator[Any, None]) -> AsyncGenerator[Any, None]:
    try:
        async for item in items:
            yield item
    except GeneratorExit:
        await items.aclose()
        yield None  # funcpipe: ignore[FP306] this form is about that


def iterator(world: World, instance: StreamInstance, name: str, script: Script, form: str) -> Any:
    """One run of a source of another form than a generator; what it does is the same."""
    items = stream_of(world, instance, name, script)
    kinds = {"aclose": _Closable, "no aclose": _Iterator, "aclose raises": _Failing}
    return kinds[form](items) if form in kinds else _yielding_on(items)


def iterator_of(world: World, instance: StreamInstance, name: str, script: Script) -> Iterator[Any]:
    """One run of a source of a library of synchronous streams."""
    run = world.opening(name)
    reason = "end"
    callouts = world.callouts
    world.note(name, "open", run=run)
    try:
        if callouts.watching:
            callouts.called(name, "open", run)
        for index, step in enumerate(_steps(script)):
            world.note(name, "pull", index, run)
            if callouts.watching:
                callouts.called(name, "item", run, index)
            if isinstance(step, Raise):
                raise step.make()
            assert not isinstance(step, Hang), "a synchronous source cannot wait"
            world.note(name, "give", step, run)
            yield instance.make_item(step)
        world.note(name, "pull", None, run)
        if callouts.watching:
            callouts.called(name, "end", run)
    except BaseException as exc:
        reason = "closed" if isinstance(exc, GeneratorExit) else type(exc).__name__
        raise
    finally:
        world.note(name, "closing", reason, run)
        try:
            if callouts.watching:
                callouts.called(name, "close", run)
        finally:
            world.note(name, "close", reason, run)


async def value_of(world: World, instance: StreamInstance, name: str, script: Script) -> Any:
    """One run of a source of a library of single values: the script's first item."""
    async with aclosing(stream_of(world, instance, name, script)) as items:
        async for item in items:
            return item
    raise LookupError("a single value needs a script of one item")


def _steps(script: Script) -> Iterator[Step]:
    yield from script.items
    if script.endless:
        for _ in range(RUNAWAY // len(script.items)):
            yield from script.items
        raise Livelock(f"an endless source was pulled {RUNAWAY} times")


async def _one(item: Any) -> AsyncGenerator[Any, None]:
    yield item


def _one_in_sync(item: Any) -> Iterator[Any]:
    yield item


async def _one_value(item: Any) -> Any:
    return item


ONE: dict[str, Callable[[Any], Any]] = {
    "stream": _one,
    "sync": _one_in_sync,
    "value": _one_value,
}
"""One item, from a source of each kind that logs nothing."""


def function(world: World, name: str, fn: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A logged function."""

    def probe(argument: Any) -> Any:
        world.note(name, "call", argument)
        if world.callouts.watching:
            world.callouts.called(name, "call")
        return fn(argument)

    return probe


def coroutine_function(
    world: World, instance: StreamInstance, name: str, fn: ItemFn
) -> Callable[[Any], Awaitable[Any]]:
    """A logged coroutine function; each call awaits one external event."""

    async def probe(argument: Any) -> Any:
        run = world.opening(name)
        world.note(name, "call", argument, run)
        await world.point(f"{name} result")
        if world.callouts.watching:
            await world.callouts.awaited(name, "call", run)
        result = pick(fn.results, argument) if fn.results else Value(argument)
        if isinstance(result, Raise):
            raise result.make()
        world.note(name, "return", result, run)
        return instance.make_item(result)

    return probe


class _AsyncManager:
    """One use of a `Resource`."""

    def __init__(self, world: World, name: str, plan: Resource) -> None:
        self.world, self.name, self.plan = world, name, plan
        self.run = -1

    async def __aenter__(self) -> Any:
        self.run = self.world.opening(self.name)
        self.world.note(self.name, "acquire", None, self.run)
        if not self.plan.ready:
            await self.world.point(f"{self.name} acquire")
        if self.world.callouts.watching:
            await self.world.callouts.awaited(self.name, "acquire", self.run)
        if self.plan.enter is not None:
            raise self.plan.enter.make()
        self.world.note(self.name, "acquired", None, self.run)
        return self

    async def __aexit__(self, kind: Any, exc: BaseException | None, trace: Any) -> bool:
        told = None if exc is None else type(exc).__name__
        self.world.note(self.name, "release", told, self.run)
        if not self.plan.ready:
            await self.world.point(f"{self.name} release", prompt=True)
        try:
            if self.world.callouts.watching:
                await self.world.callouts.awaited(self.name, "release", self.run)
        finally:
            self.world.note(self.name, "released", None, self.run)
        if self.plan.exit is not None:
            raise self.plan.exit.make()
        return self.plan.suppress


class _SyncManager:
    """One use of a `Resource` in a library of synchronous streams."""

    def __init__(self, world: World, name: str, plan: Resource) -> None:
        self.world, self.name, self.plan = world, name, plan
        self.run = -1

    def __enter__(self) -> Any:
        self.run = self.world.opening(self.name)
        self.world.note(self.name, "acquire", None, self.run)
        if self.world.callouts.watching:
            self.world.callouts.called(self.name, "acquire", self.run)
        if self.plan.enter is not None:
            raise self.plan.enter.make()
        self.world.note(self.name, "acquired", None, self.run)
        return self

    def __exit__(self, kind: Any, exc: BaseException | None, trace: Any) -> bool:
        told = None if exc is None else type(exc).__name__
        self.world.note(self.name, "release", told, self.run)
        try:
            if self.world.callouts.watching:
                self.world.callouts.called(self.name, "release", self.run)
        finally:
            self.world.note(self.name, "released", None, self.run)
        if self.plan.exit is not None:
            raise self.plan.exit.make()
        return self.plan.suppress


def manager(world: World, instance: StreamInstance, name: str, plan: Resource) -> Callable[[], Any]:
    """A thunk of context managers that log, as `using` takes it."""
    kind = _SyncManager if instance.kind == "sync" else _AsyncManager
    return lambda: kind(world, name, plan)
