"""Wrong operators of no particular name, and things that are none."""

from __future__ import annotations

import asyncio
import functools
import itertools
from contextlib import aclosing, suppress
from typing import Any

from funcpipe_laws.declared.instance import StreamInstance
from funcpipe_laws.declared.offers import Consumer, Operator, Wrapper
from tests.laws.mutants.model import RESULT, Gen, Items, Mutant, buffer, cancel_and_wait


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


async def takes_two(items: Items) -> Items:
    """And finds that it has enough when it has pulled another one."""
    taken = 0
    async with aclosing(items):
        async for item in items:
            if taken == 2:
                return
            taken += 1
            yield item


async def cancelled_quietly(items: Items) -> Items:
    async with aclosing(items):
        try:
            async for item in items:
                yield item
        except asyncio.CancelledError:
            return


def limited_by_the_clock(items: Items) -> Items:
    """Three in each second of the clock: six may come around its stroke."""

    async def stream() -> Items:
        loop = asyncio.get_running_loop()
        second, count = 0, 0
        async with aclosing(items):
            async for item in items:
                await asyncio.sleep(0.3)
                if int(loop.time()) == second and count == 3:
                    await asyncio.sleep(second + 1 - loop.time())
                if int(loop.time()) != second:
                    second, count = int(loop.time()), 0
                count += 1
                yield item

    return stream()


def retried(gen: Gen, *, quietly: bool) -> Gen:
    """Runs its stream again, also when items are out already; may give up without a word."""

    async def stream() -> Items:
        for left in (2, 1, 0):
            try:
                async with aclosing(gen()) as items:
                    async for item in items:
                        yield item
                return
            except OSError:
                if not left and not quietly:
                    raise

    return stream


def around(name: str, *killed_by: str, wrapper: Wrapper) -> Mutant:
    """An instance of this wrapper alone."""
    return Mutant(name, killed_by, StreamInstance(name=name, wrappers={"wrapper": wrapper}))


def driving(name: str, *killed_by: str, consumer: Consumer) -> Mutant:
    """An instance of this consumer alone."""
    return Mutant(name, killed_by, StreamInstance(name=name, consumers={"consumer": consumer}))


def traced(function: Any) -> Any:
    """The usual form of a tracing decorator."""

    async def wrapper(*args: Any, **options: Any) -> Items:
        async for item in function(*args, **options):
            yield item

    return wrapper


def swallowing(function: Any) -> Any:
    @functools.wraps(function)
    async def wrapper(*args: Any) -> Items:
        async with aclosing(function(*args)) as items:
            with suppress(Exception):
                async for item in items:
                    yield item

    return wrapper


def losing_last(function: Any) -> Any:
    @functools.wraps(function)
    def wrapper(*args: Any) -> Items:
        return loses_last(function(*args))

    return wrapper


def ending_quietly(function: Any) -> Any:
    @functools.wraps(function)
    def wrapper(*args: Any) -> Items:
        return cancelled_quietly(function(*args))

    return wrapper


def in_a_copy(function: Any) -> Any:
    """Every pull runs in a task, and so in a copy of the context."""

    async def pull(items: Items) -> Any:
        return await anext(items, None)

    @functools.wraps(function)
    async def wrapper(*args: Any) -> Items:
        async with aclosing(function(*args)) as items:
            while True:
                pulling = asyncio.ensure_future(pull(items))
                try:
                    item = await pulling
                finally:
                    await cancel_and_wait([pulling])
                if item is None:
                    return
                yield item

    return wrapper


def over_for_good(function: Any) -> Any:
    """A circuit breaker that never closes again."""
    failed: list[BaseException] = []

    @functools.wraps(function)
    async def wrapper(*args: Any) -> Items:
        if failed:
            return
        async with aclosing(function(*args)) as items:
            try:
                async for item in items:
                    yield item
            except Exception as exc:
                failed.append(exc)
                raise

    return wrapper


def keeps_what_failed() -> Any:
    """A consumer that does not try a stream again that has failed once."""
    failed: list[Gen] = []

    async def consume(gen: Gen) -> Any:
        if any(gen is other for other in failed):
            return None
        async with aclosing(gen()) as items:
            try:
                return [item async for item in items]
            except Exception:
                failed.append(gen)
                raise

    return consume


async def first(gen: Gen) -> Any:
    async for item in gen():
        return item
    return None


async def all_that_came(gen: Gen) -> Any:
    items = []
    with suppress(Exception, asyncio.CancelledError):
        async with aclosing(gen()) as stream:
            items += [item async for item in stream]
    return items


async def one_too_many(gen: Gen) -> Any:
    async with aclosing(gen()) as items:
        item = await anext(items, None)
        await anext(items, None)
        return item


def no_consumer(gen: Gen) -> Any:
    return [gen]


MUTANTS = (
    around("wrapper of the usual form", "W3", "W5", "W7", wrapper=Wrapper(traced)),
    around("wrapper swallows exceptions", "W2", wrapper=Wrapper(swallowing)),
    around("wrapper loses the last item", "W1", wrapper=Wrapper(losing_last)),
    around("wrapper ends when cancelled", "W4", wrapper=Wrapper(ending_quietly)),
    around("wrapper runs in a copy of the context", "W6", wrapper=Wrapper(in_a_copy)),
    around("wrapper never runs again after a failure", "D10", wrapper=Wrapper(over_for_good)),
    driving(
        "consumer never runs a stream again that failed",
        "D11",
        consumer=Consumer(keeps_what_failed()),
    ),
    driving("consumer leaves its stream open", "K1", consumer=Consumer(first)),
    driving("consumer swallows", "K3", "K4", consumer=Consumer(all_that_came)),
    driving("consumer pulls one too many", "K2", consumer=Consumer(one_too_many, pulls=1)),
    driving("consumer is a list", "K5", consumer=Consumer(no_consumer)),
    operating("operator leaves its source open", "S14", operator=Operator(leaves_open)),
    operating("operator loses the last item", "A1", operator=Operator(loses_last, model=list)),
    operating(
        "operator delivers what is not allowed",
        "A4",
        operator=Operator(loses_last, allows=lambda got, items: got == items),
    ),
    operating(
        "operator counts by the clock's seconds",
        "A5",
        operator=Operator(limited_by_the_clock, rate=(3, 1.0)),
    ),
    operating(
        "retry of a stream ends quietly",
        "A6",
        operator=Operator(
            lambda gen: retried(gen, quietly=True), exceptions="handle", retries="always"
        ),
    ),
    operating(
        "retry of a stream delivers items again",
        "A6",
        operator=Operator(
            lambda gen: retried(gen, quietly=False),
            exceptions="handle",
            retries="before the first item",
        ),
    ),
    operating("operator is a list", "A2", operator=Operator(no_stream)),
    operating("operator's model is undecided", "A2", operator=Operator(as_it_is, model=undecided)),
    operating(
        "operator reads ahead",
        "A3",
        operator=Operator(lambda gen: buffer(gen, 5), read_ahead=1),
    ),
    operating("operator pulls one too many", "A7", operator=Operator(takes_two, pulls=2)),
    operating("operator collects all first", "O1", operator=Operator(collects)),
    operating("operator ends when cancelled", "C1", operator=Operator(cancelled_quietly)),
)
