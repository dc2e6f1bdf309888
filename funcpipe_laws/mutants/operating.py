"""Wrong operators of no particular name, and things that are none."""

from __future__ import annotations

import asyncio
import itertools
from contextlib import aclosing
from typing import Any

from funcpipe_laws.instance import StreamInstance
from funcpipe_laws.offers import Operator

from .model import RESULT, Gen, Items, Mutant, buffer


def operating(name: str, *killed_by: str, operator: Operator) -> Mutant:
    """An instance of this operator alone."""
    instance = StreamInstance(name=name, operators={"operator": operator}, result=RESULT)
    return Mutant(name, killed_by, instance)


async def leaves_open(items: Items) -> Items:
    async for item in items:
        yield item


async def loses_last(items: Items) -> Items:
    async with aclosing(items):
        item = await anext(items, None)
        async for following in items:
            yield item
            item = following


def no_stream(gen: Gen) -> Any:
    return [gen]


_TURNS = itertools.cycle((0, 1))


def undecided(items: list[Any]) -> list[Any]:
    return items * next(_TURNS)


async def as_it_is(items: Items) -> Items:
    async with aclosing(items):
        async for item in items:
            yield item


async def collects(items: Items) -> Items:
    async with aclosing(items):
        everything = [item async for item in items]
    for item in everything:
        yield item


async def cancelled_quietly(items: Items) -> Items:
    async with aclosing(items):
        try:
            async for item in items:
                yield item
        except asyncio.CancelledError:
            return


MUTANTS = (
    operating("operator leaves its source open", "S14", operator=Operator(leaves_open)),
    operating("operator loses the last item", "A1", operator=Operator(loses_last, model=list)),
    operating("operator is a list", "A2", operator=Operator(no_stream)),
    operating("operator's model is undecided", "A2", operator=Operator(as_it_is, model=undecided)),
    operating(
        "operator reads ahead",
        "A3",
        operator=Operator(lambda gen: buffer(gen, 5), read_ahead=1),
    ),
    operating("operator collects all first", "O1", operator=Operator(collects)),
    operating("operator ends when cancelled", "C1", operator=Operator(cancelled_quietly)),
)
