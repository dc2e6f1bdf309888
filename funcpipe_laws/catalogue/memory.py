"""Laws of memory: what a stream keeps alive does not grow with its length."""

from __future__ import annotations

import asyncio
import gc
import tracemalloc
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any
from weakref import finalize, ref

from funcpipe_laws.declared import clock
from funcpipe_laws.declared.instance import Value
from funcpipe_laws.declared.law import NotOffered, law
from funcpipe_laws.experiments.bench import Bench
from funcpipe_laws.experiments.consumer import Shell
from funcpipe_laws.experiments.scripts import Script
from funcpipe_laws.experiments.subjects import build, over, subject_of

ITEMS = 60
FEW = 24
"""More than an operator of constant memory holds, unless its buffer is large."""
MANY_ITEMS, MANY = 3_000, 2_000
"""The same for those with a large buffer of their own choice; it takes longer to see."""


class _Token:
    """A value that can be watched; it equals others of its number."""

    def __init__(self, number: int) -> None:
        self.number = number

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Token) and other.number == self.number

    def __hash__(self) -> int:
        return hash(self.number)


DIFFERENT = 5
"""Items that an operator gets, again and again, which is there to remember them."""


@law(
    "O1",
    "memory.items",
    words="How many items are alive at once does not grow with the length of the stream.",
    symbols="max(live items) = O(1)",
    takes=(),
    observes=("alive",),
)
def items(bench: Bench, bounded: str) -> None:
    """Nothing of the bench may hold the items, so nothing is logged."""
    most = _most_alive(bench, bounded, ITEMS)
    bench.saw("alive", most)
    if most > FEW:
        most = _most_alive(bench, bounded, MANY_ITEMS)
        bench.expect(most <= MANY, f"{most} of {MANY_ITEMS} items were alive at once")


def _most_alive(bench: Bench, subject: str, count: int) -> int:
    instance = bench.instance
    alive: set[int] = set()
    most = 0
    different = DIFFERENT if subject_of(bench, subject).remembers else count

    async def tokens() -> AsyncIterator[Any]:
        nonlocal most
        for number in range(1, count + 1):
            token = _Token(number % different)
            alive.add(number)
            finalize(token, alive.discard, number)
            most = max(most, len(alive)) if number == 1 else most
            yield instance.make_item(Value(token))
            del token
            if number in (count // 10, count):
                # Cycles are no leak. The young generations hold all that this run has made.
                gc.collect(1)
                most = max(most, len(alive))

    stream = over(bench, subject, instance.embed(tokens))

    async def consumer(shell: Shell) -> None:
        iterator = instance.open(stream)
        with suppress(StopAsyncIteration):
            while True:
                await anext(iterator)
        await shell.settle(1)

    bench.world.silent = True
    try:
        trace = bench.drive(consumer, limit=100 * count)
    finally:
        bench.world.silent = False
    if trace.exception is not None and instance.values is not None:
        raise NotOffered("what its items may hold cannot be watched")
    bench.expect(trace.exception is None, f"raised {trace.exception!r}")
    return most


@law(
    "O2",
    "memory.tasks_and_streams",
    words="How many tasks live and how many streams are open at once does not grow with the length"
    " of the stream.",
    symbols="max(tasks), max(open streams) = O(1)",
    takes=(),
    observes=("alive",),
)
def tasks_and_streams(bench: Bench, subject: str) -> None:
    """A long source that is always ready; count at every item."""
    count = ITEMS if subject_of(bench, subject).source else 1
    long = Script((Value(bench.instance.usual),) * count, ready=True)
    stream = build(bench, subject, long)
    tasks = 0

    async def consumer(shell: Shell) -> None:
        nonlocal tasks
        run = shell.open(stream)
        while tasks == 0 or isinstance(await run.pull(), Value):
            tasks = max(tasks, len(asyncio.all_tasks()))
        await run.close()

    trace = bench.drive(consumer)
    open_now = most = 0
    for event in trace.events:
        open_now += (event.act == "open") - (event.act == "close")
        most = max(most, open_now)
    bench.saw("alive", tasks)
    bench.expect(tasks <= FEW, f"{tasks} tasks were alive at once")
    bench.expect(most <= FEW, f"{most} streams were open at once")


@law(
    "O3",
    "memory.resources_die",
    words="After a stream was closed, its resource dies without the help of the cycle collector.",
    symbols="aclose(it); del it => resource is dead",
    takes=("using",),
    observes=("closed",),
    policy="frees_without_collector",
)
def resources_die(bench: Bench, long: Script, chain: Sequence[str]) -> None:
    """Collection is off during a run, so a cycle would keep the resource alive."""
    managers = bench.resource()
    made: list[ref[Any]] = []

    def remembered() -> Any:
        manager = managers()
        made.append(ref(manager))
        return manager

    held = bench.op.using(remembered, lambda _: bench.source(long))
    stream = bench.wrap(held, chain)
    bench.needs_close(stream)
    alive: list[bool] = []

    async def consumer(shell: Shell) -> None:
        run = shell.open(stream)
        await run.pull()
        await run.close()
        del run
        await shell.settle()
        alive.extend(manager() is not None for manager in made)

    trace = bench.drive(consumer)
    bench.expect(not any(alive), "the resource is still alive after aclose()", trace)


ITEM = 24
"""Bytes; the smallest object is larger."""
BASE = 60_000
"""Bytes that buffers and caches may take between the two looks."""
LONG_ENOUGH = 3.0
"""Seconds after which a slow library is looked at for the second time."""
BETWEEN = 400
"""Items between the two looks at least: a timer for each of them takes more than `BASE`."""
LOOKS_AGAIN = 2
"""Measurements that have to agree with the first: a cache that is filled in one stays filled."""


@law(
    "O4",
    "memory.bytes",
    words="What a stream over a source that is always ready holds does not grow with its length: no"
    " timer that is due, no task, no record of what has passed.",
    symbols="bytes(after n items) = bytes(after 10 n items) + O(1)",
    takes=(),
    observes=("measured",),
    once=True,
)
def bytes_held(bench: Bench, bounded: str) -> None:
    """Two looks at what Python has allocated; nothing is logged meanwhile."""
    bench.saw(f"subject {bounded}")
    for attempt in range(1 + LOOKS_AGAIN):
        measured = _growth(bench, bounded)
        if measured is None and subject_of(bench, bounded).operator is not None:
            raise NotOffered("it delivers too little of what it is given for a second look")
        if measured is None:
            return
        if not attempt:
            bench.saw("measured")
        grown, items = measured
        if grown < BASE + ITEM * items // 4:
            return
    bench.saw("bytes an item", grown // items)
    bench.expect(False, "memory grows with every item that passes")


def _growth(bench: Bench, bounded: str) -> tuple[int, int] | None:
    """Bytes by which what is allocated grows, and the items that passed meanwhile."""
    looks: list[tuple[int, int]] = []
    # Cancelled timers stay in a loop until it goes round. Of what limits time, and of any operator,
    # it is not asked that it sets none for each item, as `asyncio.timeout` does.
    goes_round = bounded == "timeout" or subject_of(bench, bounded).operator is not None
    if subject_of(bench, bounded).remembers:
        raise NotOffered("it is there to remember the items that it has seen")
    instance, length = bench.instance, bench.length
    first = length // 20

    values = range(length) if instance.values is None else instance.values

    async def numbers() -> AsyncIterator[Any]:
        for number in range(length):
            yield instance.make_item(Value(values[number % len(values)]))

    async def consumer(shell: Shell) -> None:
        iterator = instance.open(stream)
        until = clock.seconds() + LONG_ENOUGH
        taken = 0
        async for _ in iterator:
            taken += 1
            if goes_round and taken % 50 == 0:
                await asyncio.sleep(0)
            if taken % 50 == 0:
                # Cycles are no leak, and what the loop notes of their generators is none either.
                gc.collect(1)
            late = taken % 100 == 0 and taken >= first + BETWEEN
            if taken in (first, length // 3) or (late and clock.seconds() > until):
                gc.collect()
                looks.append((taken, tracemalloc.get_traced_memory()[0]))
                if len(looks) == 2:
                    break
        if hasattr(iterator, "aclose"):
            await iterator.aclose()

    with _traced(bench):
        stream = subject_of(bench, bounded).make(bench, instance.embed(numbers), 2)
        trace = bench.drive(consumer, limit=100 * length)
    bench.expect(trace.exception is None, f"raised {trace.exception!r}", trace)
    if len(looks) < 2:
        return None
    (early, before), (later, after) = looks
    return after - before, later - early


@contextmanager
def _traced(bench: Bench) -> Iterator[None]:
    """Every allocation is counted in it, and nothing is logged."""
    tracing = tracemalloc.is_tracing()
    if not tracing:
        tracemalloc.start(1)
    # What was there before is not gone through at each look: that takes longer than the run.
    freezing = gc.get_freeze_count() == 0
    if freezing:
        gc.freeze()
    bench.world.quiet = bench.world.silent = True
    try:
        yield
    finally:
        bench.world.quiet = bench.world.silent = False
        if freezing:
            gc.unfreeze()
        if not tracing:
            tracemalloc.stop()
