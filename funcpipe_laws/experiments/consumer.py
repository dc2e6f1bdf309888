"""The consumer of a stream under test: it follows a plan, or a law, and logs what it sees."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal

from funcpipe_laws.declared.instance import Item, Stream, StreamInstance
from funcpipe_laws.simulation.world import World


class BodyError(Exception):
    """What a consumer's body raises when its plan says so."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How a consumer drives a stream.

    It takes `take` items (all, if None), awaiting an external event after each if it is `slow`, and
    then closes the stream, leaves it (a bare `break`) or raises in the body and closes on the way
    out. `cancel_at` lists iterations of the loop at which its task is cancelled.
    """

    take: int | None = None
    then: Literal["close", "leave", "raise"] = "close"
    slow: bool = False
    cancel_at: tuple[int, ...] = ()
    timeout: float | None = None


DRAIN = Plan()


class End:
    """What `Run.pull` answers at the end of a stream."""


class Run:
    """One run of a description, in the hands of a consumer that logs what it sees."""

    def __init__(self, instance: StreamInstance, world: World, stream: Stream, name: str) -> None:
        self.instance, self.world, self.name = instance, world, name
        self.number = world.opening(name)
        self.iterator = instance.open(stream)
        self._given = False

    def _note(self, act: str, detail: Any = None) -> None:
        self.world.note(self.name, act, detail, self.number)

    async def pull(self) -> Item | type[End]:
        """The next item, or `End`; an exception is logged and passed on."""
        try:
            item = self.instance.read_item(await self._next())
        except StopAsyncIteration:
            self._note("end")
            return End
        except asyncio.CancelledError:
            self._note("cancelled")
            raise
        except BaseException as exc:
            self._note("raise", describe(exc))
            raise
        self._note("emit", item)
        return item

    async def _next(self) -> Any:
        kind = self.instance.kind
        if kind == "sync":
            try:
                return next(self.iterator)
            except StopIteration:
                # It cannot leave a coroutine as it is.
                raise StopAsyncIteration from None
        if kind == "stream":
            return await anext(self.iterator)
        if self._given:
            raise StopAsyncIteration
        self._given = True
        return await self.iterator

    async def close(self) -> None:
        """Close the run; does nothing where the library's iterators have no way to be closed."""
        if self.instance.kind == "value":
            if not self._given:
                self.iterator.close()
            return
        name = "close" if self.instance.kind == "sync" else "aclose"
        close = getattr(self.iterator, name, None)
        if close is None:
            return
        try:
            answer = close()
            if answer is not None:
                await answer
        except asyncio.CancelledError:
            self._note("cancelled")
            raise
        except BaseException as exc:
            self._note("raise", describe(exc))
            raise
        self._note("closed")


class Shell:
    """What a consumer coroutine is handed: it opens runs and waits for the outside."""

    def __init__(self, instance: StreamInstance, world: World, main: asyncio.Task[Any]) -> None:
        self.instance, self.world, self.main = instance, world, main

    def open(self, stream: Stream, name: str = "out") -> Run:
        """A run of a description; its lines in the log are under `name`."""
        return Run(self.instance, self.world, stream, name)

    async def point(self, label: str = "body") -> None:
        """Wait for an external event."""
        await self.world.point(label)

    async def settle(self, iterations: int = 20) -> None:
        """Let the loop go round without awaiting anything of the outside."""
        for _ in range(iterations):
            await asyncio.sleep(0)

    async def drain(self, run: Run) -> None:
        """Pull to the end."""
        while await run.pull() is not End:
            pass

    async def tolerate(self, call: Callable[[], Awaitable[Any]]) -> None:
        """Make a call that may raise."""
        with suppress(Exception):
            await call()

    async def follow(self, plan: Plan, stream: Stream) -> None:
        """Drive one run as the plan says."""
        run = self.open(stream)
        taken = 0
        try:
            while plan.take is None or taken < plan.take:
                if await run.pull() is End:
                    break
                taken += 1
                if plan.slow:
                    await self.point()
                if self.world.callouts.watching:
                    await self.world.callouts.awaited("out", "body")
            if plan.then == "raise":
                raise BodyError("the body raises")
        finally:
            if plan.then != "leave":
                await run.close()


def alone(exc: BaseException | None) -> BaseException | None:
    """What an exception group holds if that is one exception, as task groups raise it."""
    while isinstance(exc, BaseExceptionGroup) and len(exc.exceptions) == 1:
        exc = exc.exceptions[0]
    return exc


def describe(exc: BaseException) -> str:
    """An exception as traces compare it: its type and text."""
    return f"{type(exc).__name__}({', '.join(map(repr, exc.args))})"
