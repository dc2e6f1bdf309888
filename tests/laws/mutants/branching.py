"""Wrong tees."""

from __future__ import annotations

from tests.laws.mutants.model import Mutant, mutant
from tests.laws.mutants.tee import Tee, tee_by


class OneQueue(Tee):
    """Whoever pulls has the item."""

    async def pull(self) -> bool:
        there = await super().pull()
        for queue in [*self.queues.values()][1:] if there else ():
            queue.pop()
        return there


class ClosesAtOnce(Tee):
    async def leave(self, number: int) -> None:
        if self.items is not None:
            await self.items.aclose()


class KeepsAll(Tee):
    """Every branch has a queue for ever."""

    async def leave(self, number: int) -> None:
        self.left = getattr(self, "left", 0) + 1
        if self.left == len(self.queues) and self.items is not None:
            await self.items.aclose()


class NeverCloses(Tee):
    async def leave(self, number: int) -> None:
        del self.queues[number]


MUTANTS: tuple[Mutant, ...] = (
    mutant("tee gives an item to one branch", "X4", tee=tee_by(OneQueue)),
    mutant("tee closes its source with a branch", "X5", tee=tee_by(ClosesAtOnce)),
    mutant("tee never closes its source", "X5", tee=tee_by(NeverCloses)),
    mutant("tee fills the queue of a closed branch", "O5", tee=tee_by(KeepsAll)),
)
