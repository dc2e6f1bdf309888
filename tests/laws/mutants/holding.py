"""Wrong ways to hold a resource while a stream runs."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from contextlib import AsyncExitStack, aclosing, suppress
from typing import Any

from tests.laws.mutants.model import Err, Gen, Items, mutant, using

Managers = Callable[[], Any]
Maker = Callable[[Any], Gen]


def calls_thunk_at_construction(cm_thunk: Managers, make_stream: Maker) -> Gen:
    early = [cm_thunk()]
    return using(lambda: early.pop() if early else cm_thunk(), make_stream)


def releases_before_inner(cm_thunk: Managers, make_stream: Maker) -> Gen:
    async def stream() -> Items:
        manager = cm_thunk()
        items = make_stream(await manager.__aenter__())()
        try:
            async for item in items:
                yield item
        except BaseException:
            if not await manager.__aexit__(*sys.exc_info()):
                raise
        else:
            await manager.__aexit__(None, None, None)
        finally:
            await items.aclose()

    return stream


def shares_one_acquisition(cm_thunk: Managers, make_stream: Maker) -> Gen:
    users = 0
    manager: Any = None
    resource: Any = None

    async def stream() -> Items:
        nonlocal users, manager, resource
        users += 1
        if manager is None:
            manager = cm_thunk()
            resource = await manager.__aenter__()
        try:
            async with aclosing(make_stream(resource)()) as items:
                async for item in items:
                    yield item
        finally:
            users -= 1
            if not users:
                await manager.__aexit__(None, None, None)

    return stream


def closed_by_any_user(cm_thunk: Managers, make_stream: Maker) -> Gen:
    managers: list[Any] = []

    async def stream() -> Items:
        manager = cm_thunk()
        managers.append(manager)
        try:
            async with aclosing(make_stream(await manager.__aenter__())()) as items:
                async for item in items:
                    yield item
        finally:
            while managers:
                await managers.pop().__aexit__(None, None, None)

    return stream


def hides_exception(cm_thunk: Managers, make_stream: Maker) -> Gen:
    async def stream() -> Items:
        manager = cm_thunk()
        resource = await manager.__aenter__()
        try:
            async with aclosing(make_stream(resource)()) as items:
                async for item in items:
                    yield item
        finally:
            await manager.__aexit__(None, None, None)

    return stream


def no_release_after_err(cm_thunk: Managers, make_stream: Maker) -> Gen:
    async def stream() -> Items:
        async with AsyncExitStack() as stack:
            resource = await stack.enter_async_context(cm_thunk())
            async with aclosing(make_stream(resource)()) as items:
                async for item in items:
                    if isinstance(item, Err):
                        stack.pop_all()
                    yield item

    return stream


def releases_at_end_only(cm_thunk: Managers, make_stream: Maker) -> Gen:
    async def stream() -> Items:
        manager = cm_thunk()
        async with aclosing(make_stream(await manager.__aenter__())()) as items:
            async for item in items:
                yield item
        await manager.__aexit__(None, None, None)

    return stream


def no_release_on_exception(cm_thunk: Managers, make_stream: Maker) -> Gen:
    async def stream() -> Items:
        manager = cm_thunk()
        resource = await manager.__aenter__()
        try:
            async with aclosing(make_stream(resource)()) as items:
                async for item in items:
                    yield item
        except Exception:
            raise
        except BaseException:
            await manager.__aexit__(*sys.exc_info())
            raise
        else:
            await manager.__aexit__(None, None, None)

    return stream


def releases_in_background(cm_thunk: Managers, make_stream: Maker) -> Gen:
    async def stream() -> Items:
        manager = cm_thunk()
        resource = await manager.__aenter__()
        try:
            async with aclosing(make_stream(resource)()) as items:
                async for item in items:
                    yield item
        finally:
            tasks.add(asyncio.ensure_future(manager.__aexit__(None, None, None)))

    tasks: set[asyncio.Future[Any]] = set()
    return stream


def gap_before_try(cm_thunk: Managers, make_stream: Maker) -> Gen:
    async def stream() -> Items:
        manager = cm_thunk()
        resource = await manager.__aenter__()
        await asyncio.sleep(0)
        async with AsyncExitStack() as stack:
            stack.push_async_exit(manager)
            async with aclosing(make_stream(resource)()) as items:
                async for item in items:
                    yield item

    return stream


def swallows_exception(cm_thunk: Managers, make_stream: Maker) -> Gen:
    async def stream() -> Items:
        manager = cm_thunk()
        resource = await manager.__aenter__()
        try:
            async with aclosing(make_stream(resource)()) as items:
                async for item in items:
                    yield item
        except Exception:
            await manager.__aexit__(*sys.exc_info())
        except BaseException:
            await manager.__aexit__(*sys.exc_info())
            raise
        else:
            await manager.__aexit__(None, None, None)

    return stream


class _QuietExit:
    """A manager whose exit never raises."""

    def __init__(self, manager: Any) -> None:
        self.manager = manager

    async def __aenter__(self) -> Any:
        return await self.manager.__aenter__()

    async def __aexit__(self, *exc_info: Any) -> Any:
        with suppress(Exception):
            return await self.manager.__aexit__(*exc_info)
        return False


def swallows_release_error(cm_thunk: Managers, make_stream: Maker) -> Gen:
    return using(lambda: _QuietExit(cm_thunk()), make_stream)


def yields_after_release(cm_thunk: Managers, make_stream: Maker) -> Gen:
    async def stream() -> Items:
        async with cm_thunk() as resource, aclosing(make_stream(resource)()) as items:
            collected = [item async for item in items]
        for item in collected:
            yield item

    return stream


def makes_stream_before_enter(cm_thunk: Managers, make_stream: Maker) -> Gen:
    async def stream() -> Items:
        manager = cm_thunk()
        async with aclosing(make_stream(manager)()) as items, manager:
            async for item in items:
                yield item

    return stream


def makes_stream_outside_try(cm_thunk: Managers, make_stream: Maker) -> Gen:
    async def stream() -> Items:
        manager = cm_thunk()
        made = make_stream(await manager.__aenter__())
        async with AsyncExitStack() as stack:
            stack.push_async_exit(manager)
            async with aclosing(made()) as items:
                async for item in items:
                    yield item

    return stream


def releases_in_order_of_acquisition() -> Callable[[Managers, Maker], Gen]:
    """Nested scopes leave their managers to the outermost one, which starts with the oldest."""
    depth = 0
    managers: list[Any] = []

    def using_fifo(cm_thunk: Managers, make_stream: Maker) -> Gen:
        async def stream() -> Items:
            nonlocal depth
            depth += 1
            try:
                manager = cm_thunk()
                resource = await manager.__aenter__()
                managers.append(manager)
                async with aclosing(make_stream(resource)()) as items:
                    async for item in items:
                        yield item
            finally:
                depth -= 1
                while not depth and managers:
                    await managers.pop(0).__aexit__(None, None, None)

        return stream

    return using_fifo


def leaves_inner_open(cm_thunk: Managers, make_stream: Maker) -> Gen:
    async def stream() -> Items:
        async with cm_thunk() as resource:
            async for item in make_stream(resource)():
                yield item

    return stream


class _ReleasesAgain:
    """An iterator that releases in `aclose`, whether or not the end has released before."""

    def __init__(self, cm_thunk: Managers, make_stream: Maker) -> None:
        self.manager: Any = None

        def remembered() -> Any:
            self.manager = cm_thunk()
            return self.manager

        self.items = using(remembered, make_stream)()
        self.ended = False

    def __aiter__(self) -> _ReleasesAgain:
        return self

    async def __anext__(self) -> Any:
        try:
            return await anext(self.items)
        except StopAsyncIteration:
            self.ended = True
            raise

    async def aclose(self) -> None:
        await self.items.aclose()
        if self.ended and self.manager is not None:
            await self.manager.__aexit__(None, None, None)


def releases_again_on_aclose(cm_thunk: Managers, make_stream: Maker) -> Callable[[], Any]:
    return lambda: _ReleasesAgain(cm_thunk, make_stream)


def yields_while_closing(cm_thunk: Managers, make_stream: Maker) -> Gen:
    async def stream() -> Items:
        try:
            async with cm_thunk() as resource, aclosing(make_stream(resource)()) as items:
                async for item in items:
                    yield item
        except GeneratorExit:
            yield Err("closed")

    return stream


def exits_after_failed_enter(cm_thunk: Managers, make_stream: Maker) -> Gen:
    async def stream() -> Items:
        manager = cm_thunk()
        async with AsyncExitStack() as stack:
            stack.push_async_exit(manager)
            resource = await manager.__aenter__()
            async with aclosing(make_stream(resource)()) as items:
                async for item in items:
                    yield item

    return stream


def releases_under_a_pull(cm_thunk: Managers, make_stream: Maker) -> Gen:
    """Every pull is a task of its own; a cancel does not wait for it before it releases."""

    async def stream() -> Items:
        async with cm_thunk() as resource:
            items = make_stream(resource)()
            pulling: asyncio.Future[Any] | None = None

            async def pull() -> Any:
                return await anext(items, None)

            try:
                while True:
                    pulling = asyncio.ensure_future(pull())
                    item = await asyncio.shield(pulling)
                    if item is None:
                        break
                    yield item
            except asyncio.CancelledError:
                raise
            except BaseException:
                await items.aclose()
                raise
        await items.aclose()

    return stream


def releases_in_a_task_when_cancelled(cm_thunk: Managers, make_stream: Maker) -> Gen:
    releasing: set[asyncio.Future[Any]] = set()

    class Hurried:
        def __init__(self) -> None:
            self.manager = cm_thunk()

        async def __aenter__(self) -> Any:
            return await self.manager.__aenter__()

        async def __aexit__(self, kind: Any, exc: Any, trace: Any) -> Any:
            release = self.manager.__aexit__(kind, exc, trace)
            if kind is not asyncio.CancelledError:
                return await release
            releasing.add(asyncio.ensure_future(release))
            return None

    return using(Hurried, make_stream)


def releases_again_after_a_failure(cm_thunk: Managers, make_stream: Maker) -> Gen:
    class Insistent:
        def __init__(self) -> None:
            self.manager = cm_thunk()

        async def __aenter__(self) -> Any:
            return await self.manager.__aenter__()

        async def __aexit__(self, *exc_info: Any) -> Any:
            try:
                return await self.manager.__aexit__(*exc_info)
            except Exception:
                return await self.manager.__aexit__(*exc_info)

    return using(Insistent, make_stream)


MUTANTS = (
    mutant("using releases under a running pull", "S11", using=releases_under_a_pull),
    mutant(
        "using does not wait for a release when cancelled",
        *("S5", "C2"),
        using=releases_in_a_task_when_cancelled,
    ),
    mutant(
        "using releases again after a failed release", "S9", using=releases_again_after_a_failure
    ),
    mutant("using calls cm_thunk at construction", "P1", using=calls_thunk_at_construction),
    mutant("using releases before inner cleanup", "S11", using=releases_before_inner),
    mutant("using leaves its stream open", "S11", "S14", using=leaves_inner_open),
    mutant("using shares one acquisition", "X2", "R4", using=shares_one_acquisition),
    mutant("using hides exception from __aexit__", "S16", using=hides_exception),
    mutant("using skips release after Err item", "S1", using=no_release_after_err),
    mutant("using releases only at the end", "S2", "S4", "S15", using=releases_at_end_only),
    mutant("using does not release after an exception", "S3", using=no_release_on_exception),
    mutant("using releases in a background task", "S13", "S17", using=releases_in_background),
    mutant("using releases twice on aclose after end", "I5", using=releases_again_on_aclose),
    mutant("using leaves a gap between acquire and try", "S5", using=gap_before_try),
    mutant("using swallows an exception", "E4", using=swallows_exception),
    mutant("using swallows release error", "S9", using=swallows_release_error),
    mutant("using yields after release", "S12", using=yields_after_release),
    mutant("using calls make_stream before enter", "S8", using=makes_stream_before_enter),
    mutant("using exits what it failed to enter", "S8", using=exits_after_failed_enter),
    mutant("using calls make_stream outside try", "S7", using=makes_stream_outside_try),
    mutant("using releases FIFO when nested", "S10", using=releases_in_order_of_acquisition()),
    mutant("using yields again while closing", "I9", using=yields_while_closing),
)
