"""The plain correct tee."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable, Sequence
from typing import Any, TypeAlias

Items: TypeAlias = AsyncGenerator[Any, None]
Gen: TypeAlias = Callable[[], Items]


class Tee:
    """One run of a source for several branches: a queue for each that is still read."""

    def __init__(self, gen: Gen, n: int) -> None:
        self.gen = gen
        self.items: Items | None = None
        self.queues: dict[int, deque[Any]] = {number: deque() for number in range(n)}
        self.pulling: asyncio.Lock | None = None
        self.over = False

    async def pull(self) -> bool:
        """Put the next item into every queue; False at the end."""
        self.items = self.items or self.gen()
        try:
            item = await anext(self.items)
        except StopAsyncIteration:
            self.over = True
            return False
        for queue in self.queues.values():
            queue.append(item)
        return True

    async def branch(self, number: int) -> Items:
        """One of the branches."""
        queue = self.queues[number]
        self.pulling = self.pulling or asyncio.Lock()
        try:
            while True:
                async with self.pulling:
                    if not queue and (self.over or not await self.pull()):
                        return
                yield queue.popleft()
        finally:
            await self.leave(number)

    async def leave(self, number: int) -> None:
        """A branch has been closed; the last one closes the source."""
        del self.queues[number]
        if not self.queues and self.items is not None:
            await self.items.aclose()


def tee_by(kind: type[Tee]) -> Callable[[Gen, int], Sequence[Gen]]:
    """The tee whose runs are of this kind."""

    def tee(gen: Gen, n: int) -> list[Gen]:
        shared = kind(gen, n)
        return [lambda number=number: shared.branch(number) for number in range(n)]  # type: ignore[misc]

    return tee


tee = tee_by(Tee)
