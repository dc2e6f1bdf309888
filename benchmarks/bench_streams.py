"""The reference against hand-written async generators that do the same inline.

Each figure is the median of ratios over alternating pairs in one process: 1.0 is the speed of the
hand-written form. The first row compares a baseline with itself and shows the noise.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Any, NamedTuple

from benchmarks.alternating import compare
from funcpipe_streams import (
    AsyncGen,
    ErrInfo,
    Ok,
    Result,
    async_gen_and_then,
    async_gen_from_aiter,
    async_gen_from_iterable,
    async_gen_map,
    async_gen_return,
    async_gen_using,
    lift_async_item,
)

Items = AsyncIterator[Result[int, ErrInfo]]


class Row(NamedTuple):
    """A pipeline, what it is measured against, and the ratio that it must keep."""

    name: str
    subject: Callable[[], Items]
    baseline: Callable[[], Items]
    target: float


def increment(x: int) -> int:
    return x + 1


async def increment_item(x: int) -> Result[int, ErrInfo]:
    return Ok(x + 1)


def opaque(n: int) -> AsyncGen[int]:
    """A source that no combinator can look into."""

    async def source() -> Items:
        for x in range(n):
            yield Ok(x)

    return source


def chained(n: int, source: AsyncGen[int], step: Callable[[AsyncGen[int]], AsyncGen[int]]) -> Any:
    for _ in range(n):
        source = step(source)
    return source


def maps(n: int, source: AsyncGen[int]) -> AsyncGen[int]:
    result: AsyncGen[int] = chained(n, source, lambda s: async_gen_map(s, increment))
    return result


def lifts(n: int, source: AsyncGen[int]) -> AsyncGen[int]:
    lifted = lift_async_item(increment_item)
    result: AsyncGen[int] = chained(n, source, lambda s: async_gen_and_then(s, lifted))
    return result


def returns(n: int, source: AsyncGen[int]) -> AsyncGen[int]:
    def f(x: int) -> AsyncGen[int]:
        return async_gen_return(x + 1)

    result: AsyncGen[int] = chained(n, source, lambda s: async_gen_and_then(s, f))
    return result


# ------------------------------------------------------------------ the same by hand


def by_hand_maps(n: int, source: AsyncGen[int]) -> Callable[[], Items]:
    f = increment

    async def one() -> Items:
        async for item in source():
            if isinstance(item, Ok):
                yield Ok(f(item.value))
            else:
                yield item

    async def three() -> Items:
        async for item in source():
            if isinstance(item, Ok):
                yield Ok(f(f(f(item.value))))
            else:
                yield item

    async def ten() -> Items:
        async for item in source():
            if isinstance(item, Ok):
                yield Ok(f(f(f(f(f(f(f(f(f(f(item.value)))))))))))
            else:
                yield item

    return {1: one, 3: three, 10: ten}[n]


def by_hand_over_range(n: int, size: int) -> Callable[[], Items]:
    f = increment

    async def none() -> Items:
        for x in range(size):
            yield Ok(x)

    async def one() -> Items:
        for x in range(size):
            yield Ok(f(x))

    async def three() -> Items:
        for x in range(size):
            yield Ok(f(f(f(x))))

    async def ten() -> Items:
        for x in range(size):
            yield Ok(f(f(f(f(f(f(f(f(f(f(x)))))))))))

    return {0: none, 1: one, 3: three, 10: ten}[n]


def by_hand_lifts(n: int, source: AsyncGen[int]) -> Callable[[], Items]:
    fn = increment_item

    async def one() -> Items:
        async for item in source():
            if isinstance(item, Ok):
                yield await fn(item.value)
            else:
                yield item

    async def three() -> Items:
        async for item in source():
            if isinstance(item, Ok):
                item = await fn(item.value)
                if isinstance(item, Ok):
                    item = await fn(item.value)
                    if isinstance(item, Ok):
                        item = await fn(item.value)
            yield item

    return {1: one, 3: three}[n]


def by_hand_values(size: int) -> Callable[[], AsyncIterator[int]]:
    async def values() -> AsyncIterator[int]:
        for x in range(size):
            yield x

    return values


def by_hand_wrapping(values: Callable[[], AsyncIterator[int]]) -> Callable[[], Items]:
    async def wrapped() -> Items:
        async for x in values():
            yield Ok(x)

    return wrapped


class Nothing:
    """A resource that costs nothing."""

    async def __aenter__(self) -> None:
        return None

    async def __aexit__(self, *exc_info: object) -> None:
        return None


def by_hand_using(source: AsyncGen[int]) -> Callable[[], Items]:
    async def using() -> Items:
        async with Nothing():
            async for item in source():
                yield item

    return using


# ------------------------------------------------------------------ depth


def left_nested(depth: int, leaves: int) -> AsyncGen[int]:
    """`depth` binds, one outside of the other; the innermost gives `leaves` items."""
    stream = async_gen_return(0)
    for _ in range(depth - 1):
        stream = async_gen_and_then(stream, async_gen_return)
    return async_gen_and_then(stream, lambda _: async_gen_from_iterable(range(leaves)))


def right_nested(depth: int, leaves: int) -> AsyncGen[int]:
    """`depth` binds, each within the function of the one before."""

    def level(left: int) -> AsyncGen[int]:
        if left == 0:
            return async_gen_from_iterable(range(leaves))
        return async_gen_and_then(async_gen_return(0), lambda _: level(left - 1))

    return level(depth)


def rows(size: int) -> list[Row]:
    source = opaque(size)
    listed = async_gen_from_iterable(range(size))
    values = by_hand_values(size)
    one = by_hand_maps(1, source)
    wrapped = async_gen_from_aiter(values)
    using = async_gen_using(Nothing, lambda _: source)
    left, right = left_nested(200, size // 5), right_nested(200, size // 5)
    return [
        Row("control: by hand against itself", one, one, 1.05),
        *(
            Row(f"{n} maps, opaque source", maps(n, source), by_hand_maps(n, source), 1.35)
            for n in (1, 3, 10)
        ),
        *(
            Row(f"{n} maps, from_iterable", maps(n, listed), by_hand_over_range(n, size), 1.15)
            for n in (1, 3, 10)
        ),
        Row("release contract, from_iterable", listed, by_hand_over_range(0, size), 1.15),
        Row("release contract, from_aiter", wrapped, by_hand_wrapping(values), 1.15),
        Row("using, opaque source", using, by_hand_using(source), 1.15),
        Row("1 and_then(lift)", lifts(1, source), by_hand_lifts(1, source), 1.3),
        Row("3 and_then(lift)", lifts(3, source), by_hand_lifts(3, source), 1.3),
        Row("1 and_then(return)", returns(1, source), one, 1.8),
        Row("3 and_then(return)", returns(3, source), by_hand_maps(3, source), 2.8),
        Row("right-nested depth 200 / left-nested", right, left, 2.0),
    ]


def drive(runner: asyncio.Runner, start: Callable[[], Items]) -> None:
    """Run a stream to its end."""

    async def drain() -> None:
        async for _ in start():
            pass

    runner.run(drain())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=100_000, help="items a run (default 100,000)")
    parser.add_argument("--pairs", type=int, default=9, help="pairs a row (default 9)")
    parser.add_argument("--only", default="", help="rows whose name contains this")
    parser.add_argument("--uvloop", action="store_true", help="on uvloop (must be installed)")
    options = parser.parse_args()
    new_loop: Any = asyncio.new_event_loop
    if options.uvloop:
        import uvloop

        new_loop = uvloop.new_event_loop
    version = ".".join(map(str, sys.version_info[:3]))
    print(
        f"CPython {version}, {'uvloop' if options.uvloop else 'asyncio'}, {options.items:,} items"
    )
    print(f"{'pipeline':<40}{'ratio':>7}{'quartiles':>14}{'target':>8}{'by hand, ns/item':>18}")
    with asyncio.Runner(loop_factory=new_loop) as runner:
        for row in rows(options.items):
            if options.only not in row.name:
                continue
            subject = partial(drive, runner, row.subject)
            baseline = partial(drive, runner, row.baseline)
            ratio = compare(subject, baseline, options.pairs)
            mark = "" if ratio.median <= row.target else "  over"
            spread = f"{ratio.low:.2f}-{ratio.high:.2f}"
            nanoseconds = ratio.baseline_seconds / options.items * 1e9
            print(
                f"{row.name:<40}{ratio.median:>7.2f}{spread:>14}{row.target:>8.2f}"
                f"{nanoseconds:>18.0f}{mark}"
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
