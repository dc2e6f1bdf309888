"""Many sources into one bounded buffer, in turns."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable
from typing import Any

from funcpipe_streams.running.description import AsyncGen, open_stream
from funcpipe_streams.running.feeding import Tasks
from funcpipe_streams.running.release import close

__all__ = ["Pumps"]


class _Turn:
    """A source's right to fill some slots of the buffer before the next source's turn."""

    __slots__ = ("granted", "slots")

    def __init__(self) -> None:
        self.slots = 0
        self.granted: asyncio.Future[None] | None = None


class Pumps(Tasks):
    """Sources that are pulled into one bounded buffer, each by a task, while a block runs.

    The consumer takes from `items`, calls `one_taken` for each, and awaits `arrival` when there is
    none, until `ended`. Leaving the block closes the sources, and raises what one has raised.

    A source with an item in hand and no free slot, or with others waiting, waits for its turn, in
    the order of coming; a turn is several slots, so that a task switch is not paid for each item.
    Slots that the source does not fill before it suspends go back at once: nobody holds any idle.
    """

    def __init__(self, gens: Iterable[AsyncGen[Any]], max_buffer: int) -> None:
        super().__init__()
        self._gens = gens
        self._free = max_buffer
        self._turn_size = max(1, max_buffer // 4)
        self._turns_under_way = 0
        self._shared = 0  # 1 if there are others to be fair to
        self._waiting: deque[_Turn] = deque()
        self.items: deque[Any] = deque()

    async def __aenter__(self) -> Pumps:
        try:
            for gen in self._gens:
                self._start(self._pump, gen)
        except BaseException as error:
            await self.__aexit__(type(error), error, None)
            raise
        self._shared = int(len(self._tasks) > 1)
        return self

    @property
    def ended(self) -> bool:
        """Whether nothing will arrive any more."""
        return self._live == 0 or self._failure is not None

    def one_taken(self) -> None:
        """Free the slot of an item that was taken from `items`."""
        self._free += 1
        if self._waiting:
            self._give_turn()

    async def _pump(self, gen: AsyncGen[Any]) -> None:
        turn = _Turn()
        stream = open_stream(gen)
        try:
            async for item in stream:
                if self._closing:
                    break  # the source has swallowed its cancellation
                if turn.slots:
                    turn.slots -= 1
                elif self._free and not (self._waiting or self._turns_under_way):
                    self._free -= 1
                else:
                    turn.granted = self._loop.create_future()
                    self._waiting.append(turn)
                    await turn.granted
                    turn.slots -= 1
                self.items.append(item)
                if self._awaited is not None:
                    self._wake()
        finally:
            await close(stream)

    def _give_turn(self) -> None:
        if self._free < self._turn_size and self.items:
            return  # the consumer has something to do: wait until a whole turn can be given
        while self._waiting and self._free:
            turn = self._waiting.popleft()
            if turn.granted is None or turn.granted.done():
                continue  # its task was cancelled
            turn.slots = min(self._turn_size, self._free)
            self._free -= turn.slots
            self._turns_under_way += self._shared
            turn.granted.set_result(None)
            # Runs just after the source's task, which has been scheduled by the line above.
            self._loop.call_soon(self._take_back, turn)
            return

    def _take_back(self, turn: _Turn) -> None:
        self._turns_under_way -= self._shared
        self._free += turn.slots
        turn.slots = 0
        if self._waiting:
            self._give_turn()
