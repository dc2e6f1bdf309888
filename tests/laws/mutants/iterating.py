"""Wrong hand-written iterators, and wrong ways to treat a cancel, around a right map."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing, suppress
from typing import Any

from tests.laws.mutants.holding import Maker, Managers
from tests.laws.mutants.mapping import Function, applied
from tests.laws.mutants.model import Gen, Items, bound, mapped, mutant, using


class Iterator:
    """A right iterator around a right map; each mutant overrides one method."""

    def __init__(self, gen: Gen, f: Function) -> None:
        self.gen, self.f = gen, f
        self.items = mapped(gen, f)()

    def __aiter__(self) -> Any:
        return self

    async def __anext__(self) -> Any:
        return await anext(self.items)

    async def aclose(self) -> None:
        await self.items.aclose()


def map_by(kind: type[Iterator]) -> Callable[[Gen, Function], Callable[[], Any]]:
    """The map operation whose runs are of this kind."""
    return lambda gen, f: lambda: kind(gen, f)


class StartsInCall(Iterator):
    """The first item is pulled as soon as the iterator is made."""

    def __init__(self, gen: Gen, f: Function) -> None:
        super().__init__(gen, f)
        self.first: asyncio.Future[Any] | None = asyncio.ensure_future(self.pull())

    async def pull(self) -> Any:
        return await anext(self.items, None)

    async def __anext__(self) -> Any:
        if self.first is None:
            return await anext(self.items)
        first, self.first = self.first, None
        item = await first
        if item is None:
            raise StopAsyncIteration
        return item


class IteratesAnew(Iterator):
    def __aiter__(self) -> Any:
        return Iterator(self.gen, self.f)


class GoesOnAfterException(Iterator):
    """An exception makes it start over."""

    async def __anext__(self) -> Any:
        try:
            return await anext(self.items)
        except Exception as exc:
            if not isinstance(exc, StopAsyncIteration):
                self.items = mapped(self.gen, self.f)()
            raise


class OpensToClose(Iterator):
    """Closing pulls an item first, so that there is something to close."""

    async def aclose(self) -> None:
        await anext(self.items, None)
        await self.items.aclose()


class IgnoresClose(Iterator):
    async def aclose(self) -> None:
        """The source lives on, and so does this."""


class SharesPull(Iterator):
    """Two pulls at once wait for, and get, the same item; by its methods, an async generator."""

    pulling: asyncio.Future[Any] | None = None

    async def asend(self, value: Any) -> Any:
        return await self.items.asend(value)

    async def athrow(self, *exc_info: Any) -> Any:
        return await self.items.athrow(*exc_info)

    async def __anext__(self) -> Any:
        if self.pulling is None:
            self.pulling = asyncio.ensure_future(self.pull())
        pulling = self.pulling
        item = await pulling
        if self.pulling is pulling:
            self.pulling = None
        if item is None:
            raise StopAsyncIteration
        return item

    async def pull(self) -> Any:
        return await anext(self.items, None)


def swallows_thrown(gen: Gen, f: Function) -> Gen:
    async def stream() -> Items:
        async with aclosing(gen()) as items:
            async for item in items:
                with suppress(Exception):
                    yield applied(f, item)

    return stream


def cancels_again(gen: Gen, f: Function) -> Gen:
    async def stream() -> Items:
        task = asyncio.current_task()
        assert task is not None
        async with aclosing(gen()) as items:
            try:
                async for item in items:
                    yield applied(f, item)
            except asyncio.CancelledError:
                task.cancel()
                raise

    return stream


def shares_cancel(gen: Gen, f: Function) -> Gen:
    pulls: set[asyncio.Future[Any]] = set()

    async def pull(items: Items) -> Any:
        return await anext(items, None)

    async def stream() -> Items:
        async with aclosing(gen()) as items:
            while True:
                pulling = asyncio.ensure_future(pull(items))
                pulls.add(pulling)
                try:
                    item = await pulling
                except asyncio.CancelledError:
                    for other in pulls:
                        other.cancel()
                    await asyncio.wait({pulling})
                    raise
                pulls.discard(pulling)
                if item is None:
                    return
                yield applied(f, item)

    return stream


def leaves_outer_open(gen: Gen, f: Callable[[Any], Gen]) -> Gen:
    """What ends a bind before its outer stream has ended does not close that stream."""
    opened: list[Items] = []

    class Unclosed:
        def __init__(self) -> None:
            self.items = gen()
            opened.append(self.items)

        def __aiter__(self) -> Unclosed:
            return self

        async def __anext__(self) -> Any:
            return await anext(self.items)

        async def aclose(self) -> None:
            """Nothing is closed here."""

    return bound(Unclosed, f)  # type: ignore[arg-type]


def holds_in_a_cycle(cm_thunk: Managers, make_stream: Maker) -> Gen:
    class Selfish:
        def __init__(self) -> None:
            self.manager = cm_thunk()
            self.itself = self

        async def __aenter__(self) -> Any:
            return await self.manager.__aenter__()

        async def __aexit__(self, *exc_info: Any) -> Any:
            return await self.manager.__aexit__(*exc_info)

    return using(Selfish, make_stream)


def releases_again_when_cancelled(cm_thunk: Managers, make_stream: Maker) -> Gen:
    class Insistent:
        def __init__(self) -> None:
            self.manager = cm_thunk()

        async def __aenter__(self) -> Any:
            return await self.manager.__aenter__()

        async def __aexit__(self, *exc_info: Any) -> Any:
            try:
                return await self.manager.__aexit__(*exc_info)
            except asyncio.CancelledError:
                await self.manager.__aexit__(*exc_info)
                raise

    return using(Insistent, make_stream)


def ends_quietly_when_cancelled(cm_thunk: Managers, make_stream: Maker) -> Gen:
    async def stream() -> Items:
        with suppress(asyncio.CancelledError):
            async with aclosing(using(cm_thunk, make_stream)()) as items:
                async for item in items:
                    yield item

    return stream


MUTANTS = (
    mutant("map pulls as soon as it is opened", "Z1", map=map_by(StartsInCall)),
    mutant("map iterates anew in aiter()", "I1", map=map_by(IteratesAnew)),
    mutant("map starts over after an exception", "I3", map=map_by(GoesOnAfterException)),
    mutant("map opens its source to close it", "I4", map=map_by(OpensToClose)),
    mutant("map goes on after aclose", "I6", "S14", map=map_by(IgnoresClose)),
    mutant("map gives one item to two pulls", "I7", map=map_by(SharesPull)),
    mutant("map swallows what is thrown in", "I8", map=swallows_thrown),
    mutant("map cancels its task once more", "C3", map=cancels_again),
    mutant("map shares a cancel between runs", "C7", map=shares_cancel),
    mutant("bind leaves its outer stream open on a cancel", "C2", bind=leaves_outer_open),
    mutant("using holds its resource in a cycle", "O3", using=holds_in_a_cycle),
    mutant("using releases again when cancelled", "C4", using=releases_again_when_cancelled),
    mutant("using ends quietly when cancelled", "S6", "C1", using=ends_quietly_when_cancelled),
)
