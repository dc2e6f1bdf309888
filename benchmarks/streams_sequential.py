"""Sequential pipelines of the reference, and the same written by hand."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

from benchmarks.alternating import Row
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

__all__ = ["sequential_rows"]

Items = AsyncIterator[Result[int, ErrInfo]]


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


def runs_of(times: int, stream: AsyncGen[int]) -> Callable[[], Items]:
    """A stream run that many times, one run after the other."""

    async def repeated() -> Items:
        for _ in range(times):
            async for item in stream():
                yield item

    return repeated


def sequential_rows(size: int) -> list[Row]:
    """The table's rows for runs of `size` items."""
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
        # Linear in the depth if ten times as deep takes as long as ten runs.
        *(
            Row(
                f"{name}, depth 10,000 / 10 x 1,000",
                nested(10_000, 1),
                runs_of(10, nested(1_000, 1)),
                1.5,
            )
            for name, nested in (("left-nested", left_nested), ("right-nested", right_nested))
        ),
    ]
