"""Resources and sources that write down what happens to them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from funcpipe_streams import AsyncGen, ErrInfo, Ok, Result, async_gen_map

Wait = Callable[[], Awaitable[object]]


def resource(
    log: list[str],
    name: str = "r",
    *,
    entering: Wait | None = None,
    leaving: Wait | None = None,
    failure: BaseException | None = None,
) -> Callable[[], AbstractAsyncContextManager[str]]:
    """A manager that logs `open`, `leave` (release begins) and `close` (release is complete)."""

    @asynccontextmanager
    async def manager() -> AsyncIterator[str]:
        if entering is not None:
            await entering()
        log.append(f"open {name}")
        try:
            yield name
        finally:
            log.append(f"leave {name}")
            if leaving is not None:
                await leaving()
            log.append(f"close {name}")
            if failure is not None:
                raise failure

    return manager


class Manager:
    """A manager written as a class, which logs what `__aexit__` is told."""

    def __init__(self, log: list[object], *, swallows: bool = False) -> None:
        self.log = log
        self.swallows = swallows

    async def __aenter__(self) -> Manager:
        return self

    async def __aexit__(self, kind: object, error: object, traceback: object) -> bool:
        self.log.append(error if error is None else kind)
        return self.swallows


def source(*values: int) -> AsyncGen[int]:
    """A user's own generator function."""

    async def stream() -> AsyncIterator[Result[int, ErrInfo]]:
        for value in values:
            yield Ok(value)

    return stream


def same(gen: AsyncGen[int]) -> AsyncGen[int]:
    """Another description of the same stream."""
    return async_gen_map(gen, lambda value: value)


async def pause() -> None:
    """Suspend once."""
    await asyncio.sleep(0)


async def settle(steps: int = 12) -> None:
    """Let the loop go round until everything that can be done is done."""
    for _ in range(steps):
        await asyncio.sleep(0)


def closed(log: list[str]) -> list[str]:
    """The names of what was released, in order."""
    return [entry.removeprefix("close ") for entry in log if entry.startswith("close ")]
