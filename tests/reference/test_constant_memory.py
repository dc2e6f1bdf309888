"""Long streams whose source is always ready: nothing grows with their length."""

from __future__ import annotations

import asyncio
import gc
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest

from funcpipe_streams import (
    AsyncGen,
    Ok,
    RateLimit,
    Result,
    RetryPolicy,
    TimeoutPolicy,
    async_gen_and_then,
    async_gen_buffer,
    async_gen_chunk,
    async_gen_concat,
    async_gen_from_iterable,
    async_gen_from_plan,
    async_gen_gather,
    async_gen_map,
    async_gen_par_map,
    async_gen_rate_limit,
    async_gen_return,
    async_gen_scan,
    async_gen_timeout,
    async_gen_using,
    async_gen_zip,
    async_pure,
    async_retry,
    async_timeout,
    closing_stream,
    lift_async_item,
)

from .recording import resource

ITEMS = 40_000
EARLY, LATE = 400, 3_990
"""After how many items that came out memory is looked at; a chunk is made of ten."""
SOME = 80_000
"""Bytes: more than buffers and caches take; one object of 32 bytes an item would be 115 kB."""

Operator = Callable[[AsyncGen[int]], AsyncGen[Any]]


async def ok(value: int) -> Result[int, Any]:
    """A call that is done at once."""
    return Ok(value)


OPERATORS: dict[str, Operator] = {
    "map": lambda gen: async_gen_map(gen, lambda value: value),
    "bind": lambda gen: async_gen_and_then(gen, async_gen_return),
    "lift": lambda gen: async_gen_and_then(gen, lift_async_item(ok)),
    "using": lambda gen: async_gen_using(resource([]), lambda _: gen),
    "concat": lambda gen: async_gen_concat([gen, gen]),
    "scan": lambda gen: async_gen_scan(gen, 0, lambda a, b: b),
    "zip": lambda gen: async_gen_zip(gen, gen),
    "gather": lambda gen: async_gen_gather([gen, gen]),
    "buffer": lambda gen: async_gen_buffer(gen, 4),
    "par_map": lambda gen: async_gen_par_map(gen, ok, concurrency=3),
    "chunk": lambda gen: async_gen_chunk(gen, 10),
    "chunk in time": lambda gen: async_gen_chunk(gen, 10, max_seconds=60),
    "rate limit": lambda gen: async_gen_rate_limit(gen, RateLimit(per_second=1e9)),
    "timeout": lambda gen: async_gen_timeout(gen, TimeoutPolicy(per_item=60)),
    "timeout of all": lambda gen: async_gen_timeout(gen, TimeoutPolicy(total=600)),
    "timeouts of plans": lambda gen: async_gen_and_then(
        gen,
        lambda value: async_gen_from_plan(
            async_timeout(async_pure(value), TimeoutPolicy(per_item=60))
        ),
    ),
    "retries of plans": lambda gen: async_gen_and_then(
        gen,
        lambda value: async_gen_from_plan(async_retry(async_pure(value), RetryPolicy(attempts=2))),
    ),
}


async def growth(gen: AsyncGen[Any]) -> int:
    """Bytes that are held late in a run beyond what was held early."""
    held: list[int] = []
    taken = 0
    async with closing_stream(gen()) as stream:
        async for _ in stream:
            taken += 1
            if taken in (EARLY, LATE):
                gc.collect()
                held.append(tracemalloc.get_traced_memory()[0])
                if taken == LATE:
                    break
    early, late = held
    return late - early


@pytest.mark.parametrize("operator", OPERATORS.values(), ids=OPERATORS)
def test_memory_does_not_grow_with_the_length(operator: Operator) -> None:
    """Of the items that were delivered nothing is left: no item, no timer, no task, no frame."""

    async def main() -> int:
        return await growth(operator(async_gen_from_iterable(range(ITEMS))))

    tracemalloc.start()
    try:
        grown = asyncio.run(main())
    finally:
        tracemalloc.stop()
    assert grown < SOME, f"{grown} bytes more"
