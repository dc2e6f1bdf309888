"""A stream that yields bare values, where Results are due."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from typing import Any

import pytest

from funcpipe_streams import (
    async_collect,
    async_gen_and_then,
    async_gen_chunk,
    async_gen_drop,
    async_gen_enumerate,
    async_gen_filter,
    async_gen_filter_try,
    async_gen_map,
    async_gen_map_err,
    async_gen_map_try,
    async_gen_par_map,
    async_gen_recover,
    async_gen_return,
    async_gen_scan,
    async_gen_scan_try,
    async_gen_take,
    async_gen_take_while,
    async_gen_take_while_try,
    async_gen_tap,
    async_gen_zip,
    collect,
    for_each,
    partition,
)

from .recording import source


async def bare() -> AsyncIterator[Any]:
    for value in (1, 2, 3):
        yield value


async def anything(_: object) -> Any:
    return None


OPERATORS: dict[str, Callable[[Any], Any]] = {
    "and_then": lambda gen: async_gen_and_then(gen, async_gen_return),
    "chunk": lambda gen: async_gen_chunk(gen, 2),
    "chunk in time": lambda gen: async_gen_chunk(gen, 2, 60.0),
    "drop": lambda gen: async_gen_drop(gen, 1),
    "enumerate": async_gen_enumerate,
    "filter": lambda gen: async_gen_filter(gen, bool),
    "filter_try": lambda gen: async_gen_filter_try(gen, bool, catch=(ValueError,)),
    "map": lambda gen: async_gen_map(gen, str),
    "map_err": lambda gen: async_gen_map_err(gen, lambda error: error),
    "map_try": lambda gen: async_gen_map_try(gen, str, catch=(ValueError,)),
    "par_map": lambda gen: async_gen_par_map(gen, anything, concurrency=2),
    "recover": lambda gen: async_gen_recover(gen, lambda error: None),  # type: ignore[arg-type,return-value]
    "scan": lambda gen: async_gen_scan(gen, 0, max),
    "take": lambda gen: async_gen_take(gen, 1),
    "take_while": lambda gen: async_gen_take_while(gen, bool),
    "scan_try": lambda gen: async_gen_scan_try(gen, 0, max, catch=(ValueError,)),
    "take_while_try": lambda gen: async_gen_take_while_try(gen, bool, catch=(ValueError,)),
    "tap": lambda gen: async_gen_tap(gen, print),
    "zip, left": lambda gen: async_gen_zip(gen, source(1)),
    "zip, right": lambda gen: async_gen_zip(source(1), gen),
}


async def collected(operator: Callable[[Any], Any], gen: Any) -> object:
    return await collect(operator(gen))


SHELL: dict[str, Callable[[Any], Awaitable[object]]] = {
    "async_collect": lambda gen: async_collect(gen)(),
    "for_each": lambda gen: for_each(gen, anything, on_err=anything),
    "partition": partition,
    **{name: partial(collected, operator) for name, operator in OPERATORS.items()},
}


@pytest.mark.parametrize("run", SHELL.values(), ids=SHELL)
@pytest.mark.asyncio
async def test_bare_values_are_refused(run: Callable[[Any], Awaitable[object]]) -> None:
    """Whatever looks at items refuses what is no Result, names it, and says what to yield."""
    message = r"a stream yielded 1, which is neither Ok nor Err: yield Ok\(value\)"
    with pytest.raises(TypeError, match=message):
        await run(bare)
