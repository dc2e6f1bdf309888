"""Laws of the ordered parallel map: its order, and how many calls are under way at once."""

from __future__ import annotations

import asyncio
from typing import Any

from funcpipe_laws.declared.instance import Value
from funcpipe_laws.declared.law import law
from funcpipe_laws.experiments.bench import Bench
from funcpipe_laws.experiments.scripts import ItemFn, Script, pick


@law(
    "G12",
    "merging.parallel_map_keeps_order",
    words="The ordered parallel map delivers in the order of its input, in whatever order the calls"
    " complete.",
    symbols="run(par_map(s, fn)) = [await fn(x) for each item of s]",
    takes=("par_map",),
    observes=("emit", "err"),
)
def parallel_map_keeps_order(bench: Bench, long: Script, fn: ItemFn, size: int) -> None:
    """Each call awaits an event of its own; the schedule decides their order."""
    fns = bench.coroutine_function(fn)
    trace = bench.run(bench.op.par_map(bench.source(long), fns, concurrency=size))
    results = [
        pick(fn.results, step.value) if isinstance(step, Value) else step for step in long.items
    ]
    bench.items_are(trace, bench.expected(results))


@law(
    "G13",
    "merging.parallel_map_limit",
    words="Never more calls are under way than the limit allows, and the limit is reached.",
    symbols="max(calls under way) = concurrency",
    takes=("par_map",),
    observes=("call", "limit reached"),
)
def parallel_map_limit(bench: Bench, limit: int) -> None:
    """Calls that wait for each other: with fewer at once than allowed they would wait for ever."""
    under_way = most = 0
    all_there = asyncio.Event()

    async def fn(value: Any) -> Any:
        nonlocal under_way, most
        bench.world.note("fn", "call", value)
        under_way += 1
        most = max(most, under_way)
        if under_way == limit:
            all_there.set()
        await all_there.wait()
        await bench.world.point("fn result")
        under_way -= 1
        return bench.instance.make_item(Value(value))

    source = Script(tuple(Value(n) for n in range(2 * limit)), ready=True)
    trace = bench.run(bench.op.par_map(bench.source(source), fn, concurrency=limit))
    bench.saw("limit reached", most >= limit)
    bench.expect(most == limit, f"{most} calls were under way at once, the limit is {limit}", trace)
