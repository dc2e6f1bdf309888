"""modal: the stream functions that its client is built on; all of them take async generators."""

from __future__ import annotations

import sys
from collections.abc import AsyncGenerator, Callable
from typing import Any

from modal._utils.async_utils import (
    aclosing,
    async_chain,
    async_map,
    async_map_ordered,
    async_merge,
    async_zip,
)

from funcpipe_laws import Operator, Policy, StreamInstance, known_failure, models

from .sources import OLD_WAIT_FOR

Thunk = Callable[[], AsyncGenerator[Any, None]]


async def same(value: Any) -> Any:
    """What it is given."""
    return value


def using(acquire: Callable[[], Any], make: Callable[[Any], Thunk]) -> Thunk:
    """A resource around a stream that modal's own `aclosing` closes."""

    async def held() -> AsyncGenerator[Any, None]:
        async with acquire() as resource, aclosing(make(resource)()) as items:
            async for item in items:
                yield item

    return held


INSTANCE = StreamInstance(
    name="modal 1.6.4",
    using=using,
    merge=lambda sources: lambda: async_merge(*[source() for source in sources]),
    par_map=lambda xs, f, concurrency: lambda: async_map_ordered(xs(), f, concurrency),
    operators={
        "async_chain": Operator(async_chain, model=models.concatenated()),
        "async_map": Operator(lambda xs: async_map(xs, same, 1), model=models.as_it_is()),
        "async_zip": Operator(async_zip, model=models.zipped()),
    },
    waivers={
        law: known_failure(OLD_WAIT_FOR, when=sys.version_info < (3, 12))
        for law in ("C1", "C4", "C8")
    },
    policy=Policy(exceptions="raise", merge_exceptions="raise"),
)
