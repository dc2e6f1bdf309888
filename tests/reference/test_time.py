"""Chunks, retries, timeouts and rates, in the virtual time of the simulated loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from random import Random
from typing import Any, TypeVar

import pytest

from funcpipe_laws.simulation.loops.sim import SimLoop
from funcpipe_streams import (
    AsyncGen,
    Err,
    ErrInfo,
    Ok,
    RateLimit,
    Result,
    RetryPolicy,
    TimeoutPolicy,
    async_gen_chunk,
    async_gen_rate_limit,
    async_gen_timeout,
    async_gen_using,
    async_retry,
    async_timeout,
    closing_stream,
    collect,
)

from .recording import closed, resource, source

T = TypeVar("T")
BOOM = Err(ErrInfo("BOOM", "it broke"))


def simulated(main: Coroutine[Any, Any, T]) -> T:
    """Run on a loop whose clock starts at 0 and jumps to the next timer."""
    new_loop: Any = SimLoop
    loop = new_loop()
    try:
        result: T = loop.run_until_complete(main)
        return result
    finally:
        loop.close()


def now() -> float:
    return asyncio.get_running_loop().time()


def timed(*steps: tuple[float, Result[int, ErrInfo]]) -> AsyncGen[int]:
    """Items, each after so many seconds of work on it."""

    async def stream() -> AsyncIterator[Result[int, ErrInfo]]:
        for seconds, item in steps:
            await asyncio.sleep(seconds)
            yield item

    return stream


async def with_times(gen: AsyncGen[T]) -> list[tuple[float, Any]]:
    """What comes out, and when, counted from the start."""
    out = []
    started = now()
    async with closing_stream(gen()) as stream:
        async for item in stream:
            value = item.value if isinstance(item, Ok) else item
            out.append((round(now() - started, 6), value))
    return out


# ------------------------------------------------------------------ chunks


@pytest.mark.parametrize("max_seconds", [None, 100.0])
@pytest.mark.parametrize(
    ("given", "size", "expected"),
    [
        ([], 2, []),
        ([1, 2, 3], 1, [[1], [2], [3]]),
        ([1, 2, 3], 2, [[1, 2], [3]]),
        ([1, 2, 3, 4], 2, [[1, 2], [3, 4]]),
        ([1, None, 2, 3, None], 2, [[1], None, [2, 3], None]),
        ([None, None, 1], 5, [None, None, [1]]),
    ],
)
def test_chunks(
    given: list[int | None], size: int, expected: list[Any], max_seconds: float | None
) -> None:
    """No item lost, none out of order, no list too long or empty, twice."""
    gen = async_gen_chunk(
        timed(*((0, BOOM if each is None else Ok(each)) for each in given)), size, max_seconds
    )
    for _ in range(2):
        out = [item.value if isinstance(item, Ok) else None for item in simulated(collect(gen))]
        assert out == expected


def test_each_chunk_is_a_list_of_its_own() -> None:
    """The consumer may change it."""
    first, second = simulated(collect(async_gen_chunk(source(1, 2), 1)))
    assert isinstance(first, Ok) and isinstance(second, Ok)
    assert first.value is not second.value


def test_chunk_goes_out_in_time_while_the_source_is_idle() -> None:
    """Counted from its first value."""
    gen = timed((1, Ok(1)), (1, Ok(2)), (50, Ok(3)), (0, Ok(4)), (0, Ok(5)), (4, Ok(6)))
    out = simulated(with_times(async_gen_chunk(gen, 3, 5.0)))
    assert out == [(6, [1, 2]), (52, [3, 4, 5]), (56, [6])]


@pytest.mark.parametrize("max_seconds", [None, 5.0])
def test_chunk_before_an_exception_is_delivered(max_seconds: float | None) -> None:
    """Then the exception surfaces."""

    async def failing() -> AsyncIterator[Result[int, ErrInfo]]:
        yield Ok(1)
        raise KeyError("source")

    async def main() -> None:
        async with closing_stream(async_gen_chunk(failing, 5, max_seconds)()) as stream:
            assert await anext(stream) == Ok([1])
            with pytest.raises(KeyError, match="source"):
                await anext(stream)

    simulated(main())


@pytest.mark.parametrize("max_seconds", [None, 5.0])
def test_chunk_closes_its_source(max_seconds: float | None) -> None:
    """When `aclose` returns."""
    log: list[str] = []
    gen = async_gen_using(resource(log), lambda _: source(1, 2, 3))

    async def main() -> None:
        async with closing_stream(async_gen_chunk(gen, 2, max_seconds)()) as stream:
            assert await anext(stream) == Ok([1, 2])
        assert closed(log) == ["r"]

    simulated(main())


# ------------------------------------------------------------------ retry


class Attempts:
    """A plan that fails so many times, and when it was tried."""

    def __init__(self, failures: int, code: str = "BUSY") -> None:
        self.failures = failures
        self.code = code
        self.times: list[float] = []

    async def __call__(self) -> Result[int, ErrInfo]:
        self.times.append(round(now(), 6))
        await asyncio.sleep(0)
        tries = len(self.times)
        return Err(ErrInfo(self.code, str(tries))) if tries <= self.failures else Ok(tries)


POLICY = RetryPolicy(attempts=4, delays=(1.0, 2.0), codes=frozenset({"BUSY"}))


@pytest.mark.parametrize(
    ("failures", "code", "result", "times"),
    [
        (0, "BUSY", Ok(1), [0]),
        (2, "BUSY", Ok(3), [0, 1, 3]),
        (3, "BUSY", Ok(4), [0, 1, 3, 5]),
        (9, "BUSY", Err(ErrInfo("BUSY", "4")), [0, 1, 3, 5]),
        (9, "FATAL", Err(ErrInfo("FATAL", "1")), [0]),
    ],
)
def test_retry(failures: int, code: str, result: Any, times: list[float]) -> None:
    """Fresh calls, the delays of the policy, the last result; codes not named are final."""
    plan = Attempts(failures, code)

    async def main() -> tuple[Any, float]:
        return await async_retry(plan, POLICY)(), now()

    assert simulated(main()) == (result, times[-1])
    assert plan.times == times


def test_retry_with_jitter_is_reproducible() -> None:
    """The generator decides, within the part of the delay that is left to chance."""
    policy = RetryPolicy.exponential(attempts=4, first=1.0, ceiling=3.0, jitter=0.5)
    assert policy.delays == (1.0, 2.0, 3.0)
    runs = []
    for _ in range(2):
        plan = Attempts(9)
        simulated(run(async_retry(plan, policy, random=Random(7))))
        runs.append(plan.times)
    assert runs[0] == runs[1]
    gaps = [after - before for before, after in zip(runs[0], runs[0][1:], strict=False)]
    for gap, delay in zip(gaps, policy.delays, strict=True):
        assert delay / 2 <= gap < delay
    with pytest.raises(ValueError, match="needs a generator"):
        async_retry(Attempts(0), policy)


async def run(plan: Callable[[], Any]) -> Any:
    return await plan()


def test_cancellation_ends_the_wait_between_attempts() -> None:
    """At once, and no attempt follows; an exception is not tried again either."""
    plan = Attempts(9)

    async def main() -> None:
        task = asyncio.ensure_future(run(async_retry(plan, POLICY)))
        await asyncio.sleep(0.5)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert now() == 0.5

    simulated(main())
    assert plan.times == [0]

    async def defect() -> Result[int, ErrInfo]:
        plan.times.append(-1)
        raise KeyError("defect")

    with pytest.raises(KeyError):
        simulated(run(async_retry(defect, POLICY)))
    assert plan.times == [0, -1]


# ------------------------------------------------------------------ timeout

TIMEOUT_2 = Err(ErrInfo("TIMEOUT", "took longer than 2 s"))
TIMEOUT_25 = Err(ErrInfo("TIMEOUT", "took longer than 2.5 s"))


def test_plan_that_takes_too_long_is_an_error() -> None:
    """Its clean-up has been awaited by then; one in time gives its result."""
    log: list[str] = []

    async def slow() -> Result[int, ErrInfo]:
        async with resource(log, leaving=lambda: asyncio.sleep(1))():
            await asyncio.sleep(9)
        return Ok(1)

    async def main() -> None:
        assert await async_timeout(slow, TimeoutPolicy(total=2))() == TIMEOUT_2
        assert now() == 3
        assert closed(log) == ["r"]
        assert await async_timeout(slow, TimeoutPolicy(total=20))() == Ok(1)

    simulated(main())


def test_items_that_take_too_long_end_the_stream() -> None:
    """With one error; the source is released by then."""
    log: list[str] = []
    slow = timed((1, Ok(1)), (1, BOOM), (1, Ok(2)), (9, Ok(3)))
    gen = async_gen_using(resource(log), lambda _: slow)

    async def main() -> None:
        out = await with_times(async_gen_timeout(gen, TimeoutPolicy(per_item=2)))
        assert out == [(1, 1), (2, BOOM), (3, 2), (5, TIMEOUT_2)]
        out = await with_times(async_gen_timeout(gen, TimeoutPolicy(per_item=5, total=2.5)))
        assert out == [(1, 1), (2, BOOM), (2.5, TIMEOUT_25)]
        assert closed(log) == ["r", "r"]

    simulated(main())


def test_a_slow_consumer_costs_the_source_nothing() -> None:
    """The time of an item counts from its pull, and no scope is open while the consumer works."""

    async def main() -> None:
        gen = async_gen_timeout(timed((1, Ok(1)), (1, Ok(2))), TimeoutPolicy(per_item=2))
        async with closing_stream(gen()) as stream:
            async for item in stream:
                await asyncio.sleep(50)
                assert isinstance(item, Ok)

    simulated(main())


def test_other_timeouts_and_cancellations_surface() -> None:
    """A TimeoutError of the source's own, and the consumer's cancellation, are not the policy's."""

    async def own() -> AsyncIterator[Result[int, ErrInfo]]:
        for error in (TimeoutError("the source's own"),):
            raise error
        yield Ok(1)

    async def own_plan() -> Result[int, ErrInfo]:
        raise TimeoutError("the plan's own")

    policy = TimeoutPolicy(per_item=5)

    async def main() -> None:
        with pytest.raises(TimeoutError, match="source's own"):
            await collect(async_gen_timeout(own, policy))
        with pytest.raises(TimeoutError, match="plan's own"):
            await async_timeout(own_plan, policy)()
        task = asyncio.ensure_future(collect(async_gen_timeout(timed((4, Ok(1))), policy)))
        await asyncio.sleep(1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    simulated(main())


# ------------------------------------------------------------------ rate


def test_rate_limit() -> None:
    """A full bucket at the start, then one item each half second; no credit beyond the burst."""
    gen = timed(*((0, Ok(n)) for n in range(6)), (10, Ok(6)), (0, Ok(7)), (0, Ok(8)), (0, Ok(9)))
    out = simulated(with_times(async_gen_rate_limit(gen, RateLimit(per_second=2, burst=3))))
    assert [time for time, _ in out[:6]] == [0, 0, 0, 0.5, 1, 1.5]
    late = [time for time, _ in out[6:]]
    assert late[0] >= 11.5
    assert late[-1] - late[0] <= 1.5
    assert [value for _, value in out] == list(range(10))


def test_rate_limit_starts_anew_for_every_run() -> None:
    """Nothing is shared between runs."""
    gen = async_gen_rate_limit(timed((0, Ok(1)), (0, Ok(2))), RateLimit(per_second=1))

    async def main() -> None:
        for _ in range(2):
            assert await with_times(gen) == [(0, 1), (1, 2)]

    simulated(main())


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: RetryPolicy(attempts=0), "attempts must be at least 1, not 0"),
        (lambda: RetryPolicy(attempts=2, delays=(-1,)), "not negative: -1"),
        (lambda: RetryPolicy(attempts=2, jitter=2), "jitter must be between 0 and 1, not 2"),
        (lambda: RetryPolicy(attempts=2, codes="BUSY"), "codes must be a set, .* not 'BUSY'"),  # type: ignore[arg-type]
        (lambda: RetryPolicy(attempts=2, delays=0.5), "a tuple of seconds, .* not 0.5"),  # type: ignore[arg-type]
        (lambda: RetryPolicy(attempts=2, delays=("1",)), "delays must be a number, not '1'"),  # type: ignore[arg-type]
        (lambda: TimeoutPolicy(per_item="1"), "per_item must be a number, not '1'"),  # type: ignore[arg-type]
        (lambda: RateLimit(per_second=None), "per_second must be a number, not None"),  # type: ignore[arg-type]
        (lambda: async_gen_chunk(source(1), 1, "1"), "max_seconds must be a number, not '1'"),  # type: ignore[arg-type]
        (lambda: TimeoutPolicy(), "needs per_item or total"),
        (lambda: TimeoutPolicy(total=0), "total must be above 0 seconds, not 0"),
        (lambda: RateLimit(per_second=0), "per_second must be above 0 and finite, not 0"),
        (lambda: RateLimit(per_second=1, burst=0), "burst must be at least 1, not 0"),
        (lambda: async_gen_chunk(source(1), 0), "max_size must be at least 1, not 0"),
        (lambda: async_gen_chunk(source(1), 1, 0), "max_seconds must be above 0, not 0"),
    ],
)
def test_wrong_policies_are_refused(build: Callable[[], Any], message: str) -> None:
    """When they are made, naming the parameter and the value."""
    with pytest.raises((ValueError, TypeError), match=message):
        build()
